"""KID and FID of a source's images beside real images that are held out; masks do not count."""

from dataclasses import asdict
from functools import lru_cache
from pathlib import Path

import numpy as np

from tfmedgan.data.masks import without_mask
from tfmedgan.data.prepare import PreparedData
from tfmedgan.downstream.config import MaskStudy, PairSource
from tfmedgan.errors import InputError
from tfmedgan.evaluation.cache import FeatureCache
from tfmedgan.evaluation.comparison import EvaluatedSet, evaluate
from tfmedgan.evaluation.features import open_extractor
from tfmedgan.evaluation.images import array_pool

METRICS = ("kid", "fid")
_extractor = lru_cache(maxsize=1)(open_extractor)


def measure(
    study: MaskStudy, source: PairSource, images: np.ndarray, data: PreparedData, cache: Path
) -> dict[str, dict]:
    """By metric a value with its interval and protocol, or None and a note that says why.

    Args:
        images: uint8 (n, H, W, C), of which `study.fakes` are taken at most.
    """
    held = [data.parts[part].images for part in ("validation", "test") if len(data.parts[part])]
    real = array_pool(without_mask(np.concatenate(held)), "held-out images")
    fake = array_pool(without_mask(images[: study.fakes]), source.name)
    return {metric: _row(study, metric, fake, real, cache) for metric in METRICS}


def _row(study: MaskStudy, metric: str, fake, real, cache: Path) -> dict:
    try:
        rows = evaluate(
            fake, real, (metric,), _extractor(study.features), seed=study.data_seed,
            evaluated=EvaluatedSet(fake.name, real.name), cache=FeatureCache(cache),
        )  # fmt: skip
    except InputError as error:
        return {"value": None, "low": None, "high": None, "protocol": {}, "note": str(error)}
    row = next(row for row in rows if row.estimate == metric)
    return {
        "value": row.value, "low": row.low, "high": row.high, "protocol": asdict(row.protocol),
        "note": row.note,
    }  # fmt: skip
