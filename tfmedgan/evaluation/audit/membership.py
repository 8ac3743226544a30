"""The audit of membership: each attack beside its control, and a verdict in words.

The control is the same attack with held-out reals in place of the generated images: members and
non-members may differ by themselves, and what tells them apart then is not the generator.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cached_property

import numpy as np

from tfmedgan.errors import require
from tfmedgan.evaluation.audit.attacks import ATTACKS
from tfmedgan.evaluation.audit.auc import Placements, roc
from tfmedgan.evaluation.audit.roles import LEAST, Roles
from tfmedgan.evaluation.intervals import LEVEL, Figure
from tfmedgan.reporting.formatting import number
from tfmedgan.seeding import rng

RULE = (
    "an alarm where the interval of attack less control, made for all attacks together "
    "(Bonferroni), lies above zero"
)
INTERVAL = "DeLong, by patient, 95 %"
JOINT = (
    "DeLong, by patient, and delete-half jackknife of generated and control images, 95 % for all "
    "attacks together"
)
HALVES = 10  # random halves of the generated images and of the control's
CAVEAT = "an audit with the attacks named; not a proof of privacy"
QUIET = "no attack told training images from held-out ones better than its control did"
DIFFER = (
    " Members and non-members differ by themselves, since held-out images tell them apart, too: "
    "a small difference may come from that."
)
ALARM = "training images can be told from held-out ones by the generated images"


@dataclass(frozen=True)
class AttackResult:
    """One attack in one space."""

    attack: str  # its name in `ATTACKS`
    space: str  # name of an extractor, or "pixels"
    auc: Figure
    control: Figure
    difference: Figure  # for all attacks together
    differs: bool  # whether the control, too, tells members from non-members, or the reverse
    curve: tuple[np.ndarray, np.ndarray]  # false and true positive rate
    control_curve: tuple[np.ndarray, np.ndarray]

    @property
    def title(self) -> str:
        return ATTACKS[self.attack].title

    @property
    def seen_in(self) -> str:
        return "in pixels" if self.space == "pixels" else f"in {self.space} features"

    @property
    def alarms(self) -> bool:
        return self.difference.low > 0


@dataclass(frozen=True)
class MembershipAudit:
    """All attacks, and what they were made with."""

    results: tuple[AttackResult, ...]
    refused: tuple[str, ...]  # attacks that were not possible
    counts: dict[str, int]  # of images by role

    @property
    def alarm(self) -> bool:
        return any(result.alarms for result in self.results)

    @property
    def differs(self) -> bool:
        return any(result.differs for result in self.results)

    @cached_property
    def noticed(self) -> float:
        """The least difference from the control that would have been an alarm in every attack."""
        return max(r.difference.value - r.difference.low for r in self.results)

    @property
    def sentence(self) -> str:
        if self.alarm:
            said = f"ALARM: {ALARM} ({self._told})."
        else:
            said = (
                f"no alarm: {QUIET}; a difference of AUC from about {number(self.noticed, 2)} on "
                "would have been noticed. Not a proof of privacy."
            )
        return f"Membership audit: {said}{DIFFER if self.differs else ''}"

    @property
    def _told(self) -> str:
        """Attacks that are alarms, by space."""
        told: dict[str, list[str]] = {}
        for result in self.results:
            if result.alarms:
                told.setdefault(result.seen_in, []).append(result.title)
        return "; ".join(f"{space}: {', '.join(titles)}" for space, titles in told.items())

    def to_dict(self) -> dict:
        """What audit.json holds."""
        return {
            "verdict": ALARM if self.alarm else QUIET,
            "alarm": self.alarm,
            "members_differ_by_themselves": self.differs,
            "sentence": self.sentence,
            "rule": RULE,
            "interval": INTERVAL,
            "interval_of_difference": JOINT,
            "noticed_from": self.noticed,
            "images": self.counts,
            "attacks": [
                {"attack": r.attack, "source": ATTACKS[r.attack].source, "space": r.space}
                | {name: asdict(getattr(r, name)) for name in ("auc", "control", "difference")}
                | {"alarm": r.alarms}
                for r in self.results
            ],
            "refused": list(self.refused),
            "caveat": CAVEAT,
        }


def audit(
    fake: dict[str, np.ndarray],
    training: dict[str, np.ndarray],
    held_out: dict[str, np.ndarray],
    roles: Roles,
    seed: int = 0,
) -> MembershipAudit:
    """Run the attacks.

    Args:
        fake, training, held_out: features, (N, d), under the name of each space.
        roles: of the training and held-out images.
        seed: of the halves behind the intervals of differences.

    Raises:
        InputError: for fewer than 20 generated images.
    """
    count = len(next(iter(fake.values())))
    require(count >= LEAST, f"--audit: {count} generated images; at least {LEAST} are needed")
    level = 1 - (1 - LEVEL) / (len(ATTACKS) * len(fake))
    results, refused = [], []
    for space in fake:
        real = held_out[space]
        images = np.concatenate([training[space][roles.members], real[roles.non_members]])
        sets = fake[space], real[roles.control], real[roles.reference]
        for name in ATTACKS:
            try:
                results.append(_result(name, space, images, sets, roles, level, seed))
            except np.linalg.LinAlgError:
                title = ATTACKS[name].title
                refused.append(f"{title}, {space}: images vary too little for densities.")
    counts = {"members": len(roles.members), "non-members": len(roles.non_members)}
    counts |= {"reference": len(roles.reference), "control": len(roles.control), "generated": count}
    return MembershipAudit(tuple(results), tuple(refused), counts)


def _result(name, space, images, sets, roles: Roles, level: float, seed: int) -> AttackResult:
    fakes, control, reference = sets
    size, whose = len(roles.members), (roles.patients, roles.other_patients)

    def attacked(seen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        scores = ATTACKS[name].scores(images, seen, reference)
        return scores[:size], scores[size:]

    generator = rng(seed, f"audit/{name}/{space}")
    spread = sum(_spread(attacked, seen, generator) for seen in (fakes, control))
    of_fakes, of_control = attacked(fakes), attacked(control)
    attack, baseline = Placements.of(*of_fakes), Placements.of(*of_control)
    joint = baseline.figure(*whose, level)
    return AttackResult(
        name,
        space,
        _inside(attack.figure(*whose)),
        _inside(baseline.figure(*whose)),
        (attack - baseline).figure(*whose, level, spread),
        not joint.low <= 0.5 <= joint.high,
        roc(*of_fakes),
        roc(*of_control),
    )


def _spread(attacked: Callable, seen: np.ndarray, generator: np.random.Generator) -> float:
    """Variance of the AUC from the choice of what the attacker sees (delete-half jackknife).

    Without it, where members differ from non-members, every second audit of an innocent
    generator was an alarm: the attack and its control see different images.
    """
    areas = []
    for _ in range(HALVES):
        half = generator.permutation(len(seen))[: len(seen) // 2]
        areas.append(Placements.of(*attacked(seen[half])).area)
    return float(np.var(areas, ddof=1))


def _inside(figure: Figure) -> Figure:
    return Figure(figure.value, max(figure.low, 0.0), min(figure.high, 1.0))
