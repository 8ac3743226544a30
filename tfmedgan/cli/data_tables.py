"""What tfmedgan-data prints: tables for people, or JSON."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tfmedgan.cli.console import stdout
from tfmedgan.cli.tables import Facts, Table
from tfmedgan.data.inspection import Inspection
from tfmedgan.data.manifest import Manifest
from tfmedgan.data.manifest_file import find_manifest, packaged
from tfmedgan.data.masked import MaskFindings
from tfmedgan.data.split_file import Split

NAMED = 10  # files named of each kind; all are in the JSON
COMMONEST = 6  # sizes shown


def print_sets(as_json: bool) -> None:
    """The manifests that come with the package."""
    manifests = [find_manifest(name) for name in packaged()]
    if as_json:
        _print_json([m.card() | {"images": _published(m)} for m in manifests])
        return
    rows = [
        (m.name, m.title, len(m.classes) or "–", _published(m) or "–", m.licence) for m in manifests
    ]
    stdout.print(Table(("name", "what", "classes", "images", "licence"), rows))
    stdout.print("Use one with --data manifest:NAME:DIR; tfmedgan-data show NAME tells more.")


def print_manifest(manifest: Manifest, as_json: bool) -> None:
    """One manifest in full."""
    if as_json:
        _print_json(asdict(manifest))
        return
    may = "allowed" if manifest.redistribution else "not allowed"
    entries = list((manifest.card() | {"redistribution": may}).items())
    entries.append(("to get it", manifest.obtain))
    for cls in manifest.classes:
        count = f"{cls.count} images" if cls.count is not None else ""
        label = "" if cls.label == cls.name else f"label {cls.label}"
        entries.append(("class", "  ".join(filter(None, (cls.name, label, count)))))
    entries += [("files", part.csv or part.glob or part.arrays) for part in manifest.layout]
    for key in ("patient_pattern", "group_pattern", "notes"):
        if getattr(manifest, key):
            entries.append((key.replace("_", " "), getattr(manifest, key)))
    stdout.print(Facts(entries))


def print_inspection(inspection: Inspection, as_json: bool, files: Sequence[Path] = ()) -> None:
    """What a look at every image found."""
    if as_json:
        _print_json({**asdict(inspection), "files": [str(path) for path in files]})
        return
    parts = list(next(iter(inspection.classes.values()), {}))
    stdout.print(count_table(inspection.classes, parts))
    copies = f"{inspection.near} pairs, {inspection.exact} of them exact"
    across = f", {inspection.across} across the publisher's parts" if len(parts) > 1 else ""
    entries = [
        ("images read", inspection.images),
        ("sizes", _tallied(inspection.sizes)),
        ("kinds", _tallied(inspection.kinds)),
        ("near-duplicates", copies + across),
    ]
    if inspection.masks:
        entries += _of_masks(inspection.masks)
    for name, reasons in _trouble(inspection):
        entries += [("" if i else name, reason) for i, reason in enumerate(reasons[:NAMED])]
        if len(reasons) > NAMED:
            entries.append(("", f"and {len(reasons) - NAMED} more, all in --json"))
    stdout.print(Facts(entries + [("written", path) for path in files]))


def _of_masks(masks: MaskFindings) -> list[tuple[str, Any]]:
    marked = f"{masks.count}, which mark {100 * masks.share:.3g} % of the pixels"
    parts = ", ".join(f"{count} of {part}" for part, count in masks.bare_parts.items())
    return [("masks", marked), *([("without masks", parts)] if parts else [])]


def print_split(split: Split, counts: dict[str, dict], path: Path, as_json: bool) -> None:
    """The number of images of each class in each part."""
    if as_json:
        _print_json({"path": str(path), "digest": split.digest, "images": counts,
                     "groups": len(split.groups), "dropped": list(split.dropped),
                     "warnings": list(split.warnings)})  # fmt: skip
        return
    classes = {name: {p: counts[p][name] for p in counts} for name in counts["train"]}
    stdout.print(count_table(classes, list(counts)))
    stdout.print(
        f"{len(split.groups)} groups of near-duplicates or patients kept together, "
        f"{len(split.dropped)} images dropped"
    )
    for warning in split.warnings:
        stdout.print(f"warning: {warning}")
    stdout.print(f"written {path}, digest {split.digest[:12]}")


def print_prepared(written: dict, as_json: bool) -> None:
    """What was written, and how to use it."""
    if as_json:
        _print_json(written)
        return
    images = ", ".join(f"{count} {part}" for part, count in written["images"].items())
    stdout.print(f"{written['path']}: {images}")
    for name, reason in written["skipped"]:
        stdout.print(f"skipped {name}: {reason}")
    for warning in written["warnings"]:
        stdout.print(f"warning: {warning}")
    stdout.print(f"use it with --data {written['source']}")


def _trouble(inspection: Inspection) -> list[tuple[str, list[str]]]:
    return [
        ("cannot be read", [reason for _, reason in inspection.bad]),
        ("missing", list(inspection.missing)),
        ("skipped", [reason for _, reason in inspection.skipped]),
        ("ignored", list(inspection.ignored)),
        ("warning", list(inspection.warnings)),
    ]


def count_table(classes: dict[str, dict[str, int]], parts: list[str]) -> Table:
    """Images of each class in each part, and in all where there are several parts."""
    rows: list[list[Any]] = [[name, *(n[part] for part in parts)] for name, n in classes.items()]
    head = ["class", *(part or "images" for part in parts)]
    if len(parts) > 1:
        head, rows = [*head, "all"], [[*row, sum(row[1:])] for row in rows]
    return Table(head, rows)


def _tallied(counts: dict[str, int]) -> str:
    shown = [f"{name} ({count})" for name, count in list(counts.items())[:COMMONEST]]
    more = len(counts) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def _published(manifest: Manifest) -> int:
    return sum(cls.count or 0 for cls in manifest.classes)


def _print_json(data: Any) -> None:
    json.dump(data, sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")
