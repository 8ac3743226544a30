"""What tfmedgan-study list prints: tables, and the generator updates that each scale takes."""

from tfmedgan.cli.console import result_json, stdout
from tfmedgan.cli.tables import Table as Sheet
from tfmedgan.papers import TABLES
from tfmedgan.papers.reported import SCALES, Table
from tfmedgan.reproduction.planned import paper_hours, planned_updates
from tfmedgan.reproduction.table_kinds import KINDS

CAPTION = (
    "updates of all generators × seeds; minutes on two busy cores where measured; hours of "
    "paper's generators, all seeds, on two cores, reckoned"
)


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
    costs = {name: _cost(table, name) for name in SCALES}
    return {**facts, "measured": table.kind in KINDS, **costs}


def _cost(table: Table, name: str) -> dict:
    """Updates of one seed, seeds, minutes where they were measured, and hours of one seed."""
    scale = table.scales[name]
    hours = paper_hours(table) if name == "paper" else None
    return {
        "updates": planned_updates(table, scale),
        "seeds": scale.seeds,
        "minutes": scale.minutes,
        "hours": hours,
    }


def _updates_text(cost: dict) -> str:
    minutes = f", {cost['minutes']} min" if cost["minutes"] else ""
    hours = f", {cost['hours'] * cost['seeds']:.2g} h" if cost["hours"] else ""
    return f"{cost['updates'] or '–'} × {cost['seeds']}{minutes}{hours}"
