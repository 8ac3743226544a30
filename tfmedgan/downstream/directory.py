"""The folder of a study: which arms and seeds it has, and what each came to."""

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from tfmedgan.downstream.config import DownstreamStudy
from tfmedgan.errors import require
from tfmedgan.files import write_bytes, write_json, write_text
from tfmedgan.serialization import JsonDocument


@dataclass(frozen=True)
class Outcome:
    """One arm with one seed, on the test images."""

    arm: str
    seed: int
    n_train: int
    synthetic: int  # of these, made by a generator
    epochs: int
    temperature: float
    scores: dict[str, float]  # of calibrated probabilities
    uncalibrated: dict[str, float]
    confusion: list[list[int]]


class ArmsDirectory:
    """What the folders of studies share: a plan, one split, and an outcome of each arm and seed."""

    plan: ClassVar[type[JsonDocument]]  # the type of the study

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
        return json.loads((self.path / "test.json").read_text())

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
        return all(self.has(arm, seed) for arm in study.arms for seed in range(study.seeds))

    def _place(self, arm: str, seed: int) -> Path:
        return self.outcomes / f"{plain(arm)}-seed-{seed}"

    def has(self, arm: str, seed: int) -> bool:
        return self._place(arm, seed).with_suffix(".json").exists()

    def read(self, arm: str, seed: int) -> dict:
        """What was kept of an arm with a seed."""
        return json.loads(self._place(arm, seed).with_suffix(".json").read_text())


class StudyDirectory(ArmsDirectory):
    """study.json, split.json, data.json, test.json, generators/, outcomes/, and the report."""

    plan = DownstreamStudy

    def keep(self, outcome: Outcome, probabilities: np.ndarray) -> None:
        place = self._place(outcome.arm, outcome.seed)
        write_bytes(place.with_suffix(".f64"), probabilities.astype("<f8").tobytes())
        write_json(place.with_suffix(".json"), asdict(outcome))

    def outcome(self, arm: str, seed: int) -> Outcome:
        return Outcome(**self.read(arm, seed))

    def probabilities(self, arm: str, seed: int) -> np.ndarray:
        """Calibrated, (n_test, classes)."""
        content = self._place(arm, seed).with_suffix(".f64").read_bytes()
        n_classes = len(self.outcome(arm, seed).confusion)
        return np.frombuffer(content, "<f8").reshape(-1, n_classes)


def plain(arm: str) -> str:
    """A name for files."""
    return "".join(c if c.isalnum() else "-" for c in arm).strip("-")
