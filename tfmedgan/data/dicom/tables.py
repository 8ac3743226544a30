"""Look-up tables of DICOM (PS3.3 C.11.1.1, C.11.2.1.1, C.7.6.3.1.5)."""

from dataclasses import dataclass

import numpy as np

from tfmedgan.errors import InputError, require


@dataclass(frozen=True)
class Table:
    """Entries for `first`, `first` + 1, …; values below and above have the outermost ones."""

    entries: np.ndarray
    first: int
    bits: int

    def __call__(self, values: np.ndarray) -> np.ndarray:
        index = np.round(values).astype(np.int64) - self.first
        return self.entries[np.clip(index, 0, len(self.entries) - 1)]


def read_table(dataset, item, name: str, prefix: str, signed: bool) -> Table | None:
    """The table of `item` in its tags prefix + Descriptor and prefix + Data.

    Args:
        dataset: whole data set, which knows the order of bytes.
        item: the data set or item of a sequence that has the tags.
        name: of the table, for errors.
        prefix: of the two tags.
        signed: whether the values that are looked up may be negative.

    Returns:
        None where either tag is absent.
    """
    descriptor, data = item.get(f"{prefix}Descriptor"), item.get(f"{prefix}Data")
    if descriptor is None or data is None:
        return None
    require(
        not isinstance(descriptor, int) and len(descriptor) == 3,
        f"DICOM {name} has a descriptor of {descriptor}; must be three numbers",
    )
    count, first, bits = (int(value) for value in descriptor)
    count = count & 0xFFFF or 0x10000
    first = first - 0x10000 if signed and first >= 0x8000 else first
    entries = _entries(data, count, bits, dataset.original_encoding[1] is not False)
    if entries is None or not 0 < bits <= 16:
        raise InputError(
            f"DICOM {name} has {bits} bits for {count} entries, and data of another length"
        )
    top = int(entries.max())
    require(top < 2**bits, f"DICOM {name} has the entry {top}, more than its {bits} bits hold")
    return Table(entries, first, bits)


def _entries(data, count: int, bits: int, little: bool) -> np.ndarray | None:
    """One entry in each 16-bit word, or two where they have 8 bits; None for another length."""
    if isinstance(data, bytes):
        even = data + b"\0" * (len(data) % 2)
        words = np.frombuffer(even, "<u2" if little else ">u2")
    else:
        words = np.atleast_1d(np.asarray(data, np.int64)) & 0xFFFF
    if len(words) == count:
        return words.astype(np.int64)
    if bits <= 8 and len(words) == (count + 1) // 2:
        return np.stack([words & 0xFF, words >> 8], 1).ravel()[:count].astype(np.int64)
    return None


def first_table(dataset, owner, sequence: str, signed: bool) -> Table | None:
    """The first whole table among the items of a sequence."""
    tables = (read_table(dataset, i, sequence, "LUT", signed) for i in owner.get(sequence) or ())
    return next((table for table in tables if table), None)
