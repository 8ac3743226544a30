"""Tables that no study at the document's own scale has: what they would ask for, and of whom."""

from collections.abc import Collection

from tfmedgan.data.manifest_file import find_manifest
from tfmedgan.papers import PRESETS, TABLES
from tfmedgan.papers.reported import Table
from tfmedgan.reporting.formatting import MISSING
from tfmedgan.reproduction.planned import paper_hours


def not_run(done: Collection[str]) -> list[tuple[Table, str, str]]:
    """Each table that is not done, with hours on two cores and where its images come from."""
    return [(t, _hours(t), _images(t)) for key, t in TABLES.items() if key not in done]


def _hours(table: Table) -> str:
    hours, seeds = paper_hours(table), table.scales["paper"].seeds
    if hours is None:
        return MISSING
    classifiers = " and the classifiers" if table.kind == "downstream" else ""
    return f"{seeds} × {float(f'{hours:.2g}'):,g}{classifiers}"


def _images(table: Table) -> str:
    """Where the images of its own scale come from."""
    presets = [row.preset for row in table.rows if row.preset]
    presets += [preset for _, preset in table.generators]
    sources = dict.fromkeys(PRESETS[preset].data.source for preset in presets)
    names = [s.removeprefix("manifest:") for s in sources if s.startswith("manifest:")]
    return "; ".join(f"{name}: {find_manifest(name).obtain}" for name in names) or MISSING
