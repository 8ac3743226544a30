"""Sets of images as metrics see them: read when needed, in the order of their content.

The order of content makes every result independent of the order in which images were
given: what a metric draws at random it draws from the same sequence.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tfmedgan.data.masks import has_mask, masks_of, outlined, with_masks, without_mask
from tfmedgan.data.records import ImageArrays
from tfmedgan.errors import InputError, require
from tfmedgan.seeding import rng


@dataclass(frozen=True)
class ImagePool:
    """N images, each uint8 (height, width, 1 or 3), that need not fit into memory."""

    name: str  # what errors call it
    read: Callable[[int], np.ndarray]
    names: tuple[str, ...]
    hashes: tuple[bytes, ...]  # SHA-256 of shape and pixels
    shape: tuple[int, ...]  # height, width, channels of every image; empty: several sizes
    labels: np.ndarray | None = None  # int32, (N,)
    read_mask: Callable[[int], np.ndarray] | None = None  # → bool (height, width); None: no masks

    def __len__(self) -> int:
        return len(self.hashes)

    @property
    def digest(self) -> str:
        """SHA-256 of the set of images, whatever their order."""
        return hashlib.sha256(b"".join(sorted(self.hashes))).hexdigest()

    def take(self, chosen: Sequence[int] | np.ndarray) -> "ImagePool":
        """The images at these positions, in this order."""
        chosen, read, read_mask = [int(i) for i in chosen], self.read, self.read_mask
        return replace(
            self,
            read=lambda i: read(chosen[i]),
            read_mask=read_mask and (lambda i: read_mask(chosen[i])),
            names=tuple(self.names[i] for i in chosen),
            hashes=tuple(self.hashes[i] for i in chosen),
            labels=None if self.labels is None else self.labels[chosen],
        )

    def picture(self, index: int) -> np.ndarray:
        """The image as figures show it: with the outline of its mask, if it has one."""
        image = self.read(index)
        if self.read_mask is None:
            return image
        return outlined(with_masks(image, self.read_mask(index)))

    def in_order_of_content(self) -> "ImagePool":
        return self.take(sorted(range(len(self)), key=self.hashes.__getitem__))

    def without_repeats(self) -> "ImagePool":
        """Each different image once, in the order of content."""
        first = {value: index for index, value in reversed(list(enumerate(self.hashes)))}
        return self.take([first[value] for value in sorted(first)])

    def at_most(self, limit: int | None, seed: int) -> "ImagePool":
        """At most `limit` of the images, drawn from the seed."""
        if limit is None or limit >= len(self):
            return self
        ordered = self.in_order_of_content()
        return ordered.take(rng(seed, f"choice/{self.name}").permutation(len(self))[:limit])

    def map(self, function: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        """`function` of every image in one array, without a list of them beside it.

        Raises:
            InputError: when the results differ in shape, since the images do.
        """
        first = function(self.read(0))
        results = np.empty((len(self), *first.shape), first.dtype)
        for index in range(len(self)):
            result = function(self.read(index))
            require(
                result.shape == first.shape,
                f"{self.name}: images of several sizes; this needs images of one size",
            )
            results[index] = result
        return results

    def stack(self, chosen: Sequence[int] | np.ndarray) -> np.ndarray:
        """Images at these positions, uint8 (n, height, width, channels).

        Raises:
            InputError: when they differ in size.
        """
        images = [self.read(int(i)) for i in chosen]
        shapes = sorted({image.shape for image in images})
        require(
            len(shapes) == 1,
            f"{self.name}: images of several sizes ({shapes[0]}, {shapes[-1]}); "
            "this needs images of one size",
        )
        return np.stack(images)


def open_pool(images, name: str) -> ImagePool:
    """A pool from an array, `ImageArrays`, a folder or another SOURCE of the command line.

    Args:
        images: uint8 (N, H, W), (N, H, W, 1) or (N, H, W, 3); `ImageArrays`; or a path.
        name: what errors call the set.

    Raises:
        InputError: for other types and shapes, and for images that cannot be read.
    """
    if isinstance(images, ImagePool):
        return images
    if isinstance(images, ImageArrays):
        return array_pool(images.images, name, images.names, images.labels)
    if isinstance(images, str | Path):
        return _source_pool(str(images))
    return array_pool(images, name)


def array_pool(images, name: str, names: tuple[str, ...] = (), labels=None) -> ImagePool:
    """A pool of images in memory; of 2 and 4 channels the last is the mask, which only is shown."""
    images = np.asarray(images)
    images = images[..., None] if images.ndim == 3 else images
    require(
        images.dtype == np.uint8 and images.ndim == 4 and images.shape[-1] in (1, 2, 3, 4),
        f"{name}: an array {images.shape} of {images.dtype}; give uint8 (N, H, W, 1 or 3), or "
        "2 or 4 with masks",
    )
    require(len(images) > 0, f"{name}: no images; give at least 10")
    names = tuple(names) or tuple(f"{i:06d}" for i in range(len(images)))
    both, images = images, without_mask(images)
    read_mask = (lambda i: masks_of(both[i])) if has_mask(both.shape[-1]) else None
    hashes = tuple(map(_hash, images))
    return ImagePool(name, images.__getitem__, names, hashes, images.shape[1:], labels, read_mask)


def joined(pools: Sequence[ImagePool], name: str) -> ImagePool:
    """One pool after the other; labels are kept where all have them."""
    places = [(pool, index) for pool in pools for index in range(len(pool))]
    labelled = all(pool.labels is not None for pool in pools)
    masked = all(pool.read_mask is not None for pool in pools)

    def read_mask(index: int) -> np.ndarray:
        pool, place = places[index]
        assert pool.read_mask, "all of the pools have masks"
        return pool.read_mask(place)

    return ImagePool(
        name,
        lambda i: places[i][0].read(places[i][1]),
        tuple(image for pool in pools for image in pool.names),
        tuple(image for pool in pools for image in pool.hashes),
        _common([pool.shape for pool in pools]),
        np.concatenate([pool.labels for pool in pools]) if labelled else None,
        read_mask if masked else None,
    )


def _source_pool(source: str) -> ImagePool:
    from tfmedgan.data.sources import open_source
    from tfmedgan.data.steps.chain import run_steps

    opened = open_source(source)
    require(bool(opened.records), f"{source}: no images in it")

    def read(index: int) -> np.ndarray:
        image = run_steps(opened.read(opened.records[index]), ())
        require(
            image.ndim == 3 and image.shape[2] in (1, 3),
            f"{opened.records[index].name}: {image.shape} is no grey or RGB image",
        )
        return image

    seen = [(_hash(image), image.shape) for image in map(read, range(len(opened.records)))]
    hashes, shapes = zip(*seen, strict=True)
    names = tuple(record.name for record in opened.records)
    labels = np.array([r.label for r in opened.records], np.int32) if opened.class_names else None
    return ImagePool(source, read, names, hashes, _common(shapes), labels)


def _common(shapes: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    return shapes[0] if len(set(shapes)) == 1 else ()


def _hash(image: np.ndarray) -> bytes:
    return hashlib.sha256(f"{image.shape}".encode() + np.ascontiguousarray(image).data).digest()


def paired(real: ImagePool, fake: ImagePool) -> None:
    """Check that two pools are pairs, position by position.

    Raises:
        InputError: when they differ in number.
    """
    if len(real) != len(fake):
        raise InputError(
            f"{len(fake)} generated and {len(real)} real images cannot be pairs; "
            "give as many of each, in the same order"
        )
