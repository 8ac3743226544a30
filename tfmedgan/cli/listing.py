"""What tfmedgan-train --list prints; updates are those of the generator."""

import json
from itertools import chain
from pathlib import Path

from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.cli.console import result_json, stdout
from tfmedgan.cli.tables import Table, without_shared
from tfmedgan.config import Experiment
from tfmedgan.data.manifest import find_manifest
from tfmedgan.data.sources import open_source
from tfmedgan.papers import PRESETS

COLUMNS = (
    "name", "document", "data", "images (about)", "size", "batch", "epochs", "updates", "PFLOP"
)  # fmt: skip
COSTS = Path(__file__).with_name("costs.json")  # written by benchmarks/costs.py
LEGEND = (
    "PFLOP: 10¹⁵ floating-point operations of convolutions and matrix products in the whole run; "
    "the two cores of benchmarks/speed.md do about one in an hour."
)


def print_names(as_json: bool) -> None:
    """Architectures (toolkit's defaults) and presets (documents' values)."""
    costs = json.loads(COSTS.read_text())
    groups = {"--arch": list(ARCHITECTURES.values())}
    for name, experiment in PRESETS.items():
        groups.setdefault(f"--preset, {name.partition('/')[0]}", []).append(experiment)
    rows = {title: [_row(e, costs) for e in group] for title, group in groups.items()}
    if as_json:
        result_json([dict(zip(COLUMNS, row, strict=True)) for row in chain(*rows.values())])
        return
    for title, group in rows.items():
        stdout.print(table(title, group))
        stdout.print()
    stdout.print(LEGEND)


def table(title: str, rows: list[tuple]) -> Table:
    """The rows; what is alike in all of them stands below."""
    document = title.rpartition(" ")[2]
    shown = [
        (name, said.removeprefix(document).strip(", ") or document, *others)
        for name, said, *others in rows
    ]
    head = [name.removesuffix(" (about)") for name in COLUMNS]
    head, shown, shared = without_shared(head, shown)
    return Table(head, shown, title, shared)


def _row(experiment: Experiment, costs: dict[str, float]) -> tuple:
    """The cells of one row.

    Args:
        costs: 10⁹ operations a real image, by name; an architecture of one's own has none.
    """
    size = "×".join(map(str, experiment.model.image_shape))
    document = experiment.paper or "the toolkit's own values"
    images = _training_images(experiment)
    updates = experiment.epochs * experiment.model.steps_per_epoch(images, experiment.batch_size)
    shown = updates * experiment.model.images_per_step(experiment.batch_size)
    cost = round(shown * costs[experiment.name] / 1e6, 3) if experiment.name in costs else ""
    return (
        experiment.name, document, experiment.data.source, images, size, experiment.batch_size,
        experiment.epochs, updates, cost,
    )  # fmt: skip


def _training_images(experiment: Experiment) -> int:
    """How many images the experiment trains on, by what is published of its data set."""
    data = experiment.data
    kind, name = data.source.split(":")[:2]
    if kind == "manifest":
        classes = find_manifest(name).classes
        published = sum(c.count or 0 for c in classes if not data.classes or c.name in data.classes)
    else:
        published = len(open_source(data.source).records)
    return min(round(published * data.fractions[0]), data.images or published)
