"""Intervals and verdicts of paired scores, where the truth is known."""

from types import SimpleNamespace

import numpy as np
import pytest

from tfmedgan.downstream.comparison import compare_masks as compare
from tfmedgan.downstream.config import REAL

STUDY = SimpleNamespace(seeds=5, replicates=400, data_seed=0, primary_metric="dice")


def runs(gain, seed, spread=0.02):
    """Scores of 40 images with five seeds, that gain so much Dice over a common difficulty."""
    difficulty = np.random.default_rng(0).uniform(0.2, 0.9, 40)
    noise = np.random.default_rng(seed)
    dices = [(difficulty + gain + noise.normal(0, spread, 40)).clip(0, 1) for _ in range(5)]
    return [{"dice": dice, "iou": dice / (2 - dice), "hd95": 30 * (1 - dice)} for dice in dices]


def test_a_gain_a_loss_and_nothing():
    scores = {REAL: runs(0, 1), "gain": runs(0.05, 2), "loss": runs(-0.05, 3), "same": runs(0, 4)}
    by_arm = {result.arm: result for result in compare(STUDY, scores)}
    assert {arm: result.verdict for arm, result in by_arm.items()} == {
        REAL: "baseline", "gain": "better", "loss": "worse", "same": "no difference shown",
    }  # fmt: skip
    gain = by_arm["gain"].differences["dice"]
    assert gain.low < 0.05 < gain.high and gain.value == pytest.approx(0.05, abs=0.01)
    together = by_arm["gain"].joint["dice"]
    assert together.low <= gain.low and gain.high <= together.high


def test_a_shorter_distance_is_better():
    study = SimpleNamespace(**{**vars(STUDY), "primary_metric": "hd95"})
    (_, result) = compare(study, {REAL: runs(0, 1), "gain": runs(0.05, 2)})
    assert result.verdict == "better" and result.joint["hd95"].high < 0
    assert result.scores["hd95"].high > 1  # pixels have no upper bound of one
