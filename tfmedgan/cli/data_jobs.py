"""What the commands of tfmedgan-data do, apart from arguments and printing."""

from contextlib import nullcontext
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from tfmedgan.cli import console, places
from tfmedgan.cli.options import refuse
from tfmedgan.cli.resolve import check_split, split_values
from tfmedgan.config import DataConfig
from tfmedgan.data.class_folders import folder_names
from tfmedgan.data.inspection import Inspection, checksum_differences, inspect
from tfmedgan.data.manifest import Manifest
from tfmedgan.data.masked import HOW
from tfmedgan.data.prepare import opened
from tfmedgan.data.records import ImageSet
from tfmedgan.data.sources import open_source
from tfmedgan.data.split_file import Split
from tfmedgan.data.steps import standard_steps
from tfmedgan.errors import require
from tfmedgan.files import new_directory, write_bytes, write_json

SIZES = (4, 2048)  # pixels


def chosen_steps(options: Any) -> tuple:
    """The steps of --chain, or the standard ones for an image shape; 64×64×3 if none is given."""
    from tfmedgan.data.chains import CHAINS

    chain = options.chain
    size = 64 if options.image_size is None else options.image_size
    channels = 3 if options.channels is None else options.channels
    require(not chain or chain in CHAINS, f"--chain {chain}: valid: {', '.join(sorted(CHAINS))}")
    if chain:
        reason = f"--chain {chain}: has its own size and channels"
        refuse(options, reason, "image_size", "channels")
        return CHAINS[chain]
    low, high = SIZES
    require(low <= size <= high, f"--image-size {size}: must be from {low} to {high}")
    require(channels in (1, 3), f"--channels {channels}: valid: 1, 3")
    return standard_steps((size, size, channels))


def data_config(options: Any, steps: tuple) -> DataConfig:
    """The configuration that the options of `split` or `prepare` describe."""
    names = tuple(name.strip() for name in options.classes.split(",") if name.strip())
    split = split_values(options.fractions, getattr(options, "split_file", ""), "70:15:15")
    config = DataConfig(
        options.source, steps, classes=names, allow_missing=options.allow_missing,
        skip_bad=options.skip_bad, masks=options.masks, **split,
    )  # fmt: skip
    if options.fractions:
        check_split(options.fractions, opened(config, options.seed)[1], options.source)
    return config


def inspected(options: Any, download: bool = False) -> tuple[Inspection, ImageSet]:
    """Read every image of the source; missing and bad ones are reported, not raised."""
    source = options.source
    loads_tensorflow = source.startswith("tfds:")
    require(
        loads_tensorflow or not download,
        f"--download: only tfds:NAME can be fetched, not {source}; leave it out",
    )
    with console.quiet_tensorflow() if loads_tensorflow else nullcontext():
        image_set = open_source(
            source, allow_missing=True, seed=options.seed, download=download, skip_bad=True
        )
    manifest, root = _manifest(source)
    image_set = _with_masks(image_set, options.masks, bool(manifest and manifest.has_masks))
    with console.counting(options.quiet) as progress:
        inspection = inspect(image_set, manifest, progress)
    different = checksum_differences(manifest, root) if manifest and root else []
    if different:
        warning = f"not the published files, by SHA-256: {', '.join(different)}"
        inspection = replace(inspection, warnings=(*inspection.warnings, warning))
    return inspection, image_set


def _with_masks(image_set: ImageSet, wanted: bool, named: bool) -> ImageSet:
    """The set with its masks, where they are wanted or its manifest names them; else without."""
    having = any(record.mask is not None for record in image_set.records)
    require(having or not wanted, f"--masks: {image_set.source}: no image has a mask; {HOW}")
    if image_set.masks is None or not (wanted or named):
        return replace(image_set, masks=None)
    return replace(image_set, card=image_set.card | image_set.masks.card)


def write_preview(options: Any) -> tuple[Inspection, list[Path]]:
    """Contact sheets and the findings as JSON, in a new folder; returns findings and files."""
    from tfmedgan.data.contact_sheet import class_sheet, duplicate_sheet

    out, columns, steps = options.out, options.columns, chosen_steps(options)
    places.check_new_directory("--out", out)
    inspection, image_set = inspected(options)
    require(inspection.images > 0, f"{options.source}: none of its images can be read")
    names = folder_names(image_set.class_names or ("all",))
    files: list[Path] = []
    with new_directory(out) as folder, console.counting(options.quiet) as progress:
        for label, name in enumerate(names):
            content = class_sheet(image_set, label, steps, columns, options.seed)
            files += _written(folder / f"{label}-{name}.png", content)
            progress(label + 1, len(names), "drawing contact sheets")
        sheet = duplicate_sheet(image_set, inspection.pairs, columns)
        files += _written(folder / "near-duplicates.png", sheet)
        findings = {"steps": [repr(s) for s in steps], **asdict(inspection)}
        write_json(folder / "findings.json", findings)
    return inspection, [out / file.name for file in (*files, Path("findings.json"))]


def write_split(options: Any) -> tuple[Split, dict[str, dict]]:
    """Make a split and write it; returns it and the number of images per part and class."""
    from tfmedgan.data.prepare import check_bad, split_of
    from tfmedgan.data.reading import read_facts
    from tfmedgan.data.splits import part_counts

    places.check_new_directory("--out", options.out, least=1 << 20)  # a file of some kilobytes
    config = data_config(options, ())
    everything, image_set = opened(config, options.seed)
    with console.counting(options.quiet) as progress:
        images = read_facts(image_set, progress)
        check_bad(image_set, images, config.skip_bad)
        split = split_of(config, everything, images, options.seed, progress)
    console.show_notes(image_set.card.get("notes", ()), options.quiet)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    split.write(options.out)
    return split, part_counts(image_set.records, split, image_set.class_names)


def write_prepared(options: Any) -> dict:
    """Prepare the data and write it with TFDS; returns what was written."""
    from tfmedgan.data.prepare import prepare
    from tfmedgan.data.tfds_names import check_target

    out, name, config = options.out, options.name, data_config(options, chosen_steps(options))
    check_target(name, options.file_format)
    require(not (out / name).exists(), f"{out / name}: exists already; choose another --name")
    places.check_new_directory("--out", out / name)
    with console.counting(options.quiet) as progress:
        prepared = prepare(config, options.seed, progress)
    console.start_tensorflow()
    from tfmedgan.data.tfds_builder import write_tfds

    steps = ", ".join(repr(step) for step in config.steps)
    about = f"{config.source} after {steps}; content digest {prepared.digest}"
    with console.counting(options.quiet) as progress:
        path = write_tfds(prepared, out, name, options.file_format, about, progress)
    return {
        "path": str(path),
        "source": f"tfds:{name}:{out}",
        "digest": prepared.digest,
        "split_digest": prepared.split.digest,
        "images": {part: len(arrays) for part, arrays in prepared.parts.items()},
        "skipped": list(prepared.skipped),
        "warnings": list(prepared.notes),
    }


def _manifest(source: str) -> tuple[Manifest, Path] | tuple[None, None]:
    if not source.startswith("manifest:") and Path(source).suffix.lower() not in (".yaml", ".yml"):
        return None, None
    from tfmedgan.data.sources.manifested import locate

    return locate(source)


def _written(path: Path, content: bytes | None) -> list[Path]:
    if content is None:
        return []
    write_bytes(path, content)
    return [path]
