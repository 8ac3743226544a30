"""The parts of a manifest's layout → records: CSV files of labels, and patterns of files."""

import re
from collections.abc import Iterator
from pathlib import Path

from tfmedgan.data.manifest import Listing, Manifest
from tfmedgan.data.readers import SUFFIXES
from tfmedgan.data.records import Record
from tfmedgan.data.sources.csv_rows import rows_of
from tfmedgan.data.sources.folder import patient_of
from tfmedgan.data.sources.layout import SPLIT_NAMES
from tfmedgan.data.sources.left_out import LeftOut, is_system, other_kind, system_kind
from tfmedgan.data.sources.paths import inside
from tfmedgan.errors import InputError, require


class Listings:
    """Reads the layout of one manifest below one folder.

    Attributes:
        missing: name, part and label of listed images that are absent, after `records`.
        skipped: (line, reason) of rows that cannot be used, when `skip_bad`.
        left: files that a pattern fits and that are no images.
    """

    def __init__(self, manifest: Manifest, root: Path, skip_bad: bool = False):
        self.manifest, self.root, self.skip_bad = manifest, root, skip_bad
        self.missing: list[tuple[str, str, int]] = []
        self.skipped: list[tuple[str, str]] = []
        self.left = LeftOut()
        self._folders: dict[Path, dict[str, list[Path]]] = {}

    def records(self) -> list[Record]:
        """The records of all parts, in the order of the manifest.

        Raises:
            InputError: naming the file and line.
        """
        records: list[Record] = []
        for listing in self.manifest.layout:
            records += self._from_csv(listing) if listing.csv else self._from_glob(listing)
        return records

    def _from_glob(self, listing: Listing) -> Iterator[Record]:
        where = f"{self.manifest.name}: layout {listing.glob}"
        label = self._label(listing.label, where)
        for path in self._files(listing.glob, where):
            name = path.relative_to(self.root)
            system = [system_kind(part) for part in name.parts if is_system(part)]
            if kind := system[0] if system else other_kind(path):
                self.left.add(kind, name.as_posix())
                continue
            group = self._group(inside(self.root, name))
            mask = self._mask(listing, path.stem, {}, listing.glob)
            yield Record(name.as_posix(), label, path, group, listing.split, mask=mask)

    def _files(self, pattern: str, where: str) -> list[Path]:
        try:
            return [path for path in sorted(self.root.glob(pattern)) if not path.is_dir()]
        except ValueError:
            raise InputError(
                f"{where}: is no pattern of files; ** stands alone between slashes"
            ) from None

    def _from_csv(self, listing: Listing) -> Iterator[Record]:
        path = inside(self.root, listing.csv)
        seen: dict[str, int] = {}
        for line, row, too_many in rows_of(path, self._columns(listing)):
            where = f"{path} line {line}"
            try:
                require(
                    not too_many,
                    f"{where}: {too_many} values for {len(row)} columns; put values that hold a "
                    'comma between quotation marks ("a, b")',
                )
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

    def _columns(self, listing: Listing) -> list[str]:
        """The columns that are read."""
        mask = "" if "{name}" in listing.mask else listing.mask
        named = (listing.name, listing.label, listing.patient, listing.split_column, mask)
        return [column for column in (*named, *self.manifest.columns) if column]

    def _row(self, listing: Listing, row: dict[str, str], where: str) -> Record | None:
        needed = (listing.name, listing.label, listing.split_column)
        empty = [column for column in needed if column and not row[column]]
        require(not empty, f"{where}: no value for {', '.join(empty)}")
        split = listing.split
        if listing.split_column:
            split = SPLIT_NAMES.get(row[listing.split_column].lower(), "")
            value = repr(row[listing.split_column])
            require(bool(split), f"{where}: part {value} is none of {', '.join(SPLIT_NAMES)}")
        label = self._label(row[listing.label] if listing.label else "", where, listing.label)
        relative = listing.image.replace("{name}", row[listing.name])
        file = self._file(relative, where)
        if file is None:
            self.missing.append((relative, split, label))
            return None
        group = row[listing.patient] if listing.patient else self._group(file)
        name = file.relative_to(self.root).as_posix()
        columns = tuple((column, row[column]) for column in self.manifest.columns)
        mask = self._mask(listing, _stem(row[listing.name]), row, where)
        return Record(name, label, file, group, split, columns=columns, mask=mask)

    def _mask(self, listing: Listing, stem: str, row: dict[str, str], where: str) -> Path | None:
        """The file of an image's mask, whose extension may be left out; None when there is none."""
        pattern = "{name}" in listing.mask
        relative = listing.mask.replace("{name}", stem) if pattern else row.get(listing.mask, "")
        return self._file(relative, where) if relative else None

    def _label(self, label: str, where: str, column: str = "") -> int:
        labels = [c.label for c in self.manifest.classes]
        if labels and label not in labels:
            place = f" (column {column})" if column else ""
            near = _nearest(label, labels)
            hint = f"; write {near}" if near else ""
            raise InputError(
                f"{where}: label {label!r} is none of {', '.join(labels)}{place}{hint}"
            )
        return labels.index(label) if labels else 0

    def _file(self, relative: str, where: str) -> Path | None:
        """The file of that path, whose extension may be left out; None when it is absent."""
        path = inside(self.root, relative)
        if path.is_file():
            return path
        if path.suffix.lower() in SUFFIXES:
            return None
        if path.parent not in self._folders:
            self._folders[path.parent] = _by_stem(path.parent)
        files = self._folders[path.parent].get(path.name, [])
        require(
            len(files) < 2,
            f"{where}: two files for one name: {', '.join(p.name for p in files)}; remove one",
        )
        return inside(self.root, files[0].relative_to(self.root)) if files else None

    def _group(self, path: Path) -> str:
        for pattern in (self.manifest.group_pattern, self.manifest.patient_pattern):
            match = re.match(pattern, path.name) if pattern else None
            if match:
                return match.group(1)
        return patient_of(path)


def _nearest(label: str, labels: list[str]) -> str:
    """The label that was meant: the same number, or the same word in other letters."""
    for known in labels:
        try:
            same = float(known) == float(label)
        except ValueError:
            same = known.casefold() == label.casefold()
        if same:
            return known
    return ""


def _stem(name: str) -> str:
    """A name without the extension of an image, if it has one."""
    return name.removesuffix(ext) if (ext := Path(name).suffix).lower() in SUFFIXES else name


def _by_stem(folder: Path) -> dict[str, list[Path]]:
    stems: dict[str, list[Path]] = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.suffix.lower() in SUFFIXES and not is_system(path.name):
            stems.setdefault(path.stem, []).append(path)
    return stems
