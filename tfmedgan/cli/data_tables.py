"""What tfmedgan-data prints: tables for people, or JSON."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from tfmedgan.cli.console import stdout
from tfmedgan.data.inspection import Inspection
from tfmedgan.data.manifest import Manifest, find_manifest, packaged
from tfmedgan.data.split_file import Split

NAMED = 10  # files named of each kind; all are in the JSON
COMMONEST = 6  # sizes shown


def print_sets(as_json: bool) -> None:
    """The manifests that come with the package."""
    manifests = [find_manifest(name) for name in packaged()]
    if as_json:
        _print_json([m.card() | {"images": _published(m)} for m in manifests])
        return
    table = _table("name", "what", "classes", "images", "licence")
    for m in manifests:
        row = m.name, m.title, str(len(m.classes) or "none"), str(_published(m) or "?"), m.licence
        table.add_row(*row)
    stdout.print(table)
    stdout.print("Use one with --data manifest:NAME:DIR; tfmedgan-data show NAME tells more.")


def print_manifest(manifest: Manifest, as_json: bool) -> None:
    """One manifest in full."""
    if as_json:
        _print_json(asdict(manifest))
        return
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    may = "allowed" if manifest.redistribution else "not allowed"
    for key, value in manifest.card().items():
        table.add_row(key, may if key == "redistribution" else str(value))
    table.add_row("to get it", manifest.obtain)
    for cls in manifest.classes:
        count = f"{cls.count} images" if cls.count is not None else ""
        label = "" if cls.label == cls.name else f"label {cls.label}"
        table.add_row("class", "  ".join(filter(None, (cls.name, label, count))))
    for part in manifest.layout:
        table.add_row("files", part.csv or part.glob or part.arrays)
    for key in ("patient_pattern", "group_pattern", "notes"):
        if getattr(manifest, key):
            table.add_row(key.replace("_", " "), getattr(manifest, key))
    stdout.print(table)


def print_inspection(inspection: Inspection, as_json: bool, files: list[Path] = ()) -> None:
    """What a look at every image found."""
    if as_json:
        _print_json({**inspection.to_dict(), "files": [str(path) for path in files]})
        return
    parts = list(next(iter(inspection.classes.values()), {}))
    stdout.print(_count_table(inspection.classes, parts))
    facts = Table(show_header=False, box=None, pad_edge=False)
    facts.add_column(style="bold", no_wrap=True)
    facts.add_column(overflow="fold")
    facts.add_row("images read", str(inspection.images))
    facts.add_row("sizes", _tallied(inspection.sizes))
    facts.add_row("kinds", _tallied(inspection.kinds))
    copies = f"{inspection.near} pairs, {inspection.exact} of them exact"
    across = f", {inspection.across} across the publisher's parts" if len(parts) > 1 else ""
    facts.add_row("near-duplicates", copies + across)
    for name, entries in _trouble(inspection):
        for index, entry in enumerate(entries[:NAMED]):
            facts.add_row("" if index else name, escape(entry))
        if len(entries) > NAMED:
            facts.add_row("", f"and {len(entries) - NAMED} more, all in --json")
    for path in files:
        facts.add_row("written", escape(str(path)))
    stdout.print(facts)


def print_split(split: Split, counts: dict[str, dict], path: Path, as_json: bool) -> None:
    """The number of images of each class in each part."""
    if as_json:
        _print_json({"path": str(path), "digest": split.digest, "images": counts,
                     "groups": len(split.groups), "dropped": list(split.dropped),
                     "warnings": list(split.warnings)})  # fmt: skip
        return
    classes = {name: {p: counts[p][name] for p in counts} for name in counts["train"]}
    stdout.print(_count_table(classes, list(counts)))
    stdout.print(
        f"{len(split.groups)} groups of near-duplicates or patients kept together, "
        f"{len(split.dropped)} images dropped"
    )
    for warning in split.warnings:
        stdout.print(f"warning: {warning}", markup=False)
    stdout.print(f"written {path}, digest {split.digest[:12]}", markup=False)


def print_prepared(written: dict, as_json: bool) -> None:
    """What was written, and how to use it."""
    if as_json:
        _print_json(written)
        return
    images = ", ".join(f"{count} {part}" for part, count in written["images"].items())
    stdout.print(f"{written['path']}: {images}", markup=False)
    for name, reason in written["skipped"]:
        stdout.print(f"skipped {name}: {reason}", markup=False)
    for warning in written["warnings"]:
        stdout.print(f"warning: {warning}", markup=False)
    stdout.print(f"use it with --data {written['source']}", markup=False)


def _trouble(inspection: Inspection) -> list[tuple[str, list[str]]]:
    return [
        ("cannot be read", [reason for _, reason in inspection.bad]),
        ("missing", list(inspection.missing)),
        ("skipped", [reason for _, reason in inspection.skipped]),
        ("ignored", list(inspection.ignored)),
        ("warning", list(inspection.warnings)),
    ]


def _count_table(classes: dict[str, dict[str, int]], parts: list[str]) -> Table:
    table = _table("class", *(part or "images" for part in parts), right=len(parts))
    if len(parts) > 1:
        table.add_column("all", justify="right")
    for name, counts in classes.items():
        numbers = [counts[part] for part in parts]
        table.add_row(
            escape(name), *map(str, numbers), *([str(sum(numbers))] if len(parts) > 1 else [])
        )
    return table


def _table(*headers: str, right: int = 0) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for index, header in enumerate(headers):
        table.add_column(header, justify="right" if index > len(headers) - right - 1 else "left")
    return table


def _tallied(counts: dict[str, int]) -> str:
    shown = [f"{name} ({count})" for name, count in list(counts.items())[:COMMONEST]]
    more = len(counts) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def _published(manifest: Manifest) -> int:
    return sum(cls.count or 0 for cls in manifest.classes)


def _print_json(data) -> None:
    json.dump(data, sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")
