"""What an audit finds where the answer is known, and how often it is wrong.

    python benchmarks/audit.py --images DIR --weights FILE [--write]

DIR holds the chest X-rays of covid_xray3; of near-duplicates one is kept. In random features and in
pixels:

- a generator that memorises (the training images under noise of 0, 2 and 5 grey levels);
- held-out reals in place of generated images, in 100 resamplings: an alarm would be a false one;
- the same where members differ from non-members by themselves (members are the pneumonias);
- subgroups of the real images, by class, in features of FILE and in random ones: a generator that
  leaves one class out, one that leaves none out, and 20 studies of groups dealt out by chance.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
from pages import parser, show, table

from tfmedgan.data.duplicates import fingerprint, grouped, near_pairs
from tfmedgan.data.sources import open_source
from tfmedgan.data.steps import run_steps, standard_steps
from tfmedgan.evaluation.audit.membership import audit
from tfmedgan.evaluation.audit.roles import roles
from tfmedgan.evaluation.comparison import EvaluatedSet
from tfmedgan.evaluation.extractor import Extractor
from tfmedgan.evaluation.features import extract, open_extractor
from tfmedgan.evaluation.image_scores import IMAGE_SCORES
from tfmedgan.evaluation.images import ImagePool, array_pool
from tfmedgan.evaluation.metrics import Sample
from tfmedgan.evaluation.nn_distances import pixels
from tfmedgan.evaluation.subgroups import Grouped, measure
from tfmedgan.seeding import rng

SIZE, TRAINING, HELD_OUT = 64, 300, 300
STUDIES = 20  # of groups by chance
FEW = 300  # real and generated images of a study of groups by chance
EACH = 200  # training, held-out and "generated" images where no audit may be an alarm


def radiographs(folder: Path) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Different X-rays, uint8 (N, 64, 64, 1), their labels and the classes."""
    opened = open_source(str(folder))
    steps = standard_steps((SIZE, SIZE, 1))
    images = np.stack([run_steps(opened.read(record), steps) for record in opened.records])
    labels = np.array([record.label for record in opened.records])
    pairs = near_pairs(np.stack([fingerprint(image) for image in images]))
    kept = np.unique(grouped(len(images), pairs, [""] * len(images)), return_index=True)[1]
    return images[kept], labels[kept], opened.class_names


class Spaces:
    """Features and reduced pixels of images, under the names that the audit reports."""

    def __init__(self) -> None:
        self.extractor = open_extractor("random")

    def __call__(self, images: np.ndarray) -> dict[str, np.ndarray]:
        pool = array_pool(images, "images")
        return {"random": extract(self.extractor, pool).values, "pixels": pixels(pool)}


def taken(spaces: dict[str, np.ndarray], chosen: np.ndarray) -> dict[str, np.ndarray]:
    return {name: values[chosen] for name, values in spaces.items()}


def audited(fake, spaces, pool: ImagePool, training, held_out, seed: int):
    dealt = roles(pool.take(training), pool.take(held_out), seed=seed)
    return audit(fake, taken(spaces, training), taken(spaces, held_out), dealt, seed)


def memorising(images, spaces, pool, in_spaces) -> list[str]:
    order = rng(0, "memorising").permutation(len(images))
    training, held_out = order[:TRAINING], order[TRAINING : TRAINING + HELD_OUT]
    rows = []
    for sigma in (0, 2, 5):
        noise = rng(sigma, "noise").normal(0, sigma, images[training].shape)
        copies = (images[training] + noise).round().clip(0, 255).astype(np.uint8)
        for result in audited(in_spaces(copies), spaces, pool, training, held_out, 0).results:
            values = (f"{figure.value:.3f}" for figure in (result.auc, result.control))
            alarm = "alarm" if result.alarms else "none"
            rows.append([sigma, result.seen_in, result.title, *values, alarm])
    return [table(["noise", "space", "attack", "AUC", "control", "alarm"], rows)]


