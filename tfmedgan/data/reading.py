"""Reading a whole set once, in parallel: decode, deterministic steps, digest, fingerprint."""

import hashlib
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfmedgan.data.duplicates import fingerprint
from tfmedgan.data.masks import is_telling, masks_of
from tfmedgan.data.records import ImageSet, Progress, Record
from tfmedgan.data.steps import run_steps
from tfmedgan.data.storage import Store, new_store
from tfmedgan.errors import InputError

BLOCK = 8  # images that a thread takes at a time
AHEAD = 4 * (os.cpu_count() or 1)  # blocks in work at a time


class ShapeError(InputError):
    """Images that differ in shape after the steps; no image is to blame, the steps are."""


@dataclass(frozen=True)
class MaskFacts:
    """What is kept of one mask."""

    digest: bytes  # SHA-256 of its pixels
    telling: bool  # whether another image would hardly have the same
    share: float  # of its pixels that are set
    share_after: float  # the same after the steps


@dataclass(frozen=True)
class Facts:
    """What is kept of one image besides its prepared pixels."""

    digest: bytes  # SHA-256 of its decoded pixels
    coefficients: np.ndarray  # `fingerprint`, float32 (16, 16)
    shape: tuple[int, ...]  # as decoded
    dtype: str
    mask: MaskFacts | None = None  # None: an image without one


Result = Facts | InputError


@dataclass(frozen=True)
class ReadSet:
    """The images of a set that could be read, and the reasons for those that could not."""

    records: tuple[Record, ...]
    rows: tuple[int, ...]  # of each record in the store
    facts: tuple[Facts, ...]
    store: Store | None
    bad: tuple[tuple[str, str], ...]  # (name, reason)


def read_facts(image_set: ImageSet, progress: Progress | None = None) -> ReadSet:
    """Read every image of the set, and the masks it has, keeping no pixels."""
    results = _in_parallel(
        lambda index: _facts(*image_set.read_pair(image_set.records[index])), image_set, progress
    )
    return _sorted_out(image_set, results, None)


def read_set(
    image_set: ImageSet, steps: tuple, progress: Progress | None = None, cache: Path | None = None
) -> ReadSet:
    """Read every image of the set once and run the deterministic steps.

    Args:
        steps: the chain; those that run per batch are left for the pipeline.
        cache: folder for sets that are too large for memory.

    Raises:
        InputError: when images differ in shape after the steps.
    """
    first = _first_prepared(image_set, steps)
    store = new_store(len(image_set.records), first[1].shape, cache) if first else None

    def work(index: int) -> Facts:
        decoded, mask = image_set.read_pair(image_set.records[index])
        prepared = run_steps(decoded, steps, mask)
        assert first and store, "this image could be read, so there is a first"
        check_shape(image_set.records[index].name, prepared, first[0].name, store.shape)
        store.put(index, prepared)
        return _facts(decoded, mask, prepared)

    return _sorted_out(image_set, _in_parallel(work, image_set, progress), store)


def check_shape(name: str, image: np.ndarray, other: str, shape: tuple[int, ...]) -> None:
    """Raise `ShapeError` unless `image` has the shape that `other` has."""
    if image.shape != shape:
        sizes = ["×".join(map(str, s)) for s in (image.shape, shape)]
        raise ShapeError(
            f"{name} is {sizes[0]} after the steps but {other} is {sizes[1]}; "
            "add Resize, and Grayscale or ToRGB, to the steps"
        )


def _first_prepared(image_set: ImageSet, steps: tuple) -> tuple[Record, np.ndarray] | None:
    """The first image that can be read; its shape is that of all."""
    for record in image_set.records:
        try:
            image, mask = image_set.read_pair(record)
            return record, run_steps(image, steps, mask)
        except InputError:
            continue
    return None


def _facts(
    decoded: np.ndarray, mask: np.ndarray | None = None, prepared: np.ndarray | None = None
) -> Facts:
    of_mask = None if mask is None else _mask_facts(mask, prepared)
    return Facts(_digest(decoded), fingerprint(decoded), decoded.shape, decoded.dtype.name, of_mask)


def _mask_facts(mask: np.ndarray, prepared: np.ndarray | None) -> MaskFacts:
    after = mask if prepared is None else prepared
    shares = (float(masks_of(pixels).mean()) for pixels in (mask, after))
    return MaskFacts(_digest(mask), is_telling(mask), *shares)


def _digest(pixels: np.ndarray) -> bytes:
    return hashlib.sha256(np.ascontiguousarray(pixels).data).digest()


def _in_parallel(
    work: Callable[[int], Facts], image_set: ImageSet, progress: Progress | None
) -> Iterator[Result]:
    """`Facts` or the `InputError` of each image, in order, with few results in flight."""

    def guarded(index: int) -> Result:
        try:
            return work(index)
        except ShapeError:
            raise
        except InputError as error:
            return error

    def block(start: int) -> list[Result]:
        return [guarded(index) for index in range(start, min(start + BLOCK, total))]

    total, done = len(image_set.records), 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        try:
            for results in _ahead(pool, block, range(0, total, BLOCK)):
                yield from results
                done += len(results)
                if progress:
                    progress(done, total, "reading images")
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _ahead(
    pool: ThreadPoolExecutor, work: Callable[[int], list[Result]], items: Iterable[int]
) -> Iterator[list[Result]]:
    """Results of `work` in order, with at most `AHEAD` items in the pool."""
    waiting: deque = deque()
    for item in items:
        waiting.append(pool.submit(work, item))
        if len(waiting) == AHEAD:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _sorted_out(image_set: ImageSet, results: Iterable[Result], store: Store | None) -> ReadSet:
    kept, bad = [], []
    for row, (record, result) in enumerate(zip(image_set.records, results, strict=True)):
        if isinstance(result, InputError):
            bad.append((record.name, str(result)))
        else:
            kept.append((record, row, result))
    records, rows, facts = zip(*kept, strict=True) if kept else ((), (), ())
    return ReadSet(records, rows, facts, store, tuple(bad))
