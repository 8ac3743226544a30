"""What publications call a metric on certain features: FID on those of DINOv2 is FD-DINOv2."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from tfmedgan.errors import require


@dataclass(frozen=True)
class OwnName:
    """The name that a metric and its estimates have on one kind of features."""

    metric: str
    title: str
    name: str
    own_title: str
    asked: str  # how a user asks for the features


OWN_NAMES = {  # by extractor
    # Jayasumana et al. 2024
    "clip_vitl14_336": OwnName("mmd", "MMD", "cmmd", "CMMD", "--features FILE --protocol clip"),
    # Stein et al. 2023
    "dinov2_vitl14": OwnName(
        "fid", "FID", "fd_dinov2", "FD-DINOv2", "--features FILE --protocol dinov2"
    ),
    # Konz et al. 2025
    "radiomics": OwnName("fid", "FID", "frd", "FRD", "--features radiomics"),
}


def row_name(estimate: str, extractor: str) -> str:
    """An estimate's name with that of its features: kid_random, fid_floor_random, frd_floor."""
    own = OWN_NAMES.get(extractor)
    if own and _belongs(estimate, own.metric):
        return estimate.replace(own.metric, own.name, 1)
    return f"{estimate}_{extractor}"


def estimate_of(row_name: str, extractor: str) -> str:
    """The estimate that `row_name` named."""
    own = OWN_NAMES.get(extractor)
    if own and _belongs(row_name, own.name):
        return row_name.replace(own.name, own.metric, 1)
    return row_name.removesuffix(f"_{extractor}")


def own_title(title: str, extractor: str) -> str:
    """A title, or a sentence, for these features: "FID over floor" becomes "FRD over floor"."""
    own = OWN_NAMES.get(extractor)
    return title.replace(own.title, own.own_title) if own else title


def own_note(row_name: str, value: float, note: str) -> str:
    """The note of a row; FRD is published on two other scales, so that says both."""
    if row_name != "frd" or value <= 0:
        return note
    log = math.log(value)
    scales = f"this is d²: frd-score prints log d² = {log:.3f}, the paper log d = {log / 2:.3f}"
    return f"{note}; {scales}" if note else scales


def estimates_asked(names: Iterable[str], extractor: str) -> tuple[str, ...]:
    """Names of metrics as users give them, own names resolved: frd is fid on radiomics.

    Raises:
        InputError: an own name with other features than those that it is of.
    """
    return tuple(_estimate_asked(name, extractor) for name in names)


def _estimate_asked(name: str, extractor: str) -> str:
    for features, own in OWN_NAMES.items():
        if _belongs(name, own.name):
            estimate = name.replace(own.name, own.metric, 1)
            require(
                features == extractor,
                f"{name} is {estimate} on features of its own; add {own.asked}",
            )
            return estimate
    return name


def _belongs(name: str, family: str) -> bool:
    return name == family or name.startswith(f"{family}_")
