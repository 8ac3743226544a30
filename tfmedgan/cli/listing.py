"""What tfmedgan-train --list prints; updates are those of the generator."""

from itertools import chain

from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.cli.console import result_json, stdout
from tfmedgan.cli.tables import Table, without_shared
from tfmedgan.config import Experiment
from tfmedgan.costs import PFLOP_AN_HOUR, petaflops, training_images, updates
from tfmedgan.papers import PRESETS

COLUMNS = (
    "name", "document", "data", "images (about)", "size", "batch", "epochs", "updates", "PFLOP"
)  # fmt: skip
LEGEND = (
    "PFLOP: 10¹⁵ floating-point operations of convolutions and matrix products in the whole run; "
    f"the two cores of benchmarks/speed.md do about {PFLOP_AN_HOUR:g} in an hour."
)


def print_names(as_json: bool) -> None:
    """Architectures (toolkit's defaults) and presets (documents' values)."""
    groups = {"--arch": list(ARCHITECTURES.values())}
    for name, experiment in PRESETS.items():
        groups.setdefault(f"--preset, {name.partition('/')[0]}", []).append(experiment)
    rows = {title: [_row(e) for e in group] for title, group in groups.items()}
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


def _row(experiment: Experiment) -> tuple:
    """The cells of one row; an architecture of one's own has no cost."""
    size = "×".join(map(str, experiment.model.image_shape))
    document = experiment.paper or "the toolkit's own values"
    images = training_images(experiment)
    cost = petaflops(experiment, images)
    return (
        experiment.name, document, experiment.data.source, images, size, experiment.batch_size,
        experiment.epochs, updates(experiment, images), "" if cost is None else round(cost, 3),
    )  # fmt: skip
