"""A data set described: what it is, how to get it, and where each label stands."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from tfmedgan.errors import InputError, require

SPLITS = ("", "train", "validation", "test")


@dataclass(frozen=True)
class ManifestClass:
    """A class: the label as the files write it, its name for people, the expected count."""

    label: str
    name: str
    count: int | None = None


@dataclass(frozen=True)
class Listing:
    """One part of the layout: a CSV file of labels, or a pattern of image files."""

    split: str = ""  # the publisher's part: train, validation, test
    csv: str = ""  # path of a CSV file with a header line
    name: str = ""  # its column of image names
    label: str = ""  # its column of labels; with `glob`: the label of all files found
    patient: str = ""  # its column of patients
    split_column: str = ""  # its column of the publisher's parts
    image: str = "{name}"  # path of the image; the extension may be left out
    glob: str = ""  # pattern of image files, instead of a CSV
    mask: str = ""  # path of the image's mask, with {name}; or, of a CSV, its column of paths
    arrays: str = ""  # npz file, or folder of idx files, instead of both

    def __post_init__(self) -> None:
        kinds = [kind for kind in (self.csv, self.glob, self.arrays) if kind]
        require(len(kinds) == 1, "must have one of csv, glob, arrays")
        require(self.split in SPLITS, f"split is {self.split!r}; valid: {', '.join(SPLITS[1:])}")
        require(not self.csv or bool(self.name), "csv needs name, its column of image names")
        require(not (self.mask and self.arrays), "arrays have their masks in them; leave out mask")
        require(
            bool(self.csv) or not self.mask or "{name}" in self.mask,
            f"mask is {self.mask!r}; below a glob it needs {{name}}, the image's without extension",
        )
        for key, text in (("image", self.image), ("mask", self.mask)):
            wrong = [place for place in re.findall(r"\{[^}]*\}?", text) if place != "{name}"]
            require(not wrong, f"{key} is {text!r}; of places in braces there is {{name}} only")
        for path in (self.csv, self.glob, self.arrays, self.image, self.mask):
            pure = PurePosixPath(path)
            require(
                ".." not in pure.parts and not pure.is_absolute(),
                f"{path!r} leads outside of the data's folder",
            )


@dataclass(frozen=True)
class Manifest:
    """A data set; the fields are the keys of the YAML file."""

    name: str
    title: str
    homepage: str
    licence: str
    redistribution: bool
    citation: str
    obtain: str  # how a person gets the files
    classes: tuple[ManifestClass, ...]
    layout: tuple[Listing, ...]
    roots: tuple[str, ...] = (".",)  # subfolders in which the layout may begin
    patient_pattern: str = ""  # regular expression on image names; group 1 is the patient
    group_pattern: str = ""  # the same for copies that belong to one original
    columns: tuple[str, ...] = ()  # of the CSV files, to keep with each image: sex, site
    checksums: tuple[tuple[str, str], ...] = ()  # (path, sha256)
    notes: str = ""

    def __post_init__(self) -> None:
        labels = [cls.label for cls in self.classes]
        require(len(set(labels)) == len(labels), "two classes have the same label")
        require(len({cls.name for cls in self.classes}) == len(labels), "two classes have one name")
        require(bool(self.layout), "layout is empty; list at least one csv, glob or arrays")
        alone = len(self.layout) == 1 and not self.layout[0].split
        require(
            alone or not any(listing.arrays for listing in self.layout),
            "arrays are a whole layout, without a split; leave the others out",
        )
        tables = any(listing.csv for listing in self.layout)
        require(tables or not self.columns, "columns are those of a csv, which layout has none of")
        for key in ("patient_pattern", "group_pattern"):
            _check_pattern(key, getattr(self, key))
        for path, digest in self.checksums:
            whole = re.fullmatch("[0-9a-fA-F]{64}", digest)
            require(whole, f"checksums: {path}: {digest!r} is no SHA-256 of 64 hexadecimal digits")

    @property
    def has_masks(self) -> bool:
        """Whether a part of the layout names masks."""
        return any(listing.mask for listing in self.layout)

    def card(self) -> dict:
        """What results repeat about the data: title, licence, citation, home page."""
        keys = ("name", "title", "homepage", "licence", "redistribution", "citation")
        return {key: getattr(self, key) for key in keys}


def _check_pattern(key: str, pattern: str) -> None:
    try:
        groups = re.compile(pattern).groups
    except re.error:
        raise InputError(f"{key} is not a regular expression: {pattern!r}") from None
    require(not pattern or groups >= 1, f"{key} {pattern!r} needs a group in parentheses")
