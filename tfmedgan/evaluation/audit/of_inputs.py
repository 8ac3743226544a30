"""An audit of what is evaluated, in features and in pixels, and its rows."""

from dataclasses import dataclass, replace

from tfmedgan.evaluation.audit.membership import INTERVAL, JOINT, MembershipAudit, audit
from tfmedgan.evaluation.audit.roles import Roles
from tfmedgan.evaluation.comparison import EvaluatedSet, protocol_of
from tfmedgan.evaluation.extractor import Extractor
from tfmedgan.evaluation.images import joined
from tfmedgan.evaluation.intervals import Figure
from tfmedgan.evaluation.metrics import Sample
from tfmedgan.evaluation.nn_distances import PIXELS, pixels
from tfmedgan.evaluation.resize import RESIZER
from tfmedgan.evaluation.rows import Protocol, Row
from tfmedgan.evaluation.titles import AUDITED

SETS = ("fake", "training", "held_out")


@dataclass(frozen=True)
class AuditedRun:
    """An audit and its rows."""

    audit: MembershipAudit
    rows: list[Row]


def audited(
    samples: dict[str, Sample], roles: Roles, extractor: Extractor, run: str, seed: int
) -> AuditedRun:
    """The audit of samples named `fake`, `training` and `held_out`.

    Raises:
        InputError: for fewer than 20 generated images.
    """
    in_pixels = {name: pixels(samples[name].images) for name in SETS}
    spaces = [{extractor.name: samples[name].features, "pixels": in_pixels[name]} for name in SETS]
    fake, training, held_out = spaces
    done = audit(fake, training, held_out, roles, seed)
    protocols = {
        (space, control): _protocol(samples, roles, space, control, extractor, run, seed)
        for space in fake
        for control in (False, True)
    }
    rows: list[Row] = []
    for result in done.results:
        name, space = f"{AUDITED}_{result.attack}", result.space
        of_fakes, of_control = (protocols[space, control] for control in (False, True))
        rows += [
            _row(f"{name}_{space}", result.auc, of_fakes, run, INTERVAL),
            _row(f"{name}_control_{space}", result.control, of_control, run, INTERVAL),
            _row(f"{name}_difference_{space}", result.difference, of_fakes, run, JOINT),
        ]
    return AuditedRun(done, rows)


def _row(metric: str, figure: Figure, protocol: Protocol, run: str, interval: str) -> Row:
    return Row(metric, figure.value, figure.low, figure.high, protocol, run, interval)


def _protocol(samples, roles: Roles, space: str, control: bool, extractor, run, seed) -> Protocol:
    training, held_out = (samples[name].images for name in ("training", "held_out"))
    attacked = [training.take(roles.members), held_out.take(roles.non_members)]
    real = Sample(images=joined(attacked, "attacked images"))
    fake = _control(samples["held_out"], roles) if control else samples["fake"]
    size = len(roles.members)
    evaluated = EvaluatedSet(run, f"{size} training and {size} held-out images")
    if space != "pixels":
        return protocol_of(real, fake, extractor, evaluated, seed)
    resizer = f"{RESIZER}, to {PIXELS}×{PIXELS} at most"
    return replace(protocol_of(real, fake, None, evaluated, seed), resizer=resizer)


def _control(held_out: Sample, roles: Roles) -> Sample:
    part = Sample(features=held_out.features[roles.control])
    part.images = held_out.images.take(roles.control)
    return part
