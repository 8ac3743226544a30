"""Does the downstream study find what is there, and nothing where nothing is?

    python benchmarks/planted.py --out DIR [--write]

On drawn chests of 24 pixels under so much noise that 20 positive training images do not suffice,
with five seeds:

- a perfect generator, which draws more chests under such noise, must come out ahead;
- a generator that swaps the classes must be found to harm when its images are used alone;
- with the labels dealt out by chance, in twenty studies of three seeds each, an arm may be called
  better or worse in at most one.

What is in DIR already is not repeated.
"""

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from pages import parser, show
from PIL import Image

from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.classifiers import CLASSIFIERS
from tfmedgan.config import AdamConfig, DataConfig
from tfmedgan.data import phantoms
from tfmedgan.data.steps import Grayscale, Resize, run_steps
from tfmedgan.downstream.config import ArmStudy, DownstreamStudy, GeneratorArm
from tfmedgan.downstream.report import findings_of, write_report
from tfmedgan.downstream.run import run_study
from tfmedgan.seeding import rng

SIZE = 24
STEPS = (Grayscale(), Resize(SIZE, aspect="stretch"))
CLASSES, PER_CLASS = ("normal", "pneumonia"), 150


def design(name: str, **fields) -> DownstreamStudy:
    """The study, with a generator that is only a name."""
    base = CLASSIFIERS["small-cnn"]
    network = replace(base.network, image_shape=(SIZE, SIZE, 1), filters=(8, 16, 32))
    classifier = replace(
        base, network=network, optimizer=AdamConfig(3e-3, 0.9), epochs=20, patience=6, batch_size=16
    )
    data = DataConfig(source="phantom:chest:150", steps=STEPS, fractions=(0.4, 0.2, 0.4))
    arm = GeneratorArm(name, ARCHITECTURES["cgan"])
    return DownstreamStudy(data, classifier, (arm,), name=name, **fields)


def planted(name: str, folder: Path) -> DownstreamStudy:
    """Chests under noise, of which the training part keeps 20 positive ones."""
    source = folder / "noisy-chests"
    for label, kind in enumerate(CLASSES):
        (source / kind).mkdir(parents=True, exist_ok=True)
        for index in range(PER_CLASS):
            image = Image.fromarray(noisy_chest(label, 0, index)[..., 0])
            image.save(source / kind / f"{index:03d}.png")
    study = design(name, subsample=((CLASSES[1], 20),), synthetic_ratio=5.0)
    return replace(study, data=replace(study.data, source=str(source)))


def noisy_chest(label: int, seed: int, index: int) -> np.ndarray:
    """A drawn chest, uint8 (64, 64, 1), under coarse noise of 40 grey levels."""
    drawn = phantoms.draw("chest", label, seed, index, 64).astype(float)
    coarse = rng(seed, f"noise/{label}/{index}").normal(0, 40, (32, 32))
    return (drawn + coarse.repeat(2, 0).repeat(2, 1)[..., np.newaxis]).clip(0, 255).astype(np.uint8)


def perfect(study, arm, out, seed, counts):
    """More chests, drawn from another seed."""
    labels = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    drawn = [noisy_chest(label, 1000 + seed, index) for index, label in enumerate(labels)]
    return np.stack([run_steps(image, STEPS) for image in drawn]), labels


def swapping(study, arm, out, seed, counts):
    """The same with each class under the other's name."""
    images, labels = perfect(study, arm, out, seed, counts[::-1])
    order = np.argsort(1 - labels, kind="stable")
    return images[order], 1 - labels[order]


def chance(repetition: int) -> DownstreamStudy:
    """Other chests, another split, other labels, other weights in each repetition."""
    study = design("chance", shuffle_labels=True, data_seed=repetition, seeds=3)
    return replace(study, classifier=replace(study.classifier, epochs=6, patience=3))


def main() -> None:
    arguments = given(__doc__)
    lines = []
    for name, generator in (("perfect", perfect), ("swapping", swapping)):
        verdicts = verdicts_of(planted(name, arguments.out), arguments.out / name, generator)
        lines += [f"## A {name} generator, 20 positive training images", "", *verdicts, ""]
    chances = by_chance(arguments, chance, perfect)
    lines += ["## Labels dealt out by chance", "", *chances]
    show(arguments, "verdicts", "\n".join(lines))


def given(doc: str) -> argparse.Namespace:
    options = parser(doc, "tensorflow", "keras")
    options.add_argument("--out", type=Path, required=True, help="folder of the studies")
    options.add_argument("--repetitions", type=int, default=20, help="with nothing planted")
    return options.parse_args()


def verdicts_of(study: ArmStudy, out: Path, synthesise: Callable) -> list[str]:
    return [f"- {said}" for said in write_report(run_study(study, out, synthesise)).sentences]


def by_chance(arguments, design: Callable[[int], ArmStudy], synthesise: Callable) -> list[str]:
    """How many of the studies without an effect, one a repetition, name a winner or a loser."""
    named = []
    for repetition in range(arguments.repetitions):
        place = run_study(design(repetition), arguments.out / f"chance-{repetition}", synthesise)
        results = findings_of(place).results
        verdicts = [f"{r.arm}: {r.verdict}" for r in results if r.verdict in ("better", "worse")]
        print(repetition, verdicts or "no difference shown", flush=True)
        named += [f"- study {repetition}, {text}" for text in verdicts]
    count = len({line.split(",")[0] for line in named})
    return [f"{count} of {arguments.repetitions} studies call an arm better or worse.", "", *named]


if __name__ == "__main__":
    main()
