"""Near-duplicates: copies of one picture that were re-encoded, resized, mirrored or turned.

The fingerprint is a perceptual hash of 255 bits: the signs, about their median, of the lowest
16×16 coefficients of the discrete cosine transform of the picture at 64×64 grey pixels.
Mirroring or transposing a picture only changes signs and places of these coefficients, so
one transform gives the hashes of all eight turned and mirrored forms.

Two pictures are near-duplicates when some form of one differs from the other in at most
`THRESHOLD` bits. Measured on real sets: copies re-encoded at JPEG quality 40, shrunk to a third,
mirrored or made brighter differ in 0 to 20 bits; of all pairs of different pictures the closest
differ in 38 (631,000 pairs of chest X-rays), 58 (731,000 of foot ulcers) and 28 (103,000 of
retinas, which share a round frame). Below about 64 pixels the hash sees too little: exact,
mirrored and brightened copies are found there, re-encoded ones are not, and different pictures
that look alike, such as some handwritten ones, are taken for copies.
"""

from collections.abc import Iterable, Iterator

import numpy as np

from tfmedgan.data.records import Progress

THRESHOLD = 24  # bits of 255
GRID = 64  # pixels
LOWEST = 16  # coefficients in each direction
CHUNK = 2048  # images, or pairs, compared at a time
FIRST_LOOK = 20  # bits of 135
ONES = np.unpackbits(np.arange(256, dtype=np.uint8)[:, np.newaxis], axis=1).sum(1, dtype=np.int32)


def fingerprint(image: np.ndarray) -> np.ndarray:
    """Lowest coefficients of the cosine transform, float32 (16, 16).

    Args:
        image: uint8 or uint16, (height, width) or (height, width, 1 or 3).
    """
    import cv2

    grey = image if image.ndim == 2 or image.shape[2] == 1 else image[..., 1]
    height, width = grey.shape[:2]
    # Halved, to a multiple of the grid: OpenCV's area average is fast by whole factors only.
    fitting = (_half(width), _half(height))
    if fitting != (width, height):
        grey = cv2.resize(np.ascontiguousarray(grey), fitting, interpolation=cv2.INTER_LINEAR)
    small = cv2.resize(np.ascontiguousarray(grey), (GRID, GRID), interpolation=cv2.INTER_AREA)
    return cv2.dct(small.astype(np.float32))[:LOWEST, :LOWEST].copy()


def _half(side: int) -> int:
    """The smallest multiple of the grid that is at least half of `side`."""
    return max(GRID, -(-side // (2 * GRID)) * GRID)


def dihedral_forms(coefficients: np.ndarray) -> Iterator[np.ndarray]:
    """The coefficients, (N, 16, 16), of the eight turned and mirrored forms of each picture."""
    odd = np.where(np.arange(LOWEST) % 2, -1.0, 1.0).astype(np.float32)
    for turned in (coefficients, coefficients.transpose(0, 2, 1)):
        for rows in (1.0, odd[:, np.newaxis]):
            for columns in (1.0, odd):
                yield turned * rows * columns


def bits(coefficients: np.ndarray) -> np.ndarray:
    """The hashes of (N, 16, 16) coefficients: float32 ±1, (N, 255); brightness left out."""
    values = coefficients.reshape(len(coefficients), -1)[:, 1:]
    above = values > np.median(values, axis=1, keepdims=True)
    return np.where(above, np.float32(1), np.float32(-1))


def unturned_bits(coefficients: np.ndarray) -> np.ndarray:
    """Hashes that are the same for all eight forms, float32 ±1, (N, 135): magnitudes only."""
    magnitudes = np.abs(coefficients)
    rows, columns = np.triu_indices(LOWEST)
    values = (magnitudes + magnitudes.transpose(0, 2, 1))[:, rows, columns][:, 1:]
    above = values > np.median(values, axis=1, keepdims=True)
    return np.where(above, np.float32(1), np.float32(-1))


def near_pairs(
    coefficients: np.ndarray, threshold: int = THRESHOLD, progress: Progress | None = None
) -> list[tuple[int, int, int]]:
    """Pairs of near-duplicates as (first, second, bits that differ), first < second.

    Only pairs whose `unturned_bits` differ in at most `FIRST_LOOK` places are compared form by
    form: in measured copies these differ in at most 16.

    Args:
        coefficients: `fingerprint` of each image, (N, 16, 16).
        threshold: largest number of bits that may differ.
    """
    total = len(coefficients)
    near: list[tuple[int, int, int]] = []
    if total == 0:
        return near
    chunks = [coefficients[i : i + CHUNK] for i in range(0, total, CHUNK)]
    unturned = np.concatenate([unturned_bits(chunk) for chunk in chunks])
    packed = np.concatenate([_packed_forms(chunk) for chunk in chunks])
    least = unturned.shape[1] - 2 * FIRST_LOOK  # a product of ±1 is places − 2 · differences
    for start in range(0, total, CHUNK):
        for other in range(start, total, CHUNK):
            agreement = unturned[start : start + CHUNK] @ unturned[other : other + CHUNK].T
            rows, columns = np.nonzero(agreement >= least)
            rows, columns = rows + start, columns + other
            ahead = columns > rows
            near += _confirmed(packed, rows[ahead], columns[ahead], threshold)
        if progress:
            progress(min(start + CHUNK, total), total, "comparing images")
    return near


def _packed_forms(coefficients: np.ndarray) -> np.ndarray:
    """Hashes of the eight forms of each image, uint8 (N, 8, 32), eight bits to the byte."""
    return np.stack([np.packbits(bits(f) > 0, axis=1) for f in dihedral_forms(coefficients)], 1)


def _confirmed(
    packed: np.ndarray, rows: np.ndarray, columns: np.ndarray, threshold: int
) -> list[tuple[int, int, int]]:
    """The pairs of which some form of the first is near the second."""
    confirmed = []
    for start in range(0, len(rows), CHUNK):
        first, second = rows[start : start + CHUNK], columns[start : start + CHUNK]
        differing = np.bitwise_xor(packed[first], packed[second, :1])
        distance = ONES[differing].sum(axis=2).min(axis=1)
        near = np.flatnonzero(distance <= threshold)
        confirmed += [(int(first[i]), int(second[i]), int(distance[i])) for i in near]
    return confirmed


def grouped(count: int, pairs: Iterable[tuple[int, int, int]], names: list[str]) -> np.ndarray:
    """Number of the group of each image, int (count,): joined by `pairs`, or by an equal name.

    Args:
        pairs: tuples that begin with the positions of two images.
        names: patient or other group of each image; empty: none.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    first_with: dict[str, int] = {}
    links = [(pair[0], pair[1]) for pair in pairs]
    for index, name in enumerate(names):
        if name:
            links.append((first_with.setdefault(name, index), index))
    rows, columns = zip(*links, strict=True) if links else ((), ())
    graph = coo_array((np.ones(len(links), bool), (rows, columns)), shape=(count, count))
    return connected_components(graph, directed=False)[1]
