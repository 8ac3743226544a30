"""Generated images against real ones: from two sets of images to rows."""

from dataclasses import dataclass, replace

import numpy as np

from tfmedgan.config import DEFAULT_FEATURES
from tfmedgan.errors import require
from tfmedgan.evaluation.cache import FeatureCache
from tfmedgan.evaluation.extractor import Extractor
from tfmedgan.evaluation.features import BATCH, Progress, extract, name_of, open_extractor
from tfmedgan.evaluation.images import ImagePool, open_pool, paired
from tfmedgan.evaluation.metrics import METRICS, Estimate, Sample, bounds_of, select, shortage
from tfmedgan.evaluation.own_names import estimates_asked, own_note, own_title, row_name
from tfmedgan.evaluation.rows import Protocol, Row, check_value
from tfmedgan.seeding import rng

ALL = ("all",)


@dataclass(frozen=True)
class EvaluatedSet:
    """What is compared, as rows name it."""

    run: str = ""
    reference: str = "real images as given"
    classes: tuple[str, ...] = ALL


def evaluate(
    generated,
    real,
    metrics: tuple[str, ...] = (),
    features=DEFAULT_FEATURES,
    *,
    pairs: bool = False,
    seed: int = 0,
    evaluated: EvaluatedSet | None = None,
    labelled=None,
    cache: FeatureCache | None = None,
    batch_size: int = BATCH,
    progress: Progress | None = None,
) -> list[Row]:
    """Metrics of generated images against real ones.

    Args:
        generated, real: uint8 (N, H, W, C) arrays, folders, or objects of `ImagePool`.
        metrics: names of metrics or of single estimates; none: those that are on by default.
        features: `random`, `inception`, `classifier`, `radiomics`, a path, or an `Extractor`.
        pairs: whether image i of one set belongs to image i of the other; PSNR and SSIM
            are refused otherwise.
        seed: of subsets and pairs.
        evaluated: names of the run and of the reference in the rows.
        labelled: (images, labels) that `classifier` is trained on.
        cache: where features are kept.

    Raises:
        InputError: unknown names, unpaired PSNR or SSIM, too few images (says how many are
            needed), images that do not fit.
    """
    chosen = select(estimates_asked(metrics, name_of(features)))
    real, fake = open_pool(real, "real"), open_pool(generated, "generated")
    check_request(chosen, len(real), len(fake), pairs)
    if pairs:
        paired(real, fake)
    else:
        real, fake = real.in_order_of_content(), fake.in_order_of_content()
    reals, fakes = Sample(images=real), Sample(images=fake)
    extractor = None
    if any(METRICS[name].needs in ("features", "probabilities") for name in chosen):
        extractor = open_extractor(features, labelled)
        reals, fakes = (sample_of(extractor, p, cache, progress, batch_size) for p in (real, fake))
    return measure(chosen, reals, fakes, extractor, evaluated or EvaluatedSet(), seed, progress)


def check_request(chosen: dict, n_real: int, n_fake: int, pairs: bool) -> None:
    """Refuse what cannot be answered, before anything is computed."""
    if not pairs:
        refuse_pairs(chosen)
    for name in chosen:
        lack = shortage(METRICS[name], {"real": n_real, "generated": n_fake})
        require(not lack, f"{name}: {lack}")


def refuse_pairs(chosen: dict) -> None:
    """Refuse PSNR and SSIM: what is compared are two sets, not pairs."""
    for name in chosen:
        require(
            METRICS[name].needs != "pairs",
            f"{name} compares pairs of images, and these are none; say that they are pairs "
            "(pairs=True, --pairs), or use iut2023_one_vs_all",
        )


def measure(
    chosen: dict[str, tuple[str, ...]],
    real: Sample,
    fake: Sample,
    extractor: Extractor | None,
    evaluated: EvaluatedSet,
    seed: int,
    progress: Progress | None = None,
) -> list[Row]:
    """Rows of the chosen metrics of two samples; see `evaluate`."""
    rows = []
    if extractor:
        real, fake = comparable(extractor, real, fake)
    for index, (name, kept) in enumerate(chosen.items()):
        metric = METRICS[name]
        uses = extractor if metric.needs in ("features", "probabilities") else None
        _require_probabilities(name, metric, fake, uses)
        estimates = metric.measure(real, fake, rng(seed, f"evaluation/{name}"))
        protocol = protocol_of(real, fake, uses, evaluated, seed)
        rows += [_row(e, protocol, evaluated.run) for e in estimates if e.metric in kept]
        if progress:
            progress(index + 1, len(chosen), "metrics")
    return rows


def comparable(extractor: Extractor, reference: Sample, *others: Sample) -> list[Sample]:
    """Samples with features as metrics take them; see `Extractor.comparable`."""
    samples = (reference, *others)
    features = extractor.comparable(*(sample.features for sample in samples))
    return [
        sample if values is sample.features else replace(sample, features=values)
        for sample, values in zip(samples, features, strict=True)
    ]


def sample_of(
    extractor: Extractor,
    pool: ImagePool,
    cache: FeatureCache | None = None,
    progress: Progress | None = None,
    batch_size: int = BATCH,
) -> Sample:
    """Images with their features."""
    features = extract(extractor, pool, batch_size=batch_size, cache=cache, progress=progress)
    return Sample(features.values, features.probabilities, pool)


def _require_probabilities(name, metric, fake: Sample, extractor) -> None:
    require(
        metric.needs != "probabilities" or fake.probabilities is not None,
        f"{name} needs class probabilities, which {extractor and extractor.name} does not give; "
        "use --features inception or classifier",
    )


def _row(estimate: Estimate, protocol: Protocol, run: str) -> Row:
    bounds = bounds_of(estimate.metric)
    network = protocol.extractor != "pixels"
    name = row_name(estimate.metric, protocol.extractor) if network else estimate.metric
    for value in (estimate.value, estimate.low, estimate.high):
        if value is not None:
            check_value(name, value, bounds if value is estimate.value else (-np.inf, np.inf))
    low, high = (_inside(limit, bounds) for limit in (estimate.low, estimate.high))
    value = float(estimate.value)
    note = own_note(name, value, own_title(estimate.note, protocol.extractor))
    return Row(name, value, low, high, protocol, run, estimate.interval, note)


def _inside(limit: float | None, bounds: tuple[float, float]) -> float | None:
    return None if limit is None else float(np.clip(limit, *bounds))


def protocol_of(
    real: Sample, fake: Sample, extractor: Extractor | None, evaluated: EvaluatedSet, seed: int
) -> Protocol:
    """How figures of these samples are made; without an extractor, of pixels."""
    return Protocol(
        n_real=real.size,
        n_fake=fake.size,
        extractor=extractor.name if extractor else "pixels",
        extractor_sha256=extractor.sha256 if extractor else "",
        features=fake.features.shape[1] if extractor else 0,
        resizer=extractor.resizer if extractor else "none",
        image_size=tuple(map(int, fake.images.shape)),
        reference=evaluated.reference,
        reference_digest=real.images.digest,
        classes=evaluated.classes,
        seed=seed,
    )
