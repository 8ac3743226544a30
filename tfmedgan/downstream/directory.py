"""The folder of a study: which arms and seeds it has, and what each came to."""

from dataclasses import asdict, dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from tfmedgan.downstream.config import MASK_SCORES, ArmStudy, DownstreamStudy, MaskStudy, plain
from tfmedgan.errors import InputError, require
from tfmedgan.files import read_json, read_json_if_there, write_bytes, write_json, write_text


@dataclass(frozen=True)
class ArmOutcome:
    """One arm with one seed, on the test images."""

    arm: str
    seed: int
    n_train: int
    synthetic: int  # of these, made by a generator
    epochs: int


@dataclass(frozen=True)
class Outcome(ArmOutcome):
    """Of a classifier."""

    temperature: float
    scores: dict[str, float]  # of calibrated probabilities
    uncalibrated: dict[str, float]
    confusion: list[list[int]]


@dataclass(frozen=True)
class MaskOutcome(ArmOutcome):
    """Of a U-Net."""

    empty_masks: int  # of the training images
    scores: dict[str, float]  # means over the test images


class ArmsDirectory:
    """What the folders of studies share: a plan, one split, and an outcome of each arm and seed."""

    plan: ClassVar[type[ArmStudy]]  # the type of the study
    outcome_of: ClassVar[type[ArmOutcome]]

    def __init__(self, path: Path):
        self.path = Path(path)

    study_path = property(lambda self: self.path / "study.json")
    split_path = property(lambda self: self.path / "split.json")
    outcomes = property(lambda self: self.path / "outcomes")

    @property
    def study(self) -> Any:
        """The study that is in the folder.

        Raises:
            InputError: when there is none.
        """
        require(self.study_path.is_file(), f"{self.path}: not the folder of a study")
        return self.plan.from_json(self.study_path.read_text(), str(self.study_path))

    @property
    def test(self) -> dict:
        """Which images every arm was tested on."""
        return read_json(self.path / "test.json")

    def begin(self, study: Any) -> None:
        """Make the folder, or check that it is this study's.

        Raises:
            InputError: when another study is in it.
        """
        if self.study_path.exists():
            require(
                replace(self.study, seeds=study.seeds) == study,
                f"{self.path}: holds another study; choose another --out",
            )
        require(
            self.study_path.exists() or not self.path.exists() or not any(self.path.iterdir()),
            f"{self.path}: exists already and is no study; choose another --out",
        )
        self.outcomes.mkdir(parents=True, exist_ok=True)
        write_text(self.study_path, study.to_json())

    def is_finished(self, study: Any) -> bool:
        """Whether every arm has an outcome of every seed."""
        return not self.left(study)

    def left(self, study: Any) -> list[tuple[str, int]]:
        """Arms and seeds that are still to be trained."""
        pairs = product(study.arms, range(study.seeds))
        return [(arm, seed) for arm, seed in pairs if not self.has(arm, seed)]

    def scratch(self, arm: str, seed: int) -> Path:
        """Where an arm is trained."""
        return self.path / "work" / f"{plain(arm)}-seed-{seed}"

    def _place(self, arm: str, seed: int) -> Path:
        return self.outcomes / f"{plain(arm)}-seed-{seed}"

    def has(self, arm: str, seed: int) -> bool:
        return self._place(arm, seed).with_suffix(".json").exists()

    def outcome(self, arm: str, seed: int) -> Any:
        """What was kept of an arm with a seed."""
        path = self._place(arm, seed).with_suffix(".json")
        try:
            return self.outcome_of(**read_json(path))
        except TypeError:
            raise InputError(
                f"{path}: is no outcome of a training; restore it from a backup, or remove it to "
                "train the arm again"
            ) from None

    def values(self, arm: str, seed: int, rows: int, columns: int) -> np.ndarray:
        """What was kept of its test images, float64, (rows, columns).

        Raises:
            InputError: when it is gone, or not as much.
        """
        path = self._place(arm, seed).with_suffix(".f64")
        require(path.is_file(), f"{path}: is missing; restore it from a backup")
        content = path.read_bytes()
        require(
            len(content) == 8 * rows * columns, f"{path}: is not whole; restore it from a backup"
        )
        return np.frombuffer(content, "<f8").reshape(rows, columns)

    def keep(self, outcome: ArmOutcome, values: np.ndarray) -> None:
        place = self._place(outcome.arm, outcome.seed)
        write_bytes(place.with_suffix(".f64"), values.astype("<f8").tobytes())
        write_json(place.with_suffix(".json"), asdict(outcome))


class StudyDirectory(ArmsDirectory):
    """study.json, split.json, data.json, test.json, generators/, outcomes/, and the report."""

    plan = DownstreamStudy
    outcome_of = Outcome

    def probabilities(self, arm: str, seed: int) -> np.ndarray:
        """Calibrated, (n_test, classes)."""
        classes = len(self.outcome(arm, seed).confusion)
        return self.values(arm, seed, len(self.test["names"]), classes)


class MaskStudyDirectory(ArmsDirectory):
    """study.json, split.json, data.json, test.json, generators/, unets/, outcomes/, the report."""

    plan = MaskStudy
    outcome_of = MaskOutcome

    def unet(self, seed: int) -> Path:
        """The U-Net that learned from real images alone, which draws masks."""
        return self.path / "unets" / f"real-seed-{seed}.weights.h5"

    def scores(self, arm: str, seed: int) -> dict[str, np.ndarray]:
        """Each score of each test image, (n_test,)."""
        rows = self.values(arm, seed, len(MASK_SCORES), len(self.test["names"]))
        return dict(zip(MASK_SCORES, rows, strict=True))

    def quality_path(self, source: str, generator_seed: int) -> Path:
        return self.outcomes / f"quality-{plain(source)}-seed-{generator_seed}.json"

    def quality(self, source: str, generator_seed: int) -> dict[str, dict]:
        """KID and FID of a source's images: value, low, high, protocol, note by metric."""
        return read_json_if_there(self.quality_path(source, generator_seed))
