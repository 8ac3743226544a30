"""The parts of a manifest's layout → records: CSV files of labels, and patterns of files."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

from tfmedgan.data.manifest import Listing, Manifest
from tfmedgan.data.records import Record
from tfmedgan.data.sources.folder import SPLIT_NAMES, patient_of
from tfmedgan.data.sources.paths import inside, is_image
from tfmedgan.errors import InputError, require


class Listings:
    """Reads the layout of one manifest below one folder.

    Attributes:
        missing: names of listed images that are absent, with their part, after `records`.
        skipped: (line, reason) of rows that cannot be used, when `skip_bad`.
    """

    def __init__(self, manifest: Manifest, root: Path, skip_bad: bool = False):
        self.manifest, self.root, self.skip_bad = manifest, root, skip_bad
        self.missing: list[tuple[str, str]] = []
        self.skipped: list[tuple[str, str]] = []
        self._folders: dict[Path, dict[str, list[Path]]] = {}

    def records(self) -> list[Record]:
        """The records of all parts, in the order of the manifest.

        Raises:
            InputError: naming the file and line.
        """
        found = []
        for listing in self.manifest.layout:
            found += self._from_csv(listing) if listing.csv else self._from_glob(listing)
        return found

    def _from_glob(self, listing: Listing) -> Iterator[Record]:
        label = self._label(listing.label, f"{self.manifest.name}: layout {listing.glob}")
        for path in sorted(self.root.glob(listing.glob)):
            if is_image(path):
                name = path.relative_to(self.root).as_posix()
                group = self._group(inside(self.root, name))
                yield Record(name, label, path, group, listing.split)

    def _from_csv(self, listing: Listing) -> Iterator[Record]:
        path = inside(self.root, listing.csv)
        seen: dict[str, int] = {}
        for line, row in _rows(path, listing):
            where = f"{path} line {line}"
            try:
                record = self._row(listing, row, where)
                earlier = seen.setdefault(row[listing.name], line)
                require(
                    earlier == line, f"{where}: {row[listing.name]} stands in line {earlier} too"
                )
            except InputError as error:
                if not self.skip_bad:
                    raise
                self.skipped.append((f"{listing.csv} line {line}", str(error)))
                continue
            if record:
                yield record

    def _row(self, listing: Listing, row: dict[str, str], where: str) -> Record | None:
        needed = (listing.name, listing.label, listing.split_column)
        empty = [column for column in needed if column and not row[column]]
        require(not empty, f"{where}: no value for {', '.join(empty)}")
        split = listing.split
        if listing.split_column:
            split = SPLIT_NAMES.get(row[listing.split_column].lower(), "")
            value = repr(row[listing.split_column])
            require(bool(split), f"{where}: part {value} is none of {', '.join(SPLIT_NAMES)}")
        label = self._label(row[listing.label] if listing.label else "", where)
        relative = listing.image.replace("{name}", row[listing.name])
        file = self._file(relative, where)
        if file is None:
            self.missing.append((relative, split))
            return None
        group = row[listing.patient] if listing.patient else self._group(file)
        return Record(file.relative_to(self.root).as_posix(), label, file, group, split)

    def _label(self, label: str, where: str) -> int:
        labels = [c.label for c in self.manifest.classes]
        require(
            not labels or label in labels,
            f"{where}: label {label!r} is none of {', '.join(labels)}",
        )
        return labels.index(label) if labels else 0

    def _file(self, relative: str, where: str) -> Path | None:
        """The file of that path, whose extension may be left out; None when it is absent."""
        path = inside(self.root, relative)
        if is_image(path):
            return path if path.is_file() else None
        if path.parent not in self._folders:
            self._folders[path.parent] = _by_stem(path.parent)
        found = self._folders[path.parent].get(path.name, [])
        require(
            len(found) < 2,
            f"{where}: two files for one name: {', '.join(p.name for p in found)}; remove one",
        )
        return inside(self.root, found[0].relative_to(self.root)) if found else None

    def _group(self, path: Path) -> str:
        for pattern in (self.manifest.group_pattern, self.manifest.patient_pattern):
            match = re.match(pattern, path.name) if pattern else None
            if match:
                return match.group(1)
        return patient_of(path)


def _by_stem(folder: Path) -> dict[str, list[Path]]:
    stems: dict[str, list[Path]] = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if is_image(path):
            stems.setdefault(path.stem, []).append(path)
    return stems


def _rows(path: Path, listing: Listing) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows with their line numbers; blanks around names and values, and empty rows, dropped."""
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file)
            header = [column.strip() for column in next(reader, [])]
            _check_columns(path, header, listing)
            for values in reader:
                row = dict(zip(header, (value.strip() for value in values), strict=False))
                if any(row.values()):
                    yield reader.line_num, dict.fromkeys(header, "") | row
    except (csv.Error, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not a CSV file in UTF-8: {error}") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None


def _check_columns(path: Path, header: list[str], listing: Listing) -> None:
    wanted = (listing.name, listing.label, listing.patient, listing.split_column)
    absent = [repr(column) for column in wanted if column and column not in header]
    there = ", ".join(repr(column) for column in header if column)
    require(not absent, f"{path}: no column {', '.join(absent)}; it has: {there or 'none'}")
