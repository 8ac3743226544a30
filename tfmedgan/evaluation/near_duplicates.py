"""Exact copies of training images, and near ones by their fingerprint, also mirrored or turned."""

import numpy as np
from scipy import stats

from tfmedgan.data.duplicates import THRESHOLD, bits, dihedral_forms, fingerprint

QUERIES, TRAINING = 512, 8192  # hashes compared at a time


def near_duplicates(pools: dict) -> dict:
    """Exact copies by their hash, near copies, also mirrored or turned, by the perceptual one."""
    known = set(pools["training"].hashes)
    prints = {name: pool.map(fingerprint) for name, pool in pools.items() if pool is not None}
    training = bits(prints["training"])
    fake_bits, partner = nearest_bits(prints["fake"], training)
    alone = pools["held_out"] is None
    real = prints["training"] if alone else prints["held_out"]
    real_bits, _ = nearest_bits(real, training, alone)
    near = np.flatnonzero(fake_bits <= THRESHOLD)
    counts = (len(near), int((real_bits <= THRESHOLD).sum()))
    sizes = (len(fake_bits), len(real_bits))
    table = [[counts[0], sizes[0] - counts[0]], [counts[1], sizes[1] - counts[1]]]
    return {
        "exact": sum(value in known for value in pools["fake"].hashes),
        "near": counts[0],
        "near_share": counts[0] / sizes[0],
        "held_out_near_share": counts[1] / sizes[1],
        "p_value": float(stats.fisher_exact(table, alternative="greater").pvalue),
        "pairs": [(int(i), int(partner[i])) for i in near[np.argsort(fake_bits[near])]],
    }


def nearest_bits(prints: np.ndarray, training: np.ndarray, alone: bool = False):
    """Fewest differing bits of any form of each picture to a training image, and which one."""
    best, partner = np.full(len(prints), -np.inf), np.zeros(len(prints), np.int64)
    for start in range(0, len(prints), QUERIES):
        turned = [bits(form) for form in dihedral_forms(prints[start : start + QUERIES])]
        rows = np.arange(start, start + len(turned[0]))
        for other in range(0, len(training), TRAINING):
            agreement = _agreement(turned, training[other : other + TRAINING])
            if alone:
                inside = rows[(rows >= other) & (rows < other + TRAINING)]
                agreement[inside - start, inside - other] = -np.inf
            most = agreement.max(axis=1)
            better = most > best[rows]
            best[rows[better]] = most[better]
            partner[rows[better]] = agreement.argmax(axis=1)[better] + other
    return (training.shape[1] - best) / 2, partner


def _agreement(turned: list[np.ndarray], training: np.ndarray) -> np.ndarray:
    """Bits that agree less bits that differ, of the form that agrees most, (M, N)."""
    most = turned[0] @ training.T
    for form in turned[1:]:
        np.maximum(most, form @ training.T, out=most)
    return most
