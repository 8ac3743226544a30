"""Who is who in an audit: members and, among images never trained on, three further parts.

Images of one patient, and near-duplicates, have the same role.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tfmedgan.errors import require
from tfmedgan.evaluation.images import ImagePool
from tfmedgan.seeding import rng

SHARES = {"non_members": 0.4, "reference": 0.4, "control": 0.2}  # of the held-out images
LEAST = 20  # images in each role

Groups = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Roles:
    """Positions in the training and in the held-out images, and whose the images are."""

    members: np.ndarray  # in the training images, as many as non-members
    non_members: np.ndarray  # in the held-out images, as the next two
    reference: np.ndarray  # real images that an attacker may know
    control: np.ndarray  # stand in for the generated images
    patients: np.ndarray  # int, of the members
    other_patients: np.ndarray  # int, of the non-members


def roles(
    training: ImagePool,
    held_out: ImagePool | None,
    groups: tuple[Groups, Groups] = ((), ()),
    seed: int = 0,
) -> Roles:
    """Deal out the roles, whole groups at a time.

    Args:
        groups: names of images that belong together, in the training and in the held-out images.
        seed: of the order in which they are dealt out.

    Raises:
        InputError: for too few images, or one that is both trained on and held out.
    """
    needed = round(LEAST / min(SHARES.values()))
    count = len(held_out) if held_out else 0
    require(
        held_out is not None and count >= needed,
        f"--audit: {count} images held out; at least {needed} are needed, as non-members "
        f"({SHARES['non_members']:.0%}), as reference ({SHARES['reference']:.0%}) and as control "
        f"({SHARES['control']:.0%})",
    )
    assert held_out is not None
    require(
        len(training) >= LEAST,
        f"--audit: {len(training)} training images; at least {LEAST} are needed",
    )
    _require_disjoint(training, held_out)
    own, others = (patients(p, g) for p, g in zip((training, held_out), groups, strict=True))
    parts = _dealt(others, seed)
    members = _shuffled(own, rng(seed, "audit/members"))
    size = min(len(members), len(parts[0]))
    members, non_members = members[:size], parts[0][:size]
    _, reference, control = parts
    whose = own[members], others[non_members]
    return Roles(members, non_members, reference, control, *whose)


def _require_disjoint(training: ImagePool, held_out: ImagePool) -> None:
    known = dict(zip(training.hashes, training.names, strict=True))
    both = [(known[h], name) for h, name in zip(held_out.hashes, held_out.names, strict=True)
            if h in known]  # fmt: skip
    require(
        not both,
        f"--audit: {len(both)} images are both trained on and held out, such as "
        f"{' and '.join(both[0]) if both else ''}; take them out of the non-members",
    )


def patients(pool: ImagePool, groups: Groups) -> np.ndarray:
    """For each image the number of its group; images of no group have one of their own."""
    of_name = {name: index for index, names in enumerate(groups) for name in names}
    return np.array([of_name.get(name, len(groups) + i) for i, name in enumerate(pool.names)])


def _shuffled(patients: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Positions of the images, the patients in a random order."""
    _, place = np.unique(patients, return_inverse=True)
    return np.argsort(generator.permutation(place.max() + 1)[place], kind="stable")


def _dealt(patients: np.ndarray, seed: int) -> list[np.ndarray]:
    """Positions of the held-out images in the three roles; a patient is where its first image is.

    Raises:
        InputError: when a role gets too few images, because many are of one patient.
    """
    order = _shuffled(patients, rng(seed, "audit/roles"))
    _, place = np.unique(patients[order], return_inverse=True)
    first = np.full(place.max() + 1, len(order))
    np.minimum.at(first, place, np.arange(len(order)))
    edges = np.cumsum(list(SHARES.values())) * len(order)
    role = np.searchsorted(edges[:-1], first[place], side="right")
    parts = [order[role == index] for index in range(len(SHARES))]
    for name, part in zip(SHARES, parts, strict=True):
        require(
            len(part) >= LEAST,
            f"--audit: {len(part)} images for the {name.replace('_', '-')}, since images of one "
            f"patient stay together; at least {LEAST} are needed: hold out more patients",
        )
    return parts
