"""Running a study in a folder; killed half-way, it goes on where it was."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tfmedgan.classifiers import networks
from tfmedgan.classifiers.config import ClassifierExperiment
from tfmedgan.classifiers.run import ClassifierRun, fitted
from tfmedgan.classifiers.scores import confusion, scores
from tfmedgan.data.prepare import PreparedData, content_hash
from tfmedgan.data.reading import Progress
from tfmedgan.data.records import ImageArrays
from tfmedgan.downstream.arms import added_counts, alone, alone_counts, joined, of_real_images
from tfmedgan.downstream.config import DownstreamStudy, GeneratorArm
from tfmedgan.downstream.directory import Outcome, StudyDirectory, plain
from tfmedgan.downstream.material import real_images, require_disjoint
from tfmedgan.files import write_json
from tfmedgan.machine import describe_machine
from tfmedgan.run_directory import data_record


def run_study(
    study: DownstreamStudy,
    out: Path,
    synthesise=None,
    progress: Progress | None = None,
    trained: Progress | None = None,
) -> StudyDirectory:
    """Train every arm with every seed and keep what it scores on the test images.

    A study that is finished is left as it is, and its images are not asked for.

    Args:
        synthesise: (study, arm, out, seed, counts) → images and labels; trains the arm's
            generator by default.
        progress: called while images are read, as in `prepare`.
        trained: called with (trainings done, trainings in all, what comes next).

    Raises:
        InputError: for data that leaks or does not suffice, or a folder with another study.
    """
    place = StudyDirectory(out)
    if place.is_finished(study):
        place.begin(study)
        return place
    trainings = Trainings.begin(study, out, synthesise, progress, trained)
    for seed in range(study.seeds):
        trainings.arms_of_real_images(seed)
        for arm in study.generators:
            trainings.arms_of_generator(arm, seed)
    return place


@dataclass
class Trainings:
    """A study in work; what is in its folder already is not done again."""

    study: DownstreamStudy
    place: StudyDirectory
    data: PreparedData
    synthesise: Callable
    trained: Progress | None = None
    done: int = 0

    @classmethod
    def begin(cls, study: DownstreamStudy, out: Path, synthesise=None, progress=None, trained=None):
        """Make or check the folder and read the real images; see `run_study`."""
        from tfmedgan.downstream import synthesis

        place = StudyDirectory(out)
        new = not place.study_path.exists()
        place.begin(study)
        try:
            data = real_images(study, place.split_path, progress)
        except BaseException:
            if new:  # a refusal leaves nothing behind
                shutil.rmtree(place.path)
            raise
        trainings = cls(study, place, data, synthesise or synthesis.synthesise, trained)
        write_json(place.path / "environment.json", describe_machine())
        write_json(place.path / "data.json", data_record(data))
        write_json(place.path / "test.json", trainings.test_record)
        return trainings

    @property
    def test_record(self) -> dict:
        """Which images every arm is tested on."""
        test = self.data.parts["test"]
        return {
            "sha256": content_hash(test),
            "split": self.data.split.digest,
            "names": list(test.names),
            "labels": test.labels.tolist(),
            "classes": list(self.data.class_names),
        }

    def arms_of_real_images(self, seed: int) -> None:
        for arm in self.study.arms[:3]:
            train, steps = of_real_images(arm, self.study, self.data.parts["train"])
            self._finish(arm, seed, train, steps)

    def arms_of_generator(self, arm: GeneratorArm, seed: int) -> None:
        """Train the generator once for both arms, unless both are done."""
        if all(self.place.has(name, seed) for name in (arm.added, arm.alone)):
            self.done += 2
            return
        real, n_classes = self.data.parts["train"], len(self.data.class_names)
        added = added_counts(real, n_classes, self.study.synthetic_ratio)
        counts = np.maximum(added, alone_counts(real, n_classes)).tolist()
        self._show(f"generator {arm.name}, seed {seed}")
        images, labels = self.synthesise(self.study, arm, self.place.path, seed, counts)
        steps = self.study.data.steps
        few = _first(labels, added)
        names = tuple(f"{index} of {arm.name}, seed {seed}" for index in range(len(labels)))
        require_disjoint(self.data.parts["test"], images, names)
        self._finish(arm.added, seed, joined(real, images[few], labels[few]), steps, len(few))
        few = _first(labels, alone_counts(real, n_classes))
        self._finish(arm.alone, seed, alone(images[few], labels[few]), steps, len(few))

    def _finish(self, arm: str, seed: int, train: ImageArrays, steps, synthetic: int = 0) -> None:
        """Train the classifier of an arm and keep its outcome, unless it is there already."""
        if not self.place.has(arm, seed):
            self._show(f"{arm}, seed {seed}")
            outcome, probabilities = self._trained(arm, seed, train, steps, synthetic)
            self.place.keep(outcome, probabilities)
        self.done += 1

    def _trained(self, arm, seed, train, steps, synthetic) -> tuple[Outcome, np.ndarray]:
        experiment = _experiment(self.study, self.data, steps, seed)
        data = replace(self.data, parts={**self.data.parts, "train": train})
        network = networks.build(experiment.network, seed)
        scratch = ClassifierRun(self.place.path / "work" / f"{plain(arm)}-seed-{seed}")
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
        shutil.rmtree(scratch.path)
        return outcome, probabilities

    def _show(self, what: str) -> None:
        if self.trained:
            self.trained(self.done, self.study.seeds * len(self.study.arms), what)


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
