"""The trainings of a study's classifiers."""

from dataclasses import replace

import numpy as np

from tfmedgan.classifiers import networks
from tfmedgan.classifiers.config import ClassifierExperiment
from tfmedgan.classifiers.run import ClassifierRun, fitted
from tfmedgan.classifiers.scores import confusion, scores
from tfmedgan.data.balance import balanced
from tfmedgan.data.prepare import PreparedData
from tfmedgan.data.records import ImageArrays
from tfmedgan.downstream import synthesis
from tfmedgan.downstream.config import CLASSICAL, OVERSAMPLED, DownstreamStudy, GeneratorArm
from tfmedgan.downstream.directory import Outcome, StudyDirectory
from tfmedgan.downstream.material import real_images, require_disjoint, synthetic_arrays
from tfmedgan.downstream.trainings import ArmTrainings


class Trainings(ArmTrainings):
    """The trainings of a study's classifiers."""

    folder = StudyDirectory
    real_images = staticmethod(real_images)

    @property
    def test_record(self) -> dict:
        labels = self.data.parts["test"].labels.tolist()
        return super().test_record | {"labels": labels, "classes": list(self.data.class_names)}

    def arms_of_real_images(self, seed: int) -> None:
        for arm in self.study.arms_of_reals:
            train, steps = of_real_images(arm, self.study, self.data.parts["train"])
            self.finish(arm, seed, train, steps)

    def arms_of_source(self, source: GeneratorArm, seed: int) -> None:
        real, n_classes = self.data.parts["train"], len(self.data.class_names)
        added = added_counts(real, n_classes, self.study.synthetic_ratio)
        alone = alone_counts(real, n_classes)
        self.show(f"generator {source.name}, seed {seed}")
        synthesise = self.synthesise or synthesis.synthesise
        counts = np.maximum(added, alone).tolist()
        images, labels = synthesise(self.study, source, self.place.path, seed, counts)
        require_disjoint(self.data.parts["test"], images, f"{source.name}, seed {seed}")
        for arm, wanted in ((source.added, added), (source.alone, alone)):
            few = _first(labels, wanted)
            made = synthetic_arrays(images[few], labels[few])
            self.finish_synthetic(arm, source, seed, made)

    def _trained(self, arm, seed, train, steps, synthetic) -> tuple[Outcome, np.ndarray]:
        experiment = _experiment(self.study, self.data, steps, seed)
        data = replace(self.data, parts={**self.data.parts, "train": train})
        network = networks.build(experiment.network, seed)
        scratch = ClassifierRun(self.place.scratch(arm, seed))
        scratch.checkpoints.mkdir(parents=True, exist_ok=True)
        classifier = fitted(experiment, data, network, scratch)
        test = self.data.parts["test"]
        probabilities = classifier.probabilities(test.images)
        raw = classifier.probabilities(test.images, calibrated=False)
        outcome = Outcome(
            arm, seed, len(train), synthetic, len(scratch.history()), classifier.temperature,
            scores(test.labels, probabilities), scores(test.labels, raw),
            confusion(test.labels, probabilities).tolist(),
        )  # fmt: skip
        return outcome, probabilities


def _experiment(study, data: PreparedData, steps: tuple, seed: int) -> ClassifierExperiment:
    """The study's classifier; an epoch has as many updates in every arm."""
    base = study.classifier
    per_epoch = -(-len(data.parts["train"]) // base.batch_size)
    network = replace(base.network, n_classes=len(data.class_names))
    given = replace(study.data, steps=steps)
    return replace(base, data=given, network=network, seed=seed, updates_per_epoch=per_epoch)


def _first(labels: np.ndarray, counts: list[int]) -> np.ndarray:
    """Positions of the first so many images of each label."""
    chosen = [np.flatnonzero(labels == label)[:count] for label, count in enumerate(counts)]
    return np.concatenate(chosen)


def added_counts(real: ImageArrays, n_classes: int, ratio: float) -> list[int]:
    """Synthetic images of each class: about `ratio` for each real image, to even out the classes.

    Every class grows to the same size: that of the largest, or more if the ratio allows it.
    """
    counts = np.bincount(real.labels, minlength=n_classes)
    size = max(counts.max(), round((1 + ratio) * counts.sum() / n_classes))
    return [int(size - count) for count in counts]


def alone_counts(real: ImageArrays, n_classes: int) -> list[int]:
    """Synthetic images of each class when they are used alone: together as many as the real."""
    return [-(-len(real) // n_classes)] * n_classes


def of_real_images(
    arm: str, study: DownstreamStudy, real: ImageArrays
) -> tuple[ImageArrays, tuple]:
    """Training images and steps of an arm that needs no generator."""
    steps = study.data.steps
    if arm == CLASSICAL:
        return real, (*steps, *study.classical)
    if arm == OVERSAMPLED:
        return balanced(real, "oversample"), steps
    return real, steps
