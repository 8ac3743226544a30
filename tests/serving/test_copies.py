"""Who may leave: recorded verdicts, verdicts on another generator, missing data."""

import json

import numpy as np
import pytest

from tfmedgan.errors import InputError, JobError
from tfmedgan.files import file_sha256
from tfmedgan.serving import copies
from tfmedgan.serving.copies import permission


def test_a_recorded_verdict_is_enough(make_run):
    run = make_run("cgan", "passed")
    permitted = permission(run)
    assert permitted["state"] == "passed"
    assert permitted["generator_sha256"] == file_sha256(run.generator_path)
    assert "1000 generated images are not nearer to the 70 training images" in permitted["sentence"]


def test_copies_refuse_unless_told_to_go_on(make_run):
    run = make_run("cgan", "failed")
    with pytest.raises(JobError, match=r"3 exact copies.*closest_pairs\.png; --allow-unchecked"):
        permission(run)
    permitted = permission(run, allow_unchecked=True)
    assert permitted["state"] == "failed" and "3 exact copies" in permitted["sentence"]


def test_a_check_without_held_out_images_finds_no_copies(make_run):
    """Neither a pass nor a refusal: nothing was found, and the card says how little that means."""
    run = make_run("cgan", "passed")
    path = run.evaluation / "copy_check.json"
    said = {"passed": None, "verdict": "no copies found, but none were held out"}
    path.write_text(json.dumps(json.loads(path.read_text()) | said))
    permit = permission(run)
    assert permit["state"] == "inconclusive"
    assert "gave no pass: no copies found, but none were held out." in permit["sentence"]


def test_a_verdict_on_another_generator_counts_for_nothing(make_run):
    """The data of this run do not exist, so a new check is not possible."""
    run = make_run("cgan", "passed")
    path = run.evaluation / "copy_check.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"generator_sha256": "0" * 64}))
    with pytest.raises(JobError, match=r"nobody has looked for copies.*photographs"):
        permission(run)
    assert permission(run, allow_unchecked=True)["state"] == "not checked"


@pytest.mark.parametrize("text", ["{", "[]", '{"passed": true}'])
def test_a_damaged_verdict_is_named(make_run, text):
    run = make_run("cgan", "passed")
    path = run.evaluation / "copy_check.json"
    path.write_text(text)
    with pytest.raises(InputError, match=r"copy_check\.json"):
        permission(run)


def test_without_a_verdict_copies_are_looked_for(make_run, monkeypatch, tmp_path):
    """A generator's images as its own training images: all of them are copies."""
    from tfmedgan.evaluation import assessment, inputs
    from tfmedgan.evaluation.features import Extractor
    from tfmedgan.evaluation.images import array_pool
    from tfmedgan.models import sampling

    run = make_run("cgan")
    images = sampling.sample(sampling.load_generator(run.generator_path), 60, 0)
    noise = np.random.default_rng(0).integers(0, 256, images.shape, np.uint8)
    training = noise.copy()

    def given(path, *, progress=None):
        digest = file_sha256(run.generator_path)
        pools = [array_pool(part, "images") for part in (images, noise[:30], training, noise[:30])]
        return inputs.EvaluationInputs(
            "run", pools[0], pools[1], "test", pools[2], pools[3], generator_sha256=digest
        )

    def network(batch):
        return np.asarray(batch).reshape(len(batch), -1)[:, ::97], None

    tiny = Extractor("tiny", "0" * 64, (32, 32), 3, network)
    monkeypatch.setattr(inputs, "run_inputs", given)
    monkeypatch.setattr(assessment, "open_extractor", lambda *_: tiny)
    permitted = permission(run)
    assert permitted["state"] == "passed"
    written = json.loads((run.evaluation / "copy_check.json").read_text())
    assert written == permitted["verdict"] and written["extractor"] == "tiny"
    assert (run.evaluation / "closest_pairs.png").is_file()

    monkeypatch.setattr(copies, "recorded", lambda *_: None)
    training[:] = images
    with pytest.raises(JobError, match="60 exact copies"):
        permission(run)
    assert not json.loads((run.evaluation / "copy_check.json").read_text())["passed"]
