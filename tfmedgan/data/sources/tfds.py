"""Data sets of TensorFlow Datasets that are on this machine, or fetched when asked to."""

from collections.abc import Callable
from typing import Any

import numpy as np

from tfmedgan.data.masks import binary
from tfmedgan.data.records import ImageSet, Masks, Record
from tfmedgan.data.sources.layout import SPLIT_NAMES
from tfmedgan.errors import InputError, JobError, require

MASKS = ("mask", "segmentation_mask")  # names of features


def open_tfds(source: str, download: bool = False) -> ImageSet:
    """`tfds:NAME[/CONFIG][:DIR]`; DIR is the TFDS data folder or one written by `prepare`.

    The encoded images are held in memory; sets in array_record files are read from disk.

    Raises:
        InputError: for an unknown set, one that is not there, or one without images.
    """
    name, _, folder = source.removeprefix("tfds:").partition(":")
    builder = _builder(source, name, folder, download)
    image, mask, label = _features(source, builder.info)
    names = tuple(builder.info.features[label].names) if label else ()
    parts = {split: _part(builder, split, (image, mask), label) for split in builder.info.splits}
    records = [
        Record(
            name=f"{split}/{index:06d}",
            label=int(target),
            location=index,
            split=_published(split, parts),
            mask=index if mask else None,
        )
        for split, (_, labels) in parts.items()
        for index, target in enumerate(labels)
        if target >= 0
    ]
    bare = {
        split: sum(int(target) < 0 for target in labels) for split, (_, labels) in parts.items()
    }

    def read(record: Record) -> np.ndarray:
        return parts[record.name.split("/")[0]][0](record.location, image)

    def read_mask(record: Record) -> np.ndarray:
        pixels = parts[record.name.split("/")[0]][0](record.location, mask)
        return binary(pixels, f"{source}: {mask} of {record.name}")

    info = builder.info
    card = {
        "title": info.full_name,
        "homepage": info.homepage,
        "citation": info.citation,
        "licence": info.redistribution_info.license or "see the home page",
        "notes": tuple(
            f"{source}: {count} images of the part {split} have no label and are left out"
            for split, count in bare.items()
            if count
        ),
    }
    masks = Masks(read_mask) if mask else None
    return ImageSet(source, names, tuple(records), read, card, masks=masks)


def _builder(source: str, name: str, folder: str, download: bool) -> Any:
    import tensorflow_datasets as tfds

    try:
        builder = tfds.builder(name, data_dir=folder or None, try_gcs=False)
    except (tfds.core.registered.DatasetNotFoundError, ValueError):
        where = f" in {folder}" if folder else ""
        raise InputError(
            f"--data {source}: TFDS has no data set {name!r}{where}; its catalogue lists names"
        ) from None
    if not builder.data_path.exists():
        require(
            download,
            f"--data {source}: not on this machine ({builder.data_path}); "
            f"fetch it with: tfmedgan-data verify {source} --download; or name its folder, "
            "tfds:NAME:DIR",
        )
        try:
            builder.download_and_prepare()
        except Exception:
            raise JobError(
                f"--data {source}: the download failed; try again, or prepare the set with TFDS "
                "where there is a network and name its folder, tfds:NAME:DIR"
            ) from None
    return builder


def _features(source: str, info: Any) -> tuple[str, str, str]:
    """Names of the first image, of its mask and of the first class label ("" where none is)."""
    import tensorflow_datasets as tfds

    kinds = info.features.items() if hasattr(info.features, "items") else ()
    pictures = [key for key, kind in kinds if isinstance(kind, tfds.features.Image)]
    masks = [key for key in pictures if key in MASKS]
    images = [key for key in pictures if key not in MASKS]
    labels = [key for key, kind in kinds if isinstance(kind, tfds.features.ClassLabel)]
    require(bool(images), f"--data {source}: this data set has no images")
    return images[0], *(keys[0] if keys else "" for keys in (masks, labels))


def _published(split: str, parts: dict) -> str:
    return SPLIT_NAMES.get(split, "") if len(parts) > 1 else ""


def _part(
    builder: Any, split: str, pictures: tuple[str, str], label: str
) -> tuple[Callable[[int, str], np.ndarray], Any]:
    """Function from positions and names of features to pictures, and the labels, of one part."""
    import tensorflow_datasets as tfds

    from tfmedgan.data.readers import decode

    undecoded = {name: tfds.decode.SkipDecoding() for name in pictures if name}
    if builder.info.file_format == tfds.core.FileFormat.ARRAY_RECORD:
        rows = builder.as_data_source(split, decoders=undecoded)
        labels = [row[label] if label else 0 for row in rows]
        return (lambda index, name: decode(rows[index][name])), labels
    examples = list(builder.as_dataset(split, decoders=undecoded).as_numpy_iterator())
    labels = [row[label] if label else 0 for row in examples]
    encoded = {name: [row[name] for row in examples] for name in undecoded}
    return (lambda index, name: decode(encoded[name][index])), labels
