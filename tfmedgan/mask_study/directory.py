"""The folder of a study of masks: arms, seeds, scores of each test image, quality of sources."""

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from tfmedgan.downstream.directory import ArmsDirectory, plain
from tfmedgan.files import read_json_if_there, write_bytes, write_json
from tfmedgan.mask_study.config import SCORED, MaskStudy


@dataclass(frozen=True)
class MaskOutcome:
    """One arm with one seed, on the test images."""

    arm: str
    seed: int
    n_train: int
    synthetic: int  # of these, made by a generator
    epochs: int
    empty_masks: int  # of the training images
    scores: dict[str, float]  # means over the test images


class MaskStudyDirectory(ArmsDirectory):
    """study.json, split.json, data.json, test.json, generators/, unets/, outcomes/, the report."""

    plan = MaskStudy

    unets = property(lambda self: self.path / "unets")

    def unet(self, seed: int) -> Path:
        """The U-Net that learned from real images alone, which draws masks."""
        return self.unets / f"real-seed-{seed}.weights.h5"

    def keep(self, outcome: MaskOutcome, scores: dict[str, np.ndarray]) -> None:
        place = self._place(outcome.arm, outcome.seed)
        values = np.stack([scores[name] for name in SCORED])
        write_bytes(place.with_suffix(".f64"), values.astype("<f8").tobytes())
        write_json(place.with_suffix(".json"), asdict(outcome))

    def outcome(self, arm: str, seed: int) -> MaskOutcome:
        return MaskOutcome(**self.read(arm, seed))

    def scores(self, arm: str, seed: int) -> dict[str, np.ndarray]:
        """Each score of each test image, (n_test,)."""
        content = self._place(arm, seed).with_suffix(".f64").read_bytes()
        rows = np.frombuffer(content, "<f8").reshape(len(SCORED), -1)
        return dict(zip(SCORED, rows, strict=True))

    def quality_path(self, source: str, generator_seed: int) -> Path:
        return self.outcomes / f"quality-{plain(source)}-seed-{generator_seed}.json"

    def quality(self, source: str, generator_seed: int) -> dict[str, dict]:
        """KID and FID of a source's images: value, low, high, protocol, note by metric."""
        return read_json_if_there(self.quality_path(source, generator_seed))
