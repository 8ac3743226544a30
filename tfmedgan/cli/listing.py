"""What tfmedgan-train --list prints."""

import json

from rich.table import Table

from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.cli.console import stdout
from tfmedgan.config import Experiment
from tfmedgan.studies import PRESETS

COLUMNS = ("name", "document", "data", "image", "batch", "epochs")


def print_names(as_json: bool) -> None:
    """Architectures (toolkit's defaults) and presets (documents' values)."""
    entries = [
        _row(experiment)
        for registry in (ARCHITECTURES, PRESETS)
        for experiment in registry.values()
    ]
    if as_json:
        print(json.dumps([dict(zip(COLUMNS, row, strict=True)) for row in entries], indent=2))
        return
    for title, registry in (("--arch", ARCHITECTURES), ("--preset", PRESETS)):
        table = Table(*COLUMNS, title=title, title_justify="left", title_style="bold")
        for experiment in registry.values():
            table.add_row(*map(str, _row(experiment)))
        stdout.print(table)


def _row(experiment: Experiment) -> tuple:
    shape = "×".join(map(str, experiment.model.image_shape))
    document = experiment.paper or "the toolkit's own values"
    source = experiment.data.source
    return (experiment.name, document, source, shape, experiment.batch_size, experiment.epochs)
