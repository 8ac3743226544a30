"""Bright discs on noise, and their masks."""

import numpy as np
import pytest

SIZE = 32


def discs(count: int, seed: int, size: int = SIZE) -> tuple[np.ndarray, np.ndarray]:
    """Images, uint8 (count, size, size, 3), and masks, bool (count, size, size)."""
    generator = np.random.default_rng(seed)
    rows, columns = np.mgrid[:size, :size]
    images, masks = [], []
    for _ in range(count):
        y, x = generator.uniform(0.3 * size, 0.7 * size, 2)
        radius = generator.uniform(0.15, 0.25) * size
        mask = np.hypot(rows - y, columns - x) < radius
        noise = generator.normal(90, 25, (size, size, 3)) + 70 * mask[..., np.newaxis]
        images.append(noise.clip(0, 255).astype(np.uint8))
        masks.append(mask)
    return np.stack(images), np.stack(masks)


@pytest.fixture(scope="session")
def disc_folder(tmp_path_factory):
    return write_discs(tmp_path_factory.mktemp("discs"), 0)


def write_discs(place, seed: int):
    """60 images of 40×32 pixels in images/ and their masks in masks/."""
    from PIL import Image

    for name in ("images", "masks"):
        (place / name).mkdir()
    images, masks = discs(60, seed, 40)
    for index, (image, mask) in enumerate(zip(images[:, :32], masks[:, :32], strict=True)):
        Image.fromarray(image).save(place / "images" / f"{index}.png")
        Image.fromarray(mask.astype(np.uint8) * 255).save(place / "masks" / f"{index}.png")
    return place
