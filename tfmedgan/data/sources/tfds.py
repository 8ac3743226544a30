"""Data sets of TensorFlow Datasets that are on this machine, or fetched when asked to."""

from collections.abc import Callable
from typing import Any

import numpy as np

from tfmedgan.data.records import ImageSet, Record
from tfmedgan.data.sources.layout import SPLIT_NAMES
from tfmedgan.errors import InputError, JobError, require


def open_tfds(source: str, download: bool = False) -> ImageSet:
    """`tfds:NAME[/CONFIG][:DIR]`; DIR is the TFDS data folder or one written by `prepare`.

    The encoded images are held in memory; sets in array_record files are read from disk.

    Raises:
        InputError: for an unknown set, one that is not there, or one without images.
    """
    name, _, folder = source.removeprefix("tfds:").partition(":")
    builder = _builder(source, name, folder, download)
    image, label = _features(source, builder.info)
    names = tuple(builder.info.features[label].names) if label else ()
    parts = {split: _part(builder, split, image, label) for split in builder.info.splits}
    records = [
        Record(f"{split}/{index:06d}", int(target), index, split=_published(split, parts))
        for split, (_, labels) in parts.items()
        for index, target in enumerate(labels)
        if target >= 0
    ]
    bare = {
        split: sum(int(target) < 0 for target in labels) for split, (_, labels) in parts.items()
    }

    def read(record: Record) -> np.ndarray:
        return parts[record.name.split("/")[0]][0](record.location)

    info = builder.info
    card = {
        "title": info.full_name,
        "homepage": info.homepage,
        "citation": info.citation,
        "licence": "see the home page",
        "notes": tuple(
            f"{source}: {count} images of the part {split} have no label and are left out"
            for split, count in bare.items()
            if count
        ),
    }
    return ImageSet(source, names, tuple(records), read, card)


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


def _features(source: str, info: Any) -> tuple[str, str]:
    """Names of the first image feature and of the first class label ("" where none is)."""
    import tensorflow_datasets as tfds

    kinds = info.features.items() if hasattr(info.features, "items") else ()
    images = [key for key, kind in kinds if isinstance(kind, tfds.features.Image)]
    labels = [key for key, kind in kinds if isinstance(kind, tfds.features.ClassLabel)]
    require(bool(images), f"--data {source}: this data set has no images")
    return images[0], labels[0] if labels else ""


def _published(split: str, parts: dict) -> str:
    return SPLIT_NAMES.get(split, "") if len(parts) > 1 else ""


def _part(
    builder: Any, split: str, image: str, label: str
) -> tuple[Callable[[int], np.ndarray], Any]:
    """Function from positions to images, and the labels, of one part."""
    import tensorflow_datasets as tfds

    from tfmedgan.data.readers import decode

    undecoded = {image: tfds.decode.SkipDecoding()}
    if builder.info.file_format == tfds.core.FileFormat.ARRAY_RECORD:
        rows = builder.as_data_source(split, decoders=undecoded)
        labels = [row[label] if label else 0 for row in rows]
        return (lambda index: decode(rows[index][image])), labels
    examples = list(builder.as_dataset(split, decoders=undecoded).as_numpy_iterator())
    labels = [row[label] if label else 0 for row in examples]
    encoded = [row[image] for row in examples]
    return (lambda index: decode(encoded[index])), labels
