"""Splits into train, validation and test that keep groups together."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from tfmedgan.data.duplicates import grouped
from tfmedgan.data.records import Record
from tfmedgan.data.split_file import PARTS, Split
from tfmedgan.errors import require
from tfmedgan.seeding import rng

Pairs = Sequence[tuple[int, int, int]]
NAMED = 3  # pairs or images named in a warning


def make_split(
    records: Sequence[Record],
    fractions: tuple[float, float, float],
    seed: int,
    pairs: Pairs = (),
    threshold: int | None = None,
) -> Split:
    """Divide the records; patients and near-duplicates are never on both sides.

    Where the records carry the publisher's parts these are kept, and members of train or
    validation that have a near-duplicate, or the same patient, in a later part are dropped.
    Otherwise each class is divided by `fractions`, whole groups at a time.

    Args:
        fractions: shares of train, validation and test.
        seed: of the order in which groups are dealt out.
        pairs: near-duplicates, as `tfmedgan.data.duplicates.near_pairs` gives them.
        threshold: that the pairs were found with, for the record.
    """
    group_of = grouped(len(records), pairs, [record.group for record in records])
    warnings = _label_warnings(records, pairs)
    if any(record.split for record in records):
        parts, dropped = _published(records, group_of)
    else:
        parts, dropped = _stratified(records, group_of, fractions, seed), []
    if not any(parts[part] for part in PARTS[1:]) and any(fractions[1:]):
        warnings.append(_nothing_held_out(records, group_of))
    if dropped:
        warnings.append(
            f"images dropped: {len(dropped)}, because a copy, or the same patient, is in a later "
            f"part of the publisher's split: {', '.join(name for name, _ in dropped[:NAMED])}"
        )
    train, validation, test = (tuple(parts[part]) for part in PARTS)
    return Split(
        train,
        validation,
        test,
        groups=_groups(records, group_of),
        threshold=threshold,
        dropped=tuple(dropped),
        warnings=tuple(warnings),
    )


def require_no_leak(
    records: Sequence[Record], split: Split, pairs: Pairs, origin: str, same_masks: Pairs = ()
) -> None:
    """Refuse a split with a patient, near-duplicates, or one mask, in two parts.

    Args:
        origin: the split's file, for the error.

    Raises:
        InputError: naming the first pair.
    """
    part_of = {name: part for part in PARTS for name in getattr(split, part)}
    alike = [(records[a].name, records[b].name, "near-duplicates") for a, b, _ in pairs]
    alike += [(records[a].name, records[b].name, "of one mask") for a, b, _ in same_masks]
    first_of: dict[str, str] = {}
    for record in records:
        if record.group and record.name in part_of:
            first = first_of.setdefault(record.group, record.name)
            alike.append((first, record.name, f"of the same patient, {record.group}"))
    for a, b, reason in alike:
        parts = part_of.get(a), part_of.get(b)
        require(
            None in parts or parts[0] == parts[1],
            f"{origin}: leak: {a} in {parts[0]} and {b} in {parts[1]} are {reason}; keep them in "
            "one part, or make a new split with `tfmedgan-data split`",
        )


def _published(
    records: Sequence[Record], group_of: np.ndarray
) -> tuple[dict[str, list[str]], list[tuple[str, str]]]:
    """The publisher's parts, without the members of earlier parts whose group is in a later."""
    rank = [PARTS.index(record.split or "train") for record in records]
    last = np.zeros(group_of.max() + 1, int)
    np.maximum.at(last, group_of, rank)
    parts: dict[str, list[str]] = {part: [] for part in PARTS}
    dropped = []
    for record, own, group in zip(records, rank, group_of, strict=True):
        if own == last[group]:
            parts[PARTS[own]].append(record.name)
        else:
            reason = f"same group as an image in {PARTS[last[group]]}"
            dropped.append((record.name, reason))
    return parts, dropped


def _stratified(
    records: Sequence[Record], group_of: np.ndarray, fractions: tuple[float, ...], seed: int
) -> dict[str, list[str]]:
    """Whole groups, the largest first, each to the part that lacks most of its classes."""
    labels = np.array([record.label for record in records])
    counts = np.zeros((group_of.max() + 1, labels.max() + 1))
    np.add.at(counts, (group_of, labels), 1)
    lacking = np.outer(fractions, counts.sum(axis=0))
    usable = [index for index, fraction in enumerate(fractions) if fraction > 0]
    order = rng(seed, "split").permutation(len(counts))
    order = order[np.argsort(-counts[order].sum(axis=1), kind="stable")]
    part_of = np.zeros(len(counts), int)
    for group in order:
        part = max(usable, key=lambda index: float(lacking[index] @ counts[group]))
        part_of[group] = part
        lacking[part] -= counts[group]
    parts: dict[str, list[str]] = {part: [] for part in PARTS}
    for record, group in zip(records, group_of, strict=True):
        parts[PARTS[part_of[group]]].append(record.name)
    return parts


def _groups(records: Sequence[Record], group_of: np.ndarray) -> tuple[tuple[str, ...], ...]:
    sizes = np.bincount(group_of)
    members: dict[int, list[str]] = {}
    for record, group in zip(records, group_of, strict=True):
        if sizes[group] > 1:
            members.setdefault(int(group), []).append(record.name)
    return tuple(tuple(names) for names in members.values())


def _label_warnings(records: Sequence[Record], pairs: Pairs) -> list[str]:
    """Pairs of near-duplicates that the data set puts into different classes."""
    odd = [(records[a], records[b]) for a, b, _ in pairs if records[a].label != records[b].label]
    if not odd:
        return []
    named = "; ".join(f"{a.name} and {b.name}" for a, b in odd[:NAMED])
    return [f"near-duplicates with different labels: {len(odd)} pairs, such as {named}"]


def _nothing_held_out(records: Sequence[Record], group_of: np.ndarray) -> str:
    """That no image is left to judge by, and the group that may be the reason."""
    sizes = np.bincount(group_of)
    count, largest = sizes.max(), sizes.argmax()
    patients = Counter(r.group for r, g in zip(records, group_of, strict=True) if g == largest)
    patient, named = patients.most_common(1)[0]
    reason = "the publisher's split has none" if any(record.split for record in records) else ""
    if not reason and count > len(records) / 2:
        whom = f"the patient {patient!r}" if patient and named > count / 2 else "one picture"
        reason = (
            f"{count} of {len(records)} are of {whom}, and such images stay together; if that is "
            "not so, name the patients in a manifest, or give a split of your own"
        )
    return (
        "no images are held out, so that nothing can be measured on images that training has not "
        f"seen: {reason or 'there are too few'}"
    )


def part_counts(
    records: Sequence[Record], split: Split, class_names: Sequence[str]
) -> dict[str, dict]:
    """Number of images of each class in each part."""
    part_of = {name: part for part in PARTS for name in getattr(split, part)}
    tally = Counter((part_of.get(record.name), record.label) for record in records)
    names = class_names or ("all",)
    return {p: {n: tally[p, i] for i, n in enumerate(names)} for p in PARTS}
