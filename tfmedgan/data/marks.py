"""Finding images that say of themselves that they are synthetic."""

from pathlib import Path

from tfmedgan.data.records import ImageSet
from tfmedgan.errors import require
from tfmedgan.files import open_at_once

KEY = "Synthetic"  # text chunk of `tfmedgan.synthetic_png`
NAMED = 3


def is_marked(path: Path) -> bool:
    """Whether a PNG file carries the mark of synthetic images."""
    from PIL import Image

    try:
        with open_at_once(path) as file, Image.open(file) as image:
            return KEY in image.info
    except Exception:  # the reader will say what is wrong with the file
        return False


def require_real(image_set: ImageSet) -> None:
    """Refuse a set with synthetic images in it.

    Raises:
        InputError: naming the first of them.
    """
    files = [r for r in image_set.records if isinstance(r.location, Path)]
    marked = [
        r.name for r in files if r.location.suffix.lower() == ".png" and is_marked(r.location)
    ]
    require(
        not marked,
        f"{image_set.source}: {len(marked)} images are marked as synthetic, such as "
        f"{', '.join(marked[:NAMED])}; a study needs real images only",
    )
