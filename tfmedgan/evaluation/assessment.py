"""A full evaluation: metrics, per class, and the check for copies."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tfmedgan.config import DEFAULT_FEATURES
from tfmedgan.errors import InputError
from tfmedgan.evaluation import subgroups
from tfmedgan.evaluation.alarms import alarms
from tfmedgan.evaluation.audit.of_inputs import AuditedRun, audited
from tfmedgan.evaluation.audit.roles import Roles, roles
from tfmedgan.evaluation.cache import FeatureCache
from tfmedgan.evaluation.caution import caution
from tfmedgan.evaluation.comparison import (
    EvaluatedSet,
    check_request,
    comparable,
    measure,
    protocol_of,
    sample_of,
)
from tfmedgan.evaluation.extractor import Extractor
from tfmedgan.evaluation.features import Progress, labelled, name_of, open_extractor
from tfmedgan.evaluation.images import ImagePool, joined
from tfmedgan.evaluation.inputs import EvaluationInputs
from tfmedgan.evaluation.log_signs import absent_sites
from tfmedgan.evaluation.memorisation import CopyCheck, check_copies
from tfmedgan.evaluation.metrics import METRICS, Sample, select, shortage
from tfmedgan.evaluation.metrics.tint import is_coloured
from tfmedgan.evaluation.own_names import estimates_asked
from tfmedgan.evaluation.rows import Row
from tfmedgan.evaluation.subgroups import Subgroups
from tfmedgan.evaluation.titles import AUTHPCT

NETWORK = ("features", "probabilities")


@dataclass(frozen=True)
class Assessment:
    """Everything that was found out about one set of generated images."""

    inputs: EvaluationInputs
    rows: list[Row]  # of all images together
    class_rows: list[Row]  # of one class each
    refused: list[str]  # what could not be measured, and what it would need
    copies: CopyCheck | None
    alarms: list[str]
    membership: AuditedRun | None = None
    subgroups: Subgroups | None = None

    @property
    def trust_rows(self) -> list[Row]:
        """Of the audit and of subgroups, where they were asked for."""
        return [row for part in (self.membership, self.subgroups) if part for row in part.rows]

    @property
    def caution(self) -> str:
        return caution(self.rows)

    @property
    def sentences(self) -> list[str]:
        """What the audit and the subgroups say."""
        audit = [self.membership.audit.sentence] if self.membership else []
        return audit + (self.subgroups.sentences if self.subgroups else [])


def assess(
    inputs: EvaluationInputs,
    metrics: tuple[str, ...] | None = (),
    features=DEFAULT_FEATURES,
    *,
    seed: int = 0,
    copies: bool = True,
    audit: bool = False,
    by: str = "",
    cache: FeatureCache | None = None,
    progress: Progress | None = None,
) -> Assessment:
    """Measure generated images, in all and per class, and look for copies.

    Args:
        metrics, features: as in `evaluate`; PSNR and SSIM are refused, no pairs exist here.
            None: nothing is measured, copies are looked for.
        copies: whether to compare with the training images.
        audit: whether to attack the membership of training images.
        by: column of the data by whose values subgroups of the reference are made.

    Raises:
        InputError: as `evaluate`; for an audit with too few images.
    """
    chosen = _chosen(inputs, metrics, features)
    check_request(chosen, len(inputs.reference), len(inputs.fake), pairs=False)
    uses_network = copies or audit or by or any(METRICS[name].needs in NETWORK for name in chosen)
    extractor = (
        open_extractor(features, labelled(inputs.labelled, features)) if uses_network else None
    )
    pools = _ordered(inputs, copies or audit)
    dealt = _roles(inputs, pools, seed) if audit else None
    grouped = subgroups.of_column(inputs, by, chosen) if by else None
    samples = _samples(extractor, pools, cache, progress)
    real, fake = samples["reference"], samples["fake"]
    evaluated = EvaluatedSet(inputs.name, inputs.reference_name)
    rows = measure(chosen, real, fake, extractor, evaluated, seed, progress)
    class_rows, refused = _per_class(chosen, inputs, real, fake, extractor, seed, progress)
    check = None
    if copies and extractor:
        check, reasons = _copies(pools, samples, extractor, inputs)
        refused += reasons
        if check and metrics == ():  # with names of metrics, only these have rows
            rows.append(_authpct(check, samples, extractor, evaluated, seed))
    membership, by_value = _trust(samples, dealt, grouped, extractor, evaluated, seed)
    refused += membership.audit.refused if membership else []
    refused += by_value.refused if by_value else []
    signs = _signs(inputs, rows, check, membership, by_value)
    return Assessment(inputs, rows, class_rows, refused, check, signs, membership, by_value)


def _chosen(inputs: EvaluationInputs, metrics: tuple[str, ...] | None, features) -> dict:
    """The metrics that are asked for; by default also those for pairs and colours, if they are."""
    chosen = {} if metrics is None else select(estimates_asked(metrics, name_of(features)))
    both = inputs.fake, inputs.reference
    kinds = {
        "for pairs": all(pool.read_mask for pool in both),
        "for colours": all(map(is_coloured, both)),
    }
    more = tuple(name for name, metric in METRICS.items() if kinds.get(metric.default))
    return chosen | select(more) if metrics == () and more else chosen


def _trust(samples, dealt, grouped, extractor: Extractor | None, evaluated: EvaluatedSet, seed):
    """The audit of membership and the subgroups; None for what was not asked for."""
    if extractor is None or not (dealt or grouped):
        return None, None
    alike = _comparable(samples, extractor)
    membership = audited(alike, dealt, extractor, evaluated.run, seed) if dealt else None
    if not grouped:
        return membership, None
    real, fake = alike["reference"], alike["fake"]
    return membership, subgroups.measure(grouped, real, fake, extractor, evaluated, seed)


def _signs(inputs: EvaluationInputs, rows, check, membership, by_value) -> list[str]:
    history, diversity = inputs.run.logs if inputs.run else ([], [])
    signs = alarms(history, rows, check.verdict if check else None, diversity)
    signs += absent_sites(inputs.run.rounds()).values() if inputs.run else []
    if membership and membership.audit.alarm:
        signs.append(membership.audit.sentence)
    return signs + (by_value.alarms if by_value else [])


def _roles(inputs: EvaluationInputs, pools: dict[str, ImagePool], seed: int) -> Roles:
    groups = inputs.groups.get("training", ()), inputs.groups.get("held_out", ())
    return roles(pools["training"], pools.get("held_out"), groups, seed)


def _ordered(inputs: EvaluationInputs, copies: bool) -> dict[str, ImagePool]:
    pools: dict[str, ImagePool | None] = {"reference": inputs.reference, "fake": inputs.fake}
    if copies:
        pools |= {"training": inputs.training, "held_out": inputs.held_out}
    return {name: pool.in_order_of_content() for name, pool in pools.items() if pool is not None}


def _samples(extractor: Extractor | None, pools: dict[str, ImagePool], cache, progress):
    """Samples with features; an image that is in several sets of reals is computed once."""
    if extractor is None:
        return {name: Sample(images=pool) for name, pool in pools.items()}
    reals = [pool for name, pool in pools.items() if name != "fake"]
    each_once = joined(reals, "real images").without_repeats()
    real = sample_of(extractor, each_once, cache, progress)
    samples, shared = {"fake": sample_of(extractor, pools["fake"], cache, progress)}, {}
    place = {value: index for index, value in enumerate(each_once.hashes)}
    for name in pools.keys() - {"fake"}:
        hashes = pools[name].hashes
        if hashes not in shared:  # the reference is one of the other sets, as a rule
            shared[hashes] = _rows(real, np.array([place[value] for value in hashes]))
        samples[name] = replace(shared[hashes], images=pools[name])
    return samples


def _comparable(samples: dict[str, Sample], extractor: Extractor) -> dict[str, Sample]:
    others = {name: sample for name, sample in samples.items() if name != "reference"}
    done = comparable(extractor, samples["reference"], *others.values())
    return dict(zip(("reference", *others), done, strict=True))


def _rows(sample: Sample, chosen: np.ndarray) -> Sample:
    """The chosen images of a sample; their pictures are left to the caller."""
    parts = (sample.features, sample.probabilities)
    of_them: list[Any] = [None if part is None else part[chosen] for part in parts]
    return Sample(*of_them)


def _per_class(chosen, inputs: EvaluationInputs, real, fake, extractor, seed, progress):
    rows: list[Row] = []
    without: dict[str, list[str]] = {}
    for label, name in enumerate(inputs.class_names):
        of_real, of_fake = _of_class(real, label), _of_class(fake, label)
        counts = {"real": len(of_real.images), "generated": len(of_fake.images)}
        lacks = {metric: shortage(METRICS[metric], counts) for metric in chosen}
        enough = {metric: kept for metric, kept in chosen.items() if not lacks[metric]}
        for lack in dict.fromkeys(filter(None, lacks.values())):
            short = ", ".join(metric for metric in chosen if lacks[metric] == lack)
            without.setdefault(f"{short}: {lack}", []).append(name)
        evaluated = EvaluatedSet(inputs.name, inputs.reference_name, (name,))
        rows += measure(enough, of_real, of_fake, extractor, evaluated, seed, progress)
    return rows, [f"Class {', '.join(names)}; {lack}." for lack, names in without.items()]


def _of_class(sample: Sample, label: int) -> Sample:
    chosen = np.flatnonzero(sample.images.labels == label)
    part = _rows(sample, chosen)
    part.images = sample.images.take(chosen)
    return part


def _copies(pools, samples, extractor: Extractor, inputs: EvaluationInputs):
    """The check, or None and the reasons why it was not possible."""
    names = [name for name in ("training", "fake", "held_out") if name in pools]
    features = extractor.comparable(*(samples[name].features for name in names))
    try:
        check = check_copies(
            pools["fake"],
            pools["training"],
            pools.get("held_out"),
            dict(zip(names, features, strict=True)),
            extractor.name,
        )
    except InputError as error:
        return None, [f"{str(error).capitalize()}."]
    check.verdict.update(
        run=inputs.name,
        generator_sha256=inputs.generator_sha256,
        extractor=extractor.name,
        extractor_sha256=extractor.sha256,
    )
    return check, []


def _authpct(check: CopyCheck, samples, extractor: Extractor, evaluated, seed: int) -> Row:
    """Per cent of fakes farther from their training image than that is from its next."""
    shares = check.verdict["spaces"][0]["authenticity"]
    value, low, high = (100 * shares[name] for name in ("share", "low", "high"))
    evaluated = replace(evaluated, reference="training images")
    protocol = protocol_of(samples["training"], samples["fake"], extractor, evaluated, seed)
    note = f"held-out reals: {100 * shares['held_out']:.3g}" if "held_out" in shares else ""
    name, how = f"{AUTHPCT}_{extractor.name}", "exact binomial, the training images held fixed"
    return Row(name, value, low, high, protocol, evaluated.run, how, note)
