"""Which image is whose: the sites of a data set in one place; free of TensorFlow and Flower."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from tfmedgan.config import DataConfig, Federation
from tfmedgan.data.balance import balanced
from tfmedgan.data.columns import column_values
from tfmedgan.data.prepare import PreparedData, opened
from tfmedgan.data.records import ImageArrays, Record
from tfmedgan.data.split_file import PARTS, Split
from tfmedgan.data.storage import read_rows
from tfmedgan.errors import InputError, require
from tfmedgan.run_directory import counts
from tfmedgan.seeding import rng

NAMED = 3  # images named in an error
FEWEST = 2  # sites


def divided(
    federation: Federation, config: DataConfig, data: PreparedData, seed: int
) -> dict[str, PreparedData]:
    """The data of each site, in the order of their names, shorter ones first.

    The split is that of the whole set, so that patients and near-duplicates are in one part of
    it wherever they are.

    Args:
        data: what `prepare` made of `config`.
        seed: of the order in which patients are dealt out.

    Raises:
        InputError: for a column that is not there, images without a site, a patient at two
            sites, or a site without training images.
    """
    if federation.number:
        site_of = dealt(data.split, federation.number, seed)
    else:
        site_of = _by_column(federation.sites, config, data, seed)
    names = sorted(set(site_of.values()), key=_natural)
    require(
        len(names) >= FEWEST,
        f"--sites {federation.sites}: all images are at one site, {', '.join(names)}; a "
        "federation has two or more",
    )
    only = federation.only
    require(not only or only in names, f"no site {only}; there are: {', '.join(names)}")
    return {name: _data_of(name, site_of, config, data) for name in names if only in ("", name)}


def require_enough(sites: Mapping[str, PreparedData], batch_size: int) -> None:
    """Raise `InputError` for a site without a whole batch of training images."""
    for name, own in sites.items():
        images = len(own.parts["train"])
        require(
            images >= batch_size,
            f"--sites: site {name} has {images} training images, fewer than a batch of "
            f"{batch_size}; give fewer sites, or a smaller --batch-size",
        )


def dealt(split: Split, number: int, seed: int) -> dict[str, str]:
    """Site of each image: in each part whole patients, the largest first, to the emptiest site.

    Near-duplicates go together, as patients do.
    """
    together = {name: index for index, names in enumerate(split.groups) for name in names}
    site_of: dict[str, str] = {}
    for part in PARTS:
        groups: dict[object, list[str]] = {}
        for name in getattr(split, part):
            groups.setdefault(together.get(name, name), []).append(name)
        members = list(groups.values())
        order = rng(seed, f"sites/{part}").permutation(len(members))
        sizes = [0] * number
        for names in sorted((members[i] for i in order), key=len, reverse=True):
            emptiest = int(np.argmin(sizes))
            sizes[emptiest] += len(names)
            site_of |= dict.fromkeys(names, f"site-{emptiest + 1}")
    return site_of


def require_one_site_each(
    records: Iterable[Record], site_of: Mapping[str, str], option: str
) -> None:
    """Raise `InputError` for a patient with images at two sites, naming both images."""
    first_of: dict[str, Record] = {}
    for record in records:
        if not record.group or record.name not in site_of:
            continue
        first = first_of.setdefault(record.group, record)
        here, there = site_of[first.name], site_of[record.name]
        require(
            here == there,
            f"{option}: patient {record.group} is at two sites: {first.name} at {here} and "
            f"{record.name} at {there}; patients never cross sites, so name one in the table",
        )


def _by_column(column: str, config: DataConfig, data: PreparedData, seed: int) -> dict[str, str]:
    option = f"--sites {column}"
    values = column_values(config.source, column, "--sites")
    names = [name for part in PARTS for name in getattr(data.split, part)]
    without = [name for name in names if name not in values]
    require(
        not without,
        f"{option}: {len(without)} images have no site, such as {', '.join(without[:NAMED])}; "
        "fill in the column, or leave them out",
    )
    site_of = {name: values[name] for name in names}
    require_one_site_each(opened(config, seed)[1].records, site_of, option)
    return site_of


def _data_of(
    site: str, site_of: Mapping[str, str], config: DataConfig, data: PreparedData
) -> PreparedData:
    parts = {part: _only(arrays, site, site_of) for part, arrays in data.parts.items()}
    require(
        len(parts["train"]) > 0,
        f"site {site} has no training images; leave it out, or join it to another",
    )
    try:
        parts["train"] = balanced(parts["train"], config.balance)
    except InputError as error:
        raise InputError(f"site {site}: {error}") from None
    names: dict[str, Any] = {name: parts[name].names for name in PARTS}
    split = replace(data.split, **names, groups=(), dropped=(), warnings=())
    return replace(data, parts=parts, split=split)


def _only(arrays: ImageArrays, site: str, site_of: Mapping[str, str]) -> ImageArrays:
    chosen = [i for i, name in enumerate(arrays.names) if site_of[name] == site]
    names = tuple(arrays.names[i] for i in chosen)
    return ImageArrays(read_rows(arrays.images, chosen), arrays.labels[chosen], names)


def record_of(sites: Mapping[str, PreparedData]) -> dict:
    """What data.json says of the sites: numbers by part and class, and which images are whose."""
    return {
        name: {
            "counts": counts(data),
            "images": {part: list(arrays.names) for part, arrays in data.parts.items()},
        }
        for name, data in sites.items()
    }


def _natural(name: str) -> tuple[int, str]:
    """site-10 after site-9."""
    return len(name), name
