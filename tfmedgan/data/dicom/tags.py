"""Tags of a DICOM file: one that is there and empty counts as absent; a missing one is named."""

import math
from typing import Any

from tfmedgan.errors import InputError, require

DESCRIBING = (0x0028, 0x2050, 0x5200)  # groups: image, presentation, functional groups


def drop_empty(dataset) -> None:
    """Delete the empty tags that describe the image, and those of the items in them.

    Raises:
        InputError: naming a tag whose value cannot be read.
    """
    for tag in [tag for tag in list(dataset.keys()) if tag.group in DESCRIBING]:
        element = _element(dataset, tag)
        if element.VR == "SQ":
            for item in element.value:
                drop_empty(item)
        if element.is_empty:
            del dataset[tag]


def _element(dataset, tag):
    try:
        return dataset[tag]
    except Exception:
        raise InputError(f"DICOM tag {_name(tag)} has a value that is none of its kind") from None


def _name(tag) -> str:
    from pydicom.datadict import keyword_for_tag

    return f"{keyword_for_tag(tag)} {tag}".strip()


def number(dataset, name: str) -> float | None:
    """The value, or the first of several; None where there is none."""
    value = _first(dataset.get(name))
    if value is None:
        return None
    require(
        isinstance(value, int | float) and math.isfinite(value),
        f"DICOM tag {name} is {str(value)[:20]!r}; must be a number",
    )
    return float(value)


def whole(dataset, name: str, default: int | None = None) -> int:
    """A whole number; without a default the tag must be there."""
    value = number(dataset, name)
    return int(_or_default(value, default, name))


def text(dataset, name: str, default: str | None = None) -> str:
    """A word in capitals; without a default the tag must be there."""
    value = _or_default(_first(dataset.get(name)), default, name)
    return ascii(str(value).strip().upper()[:20])[1:-1]


def _or_default(value: Any, default: Any, name: str) -> Any:
    require(value is not None or default is not None, f"DICOM file without {name}; add this tag")
    return default if value is None else value


def functional_group(dataset, name: str):
    """The item of that name in an enhanced image's groups; elsewhere the data set itself."""
    for groups in ("PerFrameFunctionalGroupsSequence", "SharedFunctionalGroupsSequence"):
        for group in dataset.get(groups) or ():
            for item in group.get(name) or ():
                return item
    return dataset


def _first(value):
    several = not isinstance(value, str | bytes) and hasattr(value, "__getitem__")
    return value[0] if several else value
