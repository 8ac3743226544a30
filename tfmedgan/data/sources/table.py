"""A CSV file that lists images with their labels, without a manifest that explains it."""

from dataclasses import replace
from pathlib import Path

from tfmedgan.data.manifest import Listing, Manifest, ManifestClass
from tfmedgan.data.records import ImageSet
from tfmedgan.data.sources.csv_rows import columns_of, rows_of, what_is_there
from tfmedgan.data.sources.manifested import described
from tfmedgan.errors import require

FIELDS = {  # column → field of a `Listing`
    "image": "name",
    "label": "label",
    "patient": "patient",
    "part": "split_column",
    "mask": "mask",
}


def open_table(
    source: str,
    path: Path,
    allow_missing: bool = False,
    skip_bad: bool = False,
    classes: tuple[str, ...] = (),
) -> ImageSet:
    """The images of column `image`, paths from the folder of the CSV file; extensions are optional.

    Other columns that count: `label`, `patient`, `part` (train, validation, test) and `mask`. The
    card's notes name those that do not; they are kept with the images for `--by` and `--sites`.

    Raises:
        InputError: as `open_manifest`, and for a file without a column `image`.
    """
    require(path.is_file(), f"file {path} does not exist")
    columns = columns_of(path)
    found = _meant(path, columns)
    listing = Listing(csv=path.name, **{FIELDS[name]: column for name, column in found.items()})
    labels = _labels(path, found["label"]) if "label" in found else []
    free = [column for column in columns if column and column not in found.values()]
    others = tuple(column for column in free if free.count(column) == 1)
    manifest = Manifest(
        name=path.stem,
        title=path.name,
        homepage="",
        licence="",
        redistribution=False,
        citation="",
        obtain="",
        classes=tuple(ManifestClass(label, label) for label in labels),
        layout=(listing,),
        columns=others,  # two of one name are nobody's
    )
    images = described(source, manifest, path.parent, allow_missing, skip_bad, classes)
    kept = {key: value for key, value in images.card.items() if key not in manifest.card()}
    notes = (*_unused(path, found, free), *kept["notes"])
    return replace(images, card={"title": path.name, **kept, "notes": notes})


def _meant(path: Path, columns: list[str]) -> dict[str, str]:
    """The columns that count, by their names in small letters."""
    found: dict[str, str] = {}
    for column in columns:
        name = column.casefold()
        if name in FIELDS:
            former = found.setdefault(name, column)
            require(
                former == column, f"{path}: {former!r} and {column!r} are one column; rename one"
            )
    require(
        "image" in found,
        f"{path}: no column 'image'; {what_is_there(columns)}; rename the one of paths, "
        "that of classes to 'label' and that of patients to 'patient', or name them in a "
        "manifest .yaml",
    )
    return found


def _labels(path: Path, column: str) -> list[str]:
    """The labels of a column: numbers by their size if all are numbers, else as words."""
    labels = {row[column] for _, row, _ in rows_of(path, [column])} - {""}
    numbers = all(map(str.isdecimal, labels))
    return sorted(sorted(labels), key=int if numbers else str)


def _unused(path: Path, found: dict[str, str], others: list[str]) -> list[str]:
    """A note on columns that training makes nothing of."""
    used = ", ".join(found.values())
    return [f"{path}: columns used: {used}; not used: {', '.join(others)}"] if others else []
