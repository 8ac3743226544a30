"""tfmedgan-export as a user types it: help, refusals, a SavedModel loaded elsewhere."""

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.files import file_sha256, write_json
from tfmedgan.run_directory import RunDirectory

ELSEWHERE = """
import sys
sys.modules["tfmedgan"] = None
import numpy as np, tensorflow as tf
generate = tf.saved_model.load(sys.argv[1]).signatures["generate"]
labels = tf.constant([1, 1, 1])
images = generate(num=tf.constant(3), seed=tf.constant(7, tf.int64), labels=labels)["images"]
np.save(sys.argv[2], images)
"""


def command(name, *arguments):
    code = f"from tfmedgan.cli.{name} import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True, text=True, timeout=180,
    )  # fmt: skip


def refusal(result, status=2):
    assert result.returncode == status, result
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("tfmedgan-export: ")
    return line


@pytest.fixture
def run(tmp_path):
    """A run whose data are gone and in which nobody has looked for copies."""
    from tfmedgan import models

    base = ARCHITECTURES["cgan"]
    gone = str(tmp_path / "gone")
    model, source = replace(base.model, n_classes=2), replace(base.data, source=gone)
    experiment = replace(base, model=model, data=source)
    data = {
        "source": gone, "digest": "d", "classes": ["healthy", "infected"],
        "counts": {"train": {"all": 70}}, "split": {}, "card": {},
    }  # fmt: skip
    run = RunDirectory.create(tmp_path / "run", experiment, data, {})
    models.create(model).generator.save(run.generator_path)
    return run


def record_verdict(run, passed=True):
    verdict = {
        "generator_sha256": file_sha256(run.generator_path), "passed": passed, "rule": "p < 0.05",
        "reasons": [] if passed else ["2 exact copies"], "n_fake": 1000, "n_training": 70,
        "compared_with": "held-out real images", "caveat": "no proof", "verdict": "…",
    }  # fmt: skip
    run.evaluation.mkdir(exist_ok=True)
    write_json(run.evaluation / "copy_check.json", verdict)


def test_bad_arguments_are_one_line(run, tmp_path):
    assert "nowhere: no such run directory" in refusal(command("export", "nowhere"))
    line = refusal(command("export", run.path, "--format", "pickle"))
    assert "--format pickle: no such format; valid: savedmodel, onnx, litert" in line
    (tmp_path / "taken").mkdir()
    line = refusal(command("export", run.path, "--out", tmp_path / "taken"))
    assert "exists already; choose another" in line
    run.generator_path.unlink()
    assert "generator.keras: missing; finish the run" in refusal(command("export", run.path))


def test_nothing_leaves_unchecked(run):
    line = refusal(command("export", run.path), status=1)
    assert "nobody has looked for copies" in line and "--allow-unchecked" in line
    assert not (run.path / "export").exists()
    record_verdict(run, passed=False)
    told = command("export", run.path, "--allow-unchecked", "--quiet")
    assert told.returncode == 0 and told.stderr == "", told
    card = (run.path / "export" / "savedmodel" / "MODEL_CARD.md").read_text()
    assert "exported all the same, with --allow-unchecked" in card


def test_exported_images_are_those_of_generate(run, tmp_path):
    record_verdict(run)
    result = command("export", run.path, "--out", tmp_path / "out", "--json")
    assert result.returncode == 0 and result.stderr == "", result.stderr
    card = json.loads(result.stdout)
    assert card == json.loads((tmp_path / "out" / "model_card.json").read_text())
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"1", "MODEL_CARD.md", "model_card.json"}
    assert not list(tmp_path.glob(".out*"))

    made = command("generate", run.path, "--num", 3, "--seed", 7, "--label", "infected", "--npz")
    assert made.returncode == 0, made.stderr
    arrays = np.load(run.path / "generated-7" / "images.npz")
    assert str(arrays["Synthetic"]).startswith("Synthetic image") and arrays["Seed"] == 7
    assert str(arrays["Model"]) == card["model"]["sha256"]
    assert arrays["labels"].tolist() == [1, 1, 1] and arrays["classes"][1] == "infected"

    (tmp_path / "out").rename(tmp_path / "moved")
    saved = tmp_path / "images.npy"
    subprocess.run(
        [sys.executable, "-I", "-c", ELSEWHERE, tmp_path / "moved" / "1", saved], check=True
    )
    np.testing.assert_array_equal(np.load(saved), arrays["images"])


def test_a_damaged_generator_is_named(run):
    run.generator_path.write_bytes(b"cut short")
    record_verdict(run)
    said = refusal(command("export", run.path))
    assert "generator.keras: damaged" in said and "nobody has looked" not in said
