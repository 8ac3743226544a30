"""The files of outcomes: names, fields and their order, and bytes, as all versions wrote them."""

import json

import numpy as np
import pytest

from tfmedgan.downstream.config import MASK_SCORES
from tfmedgan.downstream.directory import (
    MaskOutcome,
    MaskStudyDirectory,
    Outcome,
    StudyDirectory,
)
from tfmedgan.errors import InputError

OF_CLASSIFIERS = {
    "arm": "synthetic only (a, b)", "seed": 3, "n_train": 12, "synthetic": 12, "epochs": 4,
    "temperature": 1.5, "scores": {"auroc": 0.5}, "uncalibrated": {"auroc": 0.5},
    "confusion": [[1, 0], [1, 1]],
}  # fmt: skip
OF_UNETS = {
    "arm": "synthetic only (a, b)", "seed": 3, "n_train": 12, "synthetic": 12, "epochs": 4,
    "empty_masks": 1, "scores": {"dice": 0.5, "iou": 0.4, "hd95": 2.0},
}  # fmt: skip


@pytest.mark.parametrize(
    ("folder", "outcome", "kept", "read"),
    [
        (StudyDirectory, Outcome(**OF_CLASSIFIERS), OF_CLASSIFIERS, "probabilities"),
        (MaskStudyDirectory, MaskOutcome(**OF_UNETS), OF_UNETS, "scores"),
    ],
)
def test_an_outcome_is_two_files(tmp_path, folder, outcome, kept, read):
    place, values = folder(tmp_path), np.arange(6.0).reshape(3, 2)
    place.outcomes.mkdir()
    images = values.shape[read == "scores"]
    (tmp_path / "test.json").write_text(json.dumps({"names": [str(i) for i in range(images)]}))
    place.keep(outcome, values)
    path = tmp_path / "outcomes" / "synthetic-only--a--b-seed-3"
    text = path.with_suffix(".json").read_text()
    assert json.loads(text) == kept and list(json.loads(text)) == list(kept)
    assert path.with_suffix(".f64").read_bytes() == values.astype("<f8").tobytes()
    assert place.outcome(outcome.arm, 3) == outcome
    again = getattr(place, read)(outcome.arm, 3)
    if read == "scores":
        assert tuple(again) == MASK_SCORES
        again = np.stack(list(again.values()))
    assert np.array_equal(again, values)
    path.with_suffix(".f64").write_bytes(b"cut short")
    with pytest.raises(InputError, match=r"seed-3\.f64: is not whole"):
        getattr(place, read)(outcome.arm, 3)
    path.with_suffix(".json").write_text(text[:20])
    with pytest.raises(InputError, match=r"seed-3\.json: is no whole JSON file"):
        place.outcome(outcome.arm, 3)
