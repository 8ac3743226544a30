"""tfmedgan-segment as a user types it."""

import json
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from tests.segmentation.conftest import discs

COMMAND = [sys.executable, "-c", "from tfmedgan.cli.segment import main; main()"]


def run(*arguments, cwd=None):
    return subprocess.run(
        [*COMMAND, *map(str, arguments)], capture_output=True, text=True, cwd=cwd, timeout=180
    )


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with 30 images in discs/images and their masks in discs/masks."""
    folder = tmp_path_factory.mktemp("segment")
    for index, (image, mask) in enumerate(zip(*discs(30, 0), strict=True)):
        for kind, picture in (("images", image), ("masks", mask.astype(np.uint8) * 255)):
            path = folder / "discs" / kind / f"{index}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(picture).save(path)
    return folder


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train"], "give --data SOURCE, images with masks"),
        (["train", "--data", "x", "--image-size", "60"], "give a multiple of 16, 32 at least"),
        (["train", "--data", "x", "--channels", "2"], "--channels 2: valid: 1 (grey), 3 (RGB)"),
        (["train", "--data", "x", "--width", "1"], "width is 1; must be in [4, 128]"),
        (["train", "--data", "x", "--precision", "half"], "unknown precision 'half'"),
        (
            ["train", "--resume", "x", "--data", "y", "--augment"],
            "--resume goes on with the run's own values; leave out --data, --augment",
        ),
        (["evaluate", "nowhere"], "nowhere: no such run directory"),
        (["predict", "nowhere", "images", "--out", "out"], "nowhere: no such run directory"),
        (["study", "--data", "x"], "give --run RUN, --pairs DIR or --arch NAME"),
        (["study", "--data", "x", "--run", "nowhere"], "nowhere: no such run directory"),
        (["study", "--data", "x", "--arch", "cgan64"], "--arch cgan64: takes labels"),
        (["study", "--data", "x", "--pairs", "y"], "--pairs y: no such folder; give one of images"),
        (["study", "--data", "x", "--pairs", "y", "--kimg", "1"], "--kimg is the length of --arch"),
        (
            ["study", "--data", "x", "--pairs", "y", "--primary-metric", "auroc"],
            "--primary-metric auroc: valid: dice, iou, hd95",
        ),
    ],
)
def test_refusals_are_one_line(tmp_path, arguments, message):
    result = run(*arguments, cwd=tmp_path)
    assert result.returncode == 2, result
    (line,) = result.stderr.splitlines()
    assert message in line
    assert not list(tmp_path.iterdir())


def test_from_training_to_masks(place):
    options = ["--image-size", 32, "--width", 4, "--batch-size", 4, "--epochs", 2, "--augment"]
    done = run("train", "--data", "discs", *options, "--quiet", "--json", "--out", "run", cwd=place)
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert summary["epochs"] == 2 and 0 <= summary["val_dice"] <= 1
    config = json.loads((place / "run" / "config.json").read_text())
    steps = [step["type"] for step in config["data"]["steps"]]
    assert steps[2:] == ["FlipHorizontal", "FlipVertical", "Rotate", "Zoom", "Contrast"]

    done = run("evaluate", "run", "--quiet", "--json", cwd=place)
    rows = json.loads(done.stdout)
    assert [row["metric"] for row in rows] == ["dice", "iou", "hd95"]
    assert {path.name for path in (place / "run" / "evaluation").iterdir()} == {
        "scores.json", "images.csv", "cases.png",
    }  # fmt: skip

    foot = "phantom:foot:8"
    done = run("evaluate", "run", "--against", foot, "--quiet", "--json", cwd=place)
    assert json.loads(done.stdout) != rows
    assert json.loads((place / "run" / "evaluation" / "scores.json").read_text())["rows"] == rows
    assert (place / "run" / "evaluation-phantom-foot-8" / "scores.json").is_file()

    arguments = ["predict", "run", "discs", "--out", "made"]
    done = run(*arguments, "--overlay", cwd=place)
    assert done.stdout.strip() == "made: masks of 30 images" and "no medical" in done.stderr
    assert len(list((place / "made" / "images").iterdir())) == 30
    again = run(*arguments, cwd=place)
    assert again.returncode == 2 and "exists already; choose another --out" in again.stderr


def test_a_study_of_a_folder_of_pairs(place, network, tmp_path, capsys):
    """From the options to a report, in this process; the same call goes on with what is done."""
    from tfmedgan.cli.segment_options import StudyOptions
    from tfmedgan.cli.segment_study import study

    made = tmp_path / "made"
    for index, (image, mask) in enumerate(zip(*discs(12, 77), strict=True)):
        for kind, picture in (("images", image), ("masks", mask.astype(np.uint8) * 255)):
            path = made / kind / f"{index}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(picture).save(path)
    options = StudyOptions(
        data=str(place / "discs"), pairs=[made], image_size=32, width=4, epochs=1, seeds=1,
        batch_size=4, features=str(network), out=tmp_path / "study", quiet=True,
    )  # fmt: skip
    study(options)
    said = capsys.readouterr().out
    assert "real + synthetic (made)" in said and "synthetic only (made)" in said
    assert "One seed" in said
    outcomes = sorted((tmp_path / "study" / "outcomes").glob("*.json"))
    assert len(outcomes) == 4 + 1  # arms, and the quality of the pairs
    assert json.loads(outcomes[0].read_text())["kid"]["value"] is not None
    stamps = [path.stat().st_mtime_ns for path in outcomes]
    study(options)
    assert [path.stat().st_mtime_ns for path in outcomes] == stamps
    assert (tmp_path / "study" / "report.html").stat().st_size > 5000
