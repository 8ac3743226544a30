"""What tfmedgan-study list prints: tables, and the generator updates that each scale takes."""

import json

from tfmedgan.cli.console import result_json, stdout
from tfmedgan.cli.tables import Table as Sheet
from tfmedgan.config import Experiment
from tfmedgan.data.manifest import find_manifest
from tfmedgan.data.sources import open_source
from tfmedgan.papers import PRESETS, TABLES
from tfmedgan.papers.reported import SCALES, Scale, Table
from tfmedgan.reproduction.scaling import scaled, scaled_epochs, what_trains
from tfmedgan.reproduction.table_kinds import KINDS

CAPTION = "updates of all generators × seeds, and minutes on two busy cores where measured"


def print_tables(as_json: bool) -> None:
    """All tables of all documents."""
    entries = [_entry(table) for table in TABLES.values()]
    if as_json:
        result_json(entries)
        return
    rows = [
        [e["table"], e["title"] + ("" if e["measured"] else " (not measured)")]
        + [_updates_text(e[scale]) for scale in SCALES]
        for e in entries
    ]
    stdout.print(Sheet(["table", "what", *SCALES], rows, caption=CAPTION))


def _entry(table: Table) -> dict:
    facts = {"table": table.key, "title": table.title, "kind": table.kind, "rows": len(table.rows)}
    costs = {name: _cost(table, table.scales[name]) for name in SCALES}
    return {**facts, "measured": table.kind in KINDS, **costs}


def _cost(table: Table, scale: Scale) -> dict:
    """Updates of one seed, seeds, and minutes on two cores where they were measured.

    No updates are given for data sets whose number of images is not published by class.
    """
    longest: dict[str, int] = {}
    for row in table.rows:
        if not row.preset:
            continue
        experiment = scaled(PRESETS[row.preset], scale)
        epochs = scaled_epochs(row.epoch, scale) if row.epoch else experiment.epochs
        images = _images(experiment, table)
        if not images:
            return {"updates": None, "seeds": scale.seeds, "minutes": scale.minutes}
        updates = epochs * experiment.model.steps_per_epoch(images, experiment.batch_size)
        key = json.dumps(what_trains(experiment), sort_keys=True)
        longest[key] = max(updates, longest.get(key, 0))
    return {"updates": sum(longest.values()), "seeds": scale.seeds, "minutes": scale.minutes}


def _updates_text(cost: dict) -> str:
    minutes = f", {cost['minutes']} min" if cost["minutes"] else ""
    return f"{cost['updates'] or '–'} × {cost['seeds']}{minutes}"


def _images(experiment: Experiment, table: Table) -> int:
    """Training images, by what is published of the data set."""
    data = experiment.data
    counts = _published(data.source)
    names = next((c for c in table.classes if set(c) <= set(counts)), tuple(counts))
    count = round(sum(counts[name] for name in names) * data.fractions[0])
    return min(count, data.images or count)


def _published(source: str) -> dict[str, int]:
    if source.startswith("manifest:"):
        return {c.name: c.count or 0 for c in find_manifest(source.split(":")[1]).classes}
    return open_source(source).counts()