def innocent(count: int, spaces, pool, repetitions: int) -> list[str]:
    """False alarms where reals that nobody trained on stand in for the generated images."""
    alarms = 0
    for seed in range(repetitions):
        order = rng(seed, "innocent").permutation(count)
        training, held_out, fake = np.split(order[: 3 * EACH], 3)
        done = audited(taken(spaces, fake), spaces, pool, training, held_out, seed)
        alarms += done.alarm
    return [f"{repetitions - alarms} of {repetitions} resamplings raise no alarm."]


def unlike(labels, spaces, pool, repetitions: int, member_class: int) -> list[str]:
    """The same where all members are of one class and no other image is."""
    alarms = said = 0
    members, others = np.flatnonzero(labels == member_class), np.flatnonzero(labels != member_class)
    for seed in range(repetitions):
        held_out, fake = np.split(rng(seed, "unlike").permutation(others)[: 2 * EACH], 2)
        done = audited(taken(spaces, fake), spaces, pool, members, held_out, seed)
        alarms, said = alarms + done.alarm, said + done.differs
    return [
        f"{repetitions - alarms} of {repetitions} resamplings raise no alarm; {said} say that the "
        "members differ by themselves."
    ]


def subgroups(labels, names, features: np.ndarray, extractor: Extractor) -> list[str]:
    """Gaps by class of generators that leave one class out, or none, and of groups by chance."""
    real, fake = np.split(rng(0, "subgroups").permutation(len(labels)), 2)
    values, rows = np.array(names)[labels], []
    for label, name in [*enumerate(names), (None, "nothing")]:
        kept = fake[labels[fake] != label]
        done = _measured(features, real, kept, values[real], extractor)
        rows += [[extractor.name, name, sentence] for sentence in done.sentences]
    named = 0
    for seed in range(STUDIES):
        chance = rng(seed, "chance").permutation(np.array(["A", "B"] * FEW)[:FEW])
        parts = features, real[:FEW], fake[:FEW], chance
        named += bool(_measured(*parts, extractor, seed).alarms)
    chances = f"Groups by chance, `{extractor.name}`: {named} of {STUDIES} studies name a gap."
    return [table(["features", "generator without", "said"], rows), "", chances, ""]


def _measured(features, real, fake, values, extractor, seed=0):
    pool = array_pool(np.zeros((len(real), 2, 2, 1), np.uint8), "real")
    grouped_values = Grouped("class", values, np.arange(len(real)), tuple(IMAGE_SCORES))
    samples = (Sample(features=features[part], images=pool) for part in (real, fake))
    return measure(grouped_values, *samples, extractor, EvaluatedSet(), seed)


def main() -> None:
    options = parser(__doc__, "tensorflow", "keras", "scipy")
    options.add_argument("--images", type=Path, required=True, help="folder of covid_xray3/images")
    options.add_argument("--weights", type=Path, required=True, help="the file of 768 features")
    options.add_argument("--repetitions", type=int, default=100, help="resamplings")
    options.add_argument("--parts", nargs="*", help="only these, by their names on the page")
    arguments = options.parse_args()
    images, labels, names = radiographs(arguments.images)
    in_spaces, known = Spaces(), open_extractor(arguments.weights)
    spaces = in_spaces(images)
    one_each = array_pool(images, "X-rays")
    pool = replace(one_each, names=tuple(map(str, range(len(images)))))
    few = max(20, arguments.repetitions // 5)
    parts = {
        "innocent": lambda: innocent(len(images), spaces, pool, arguments.repetitions),
        "memorising": lambda: memorising(images, spaces, pool, in_spaces),
        "unlike": lambda: unlike(labels, spaces, pool, few, 2),
        "subgroups": lambda: [
            line
            for features, extractor in (
                (extract(known, array_pool(images, "X-rays")).values, known),
                (spaces["random"], in_spaces.extractor),
            )
            for line in subgroups(labels, names, features, extractor)
        ],
    }
    for name in arguments.parts or parts:  # each is written as soon as it is there
        measured = parts[name]
        show(arguments, name, "\n".join(measured()))


if __name__ == "__main__":
    main()
