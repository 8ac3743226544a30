"""The trainings of a study in its folder, of which none is done twice."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from tfmedgan.data.prepare import PreparedData, content_hash
from tfmedgan.data.records import ImageArrays, Progress
from tfmedgan.downstream.config import added
from tfmedgan.downstream.directory import ArmsDirectory
from tfmedgan.downstream.material import joined
from tfmedgan.files import write_json
from tfmedgan.machine import describe_machine
from tfmedgan.run_directory import data_record


@dataclass
class ArmTrainings:
    """A study in work; what is in its folder already is not done again.

    What is trained, and on which images, `Trainings` and `MaskTrainings` know.
    """

    folder: ClassVar[type[ArmsDirectory]]
    real_images: ClassVar[Callable[..., PreparedData]]

    study: Any
    place: Any
    data: PreparedData
    synthesise: Callable | None = None
    trained: Progress | None = None
    done: int = 0

    @classmethod
    def begin(cls, study, out: Path, synthesise=None, progress=None, trained=None):
        """Make or check the folder and read the real images; see `run_study`."""
        place = cls.folder(out)
        new = not place.study_path.exists()
        place.begin(study)
        try:
            data = cls.real_images(study, place.split_path, progress)
        except BaseException:
            if new:  # a refusal leaves nothing behind
                shutil.rmtree(place.path)
            raise
        trainings = cls(study, place, data, synthesise, trained)
        write_json(place.path / "environment.json", describe_machine())
        write_json(place.path / "data.json", data_record(data))
        write_json(place.path / "test.json", trainings.test_record)
        return trainings

    @property
    def test_record(self) -> dict:
        """Which images every arm is tested on."""
        test = self.data.parts["test"]
        return {
            "sha256": content_hash(test), "split": self.data.split.digest, "names": list(test.names)
        }  # fmt: skip

    def arms_of(self, number: int, seed: int) -> None:
        """Train the arms of real images, for 0, or those of a source, counted from 1."""
        arms = self.study.arms_by_source[number]
        if number == 0:
            self.arms_of_real_images(seed)
        elif all(self.place.has(arm, seed) for arm in arms):  # so that nothing is made for them
            self.done += len(arms)
        else:
            self.arms_of_source(self.study.sources[number - 1], seed)

    def finish(self, arm: str, seed: int, train: ImageArrays, steps, synthetic: int = 0) -> None:
        """Train an arm and keep its outcome, unless it is there already."""
        if not self.place.has(arm, seed):
            self.train(arm, seed, train, steps, synthetic)
        self.done += 1

    def finish_synthetic(self, arm: str, source: Any, seed: int, made: ImageArrays) -> None:
        """Train an arm of synthetic images, beside the real ones if that is what it is."""
        real = self.data.parts["train"]
        train = joined(real, made) if arm == added(source.name) else made
        self.finish(arm, seed, train, self.study.data.steps, len(made))

    def train(self, arm: str, seed: int, train: ImageArrays, steps, synthetic: int) -> None:
        self.show(f"{arm}, seed {seed}")
        self.place.keep(*self._trained(arm, seed, train, steps, synthetic))
        shutil.rmtree(self.place.scratch(arm, seed), ignore_errors=True)  # no sooner

    def show(self, what: str) -> None:
        if self.trained:
            self.trained(self.done, self.study.seeds * len(self.study.arms), what)

    def arms_of_real_images(self, seed: int) -> None:
        raise NotImplementedError

    def arms_of_source(self, source: Any, seed: int) -> None:
        """Make the images of a source once for all of its arms, and train these."""
        raise NotImplementedError

    def _trained(self, arm, seed, train, steps, synthetic) -> tuple[Any, np.ndarray]:
        """The outcome of an arm, and what is kept of each test image."""
        raise NotImplementedError
