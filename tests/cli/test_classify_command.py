"""tfmedgan-classify as a user types it."""

import json
import subprocess
import sys

import pytest

COMMAND = [sys.executable, "-c", "from tfmedgan.cli.classify import main; main()"]


def run(*arguments, cwd=None):
    return subprocess.run(
        [*COMMAND, *map(str, arguments)], capture_output=True, text=True, cwd=cwd, timeout=180
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train"], "give --network NAME; --list shows the names"),
        (["train", "--network", "vgg"], "unknown classifier 'vgg'; valid: critic-lstm,"),
        (["train", "--network", "small-cnn"], "give --data SOURCE, images with classes"),
        (
            ["train", "--network", "small-cnn", "--data", "phantom:chest", "--classes", "3"],
            "phantom:chest: has 2 classes: normal, pneumonia; --classes says 3",
        ),
        (
            ["train", "--network", "small-cnn", "--data", "phantom:chest", "--weights", "imagenet"],
            "--weights: small-cnn takes none",
        ),
        (
            ["train", "--network", "critic-lstm", "--data", "phantom:chest"],
            "critic-lstm needs --critic RUN",
        ),
        (
            ["train", "--network", "vgg19", "--data", "phantom:chest", "--channels", "1"],
            "vgg19 takes images of 3 channels",
        ),
        (
            ["study", "--data", "phantom:chest", "--primary-metric", "luck"],
            "--primary-metric luck: valid: accuracy,",
        ),
        (["study", "--data", "phantom:chest", "--arch", "gan"], "unknown architecture 'gan'"),
        (
            ["study", "--data", "phantom:chest", "--network", "critic-lstm"],
            "--network critic-lstm: its critic would have seen the same images",
        ),
        (["predict", "x.png", "--run", "nowhere"], "x.png: no such image"),
        (["evaluate", "nowhere"], "nowhere: no such run directory"),
        (
            ["train", "--resume", "x", "--data", "y", "--no-class-weights", "--skip-bad"],
            "leave out --data, --no-class-weights, --skip-bad",
        ),
        (["train", "--list", "--network", "vgg19"], "--list only shows names; leave out --network"),
        (
            ["train", "--network", "vgg19", "--data", "phantom:chest", "--learning-rate", "1"],
            "vgg19 is fitted by logistic regression, without steps; leave out --learning-rate",
        ),
        (
            ["study", "--data", "phantom:chest", "--split-file", "s.json", "--fractions", "6:2:2"],
            "--fractions and --split-file exclude each other",
        ),
    ],
)
def test_refusals_are_one_line(tmp_path, arguments, message):
    result = run(*arguments, cwd=tmp_path)
    assert result.returncode == 2, result
    (line,) = result.stderr.splitlines()
    assert message in line
    assert not list(tmp_path.iterdir())


def test_from_training_to_a_prediction(tmp_path):
    options = ["--data", "phantom:foot:20", "--image-size", 32, "--epochs", 2, "--quiet", "--json"]
    done = run("train", "--network", "small-cnn", *options, "--out", "run", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["epochs"] == 2
    done = run("evaluate", "run", "--quiet", "--json", cwd=tmp_path)
    rows = json.loads(done.stdout)
    assert {"metric", "value", "low", "high", "protocol"} <= rows[0].keys()
    from PIL import Image

    from tfmedgan.data import phantoms

    Image.fromarray(phantoms.draw("foot", 1, 5, 0)).save(tmp_path / "foot.png")
    done = run("predict", "foot.png", "--run", "run", cwd=tmp_path)
    assert "foot.png" in done.stdout and "ms" in done.stdout
    assert "no medical device" in done.stderr
    done = run("predict", "foot.png", "--run", "run", "--json", cwd=tmp_path)
    (prediction,) = json.loads(done.stdout)
    assert set(prediction["probabilities"]) == {"not infected", "infected"}
    assert "no medical device" in prediction["note"]


@pytest.mark.slow
def test_a_study_of_ones_own_images(tmp_path):
    from PIL import Image

    from tfmedgan.data.sources import open_source

    drawn = open_source("phantom:chest:24")
    for number, record in enumerate(drawn.records):
        folder = tmp_path / "images" / drawn.class_names[record.label]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(drawn.read(record)[..., 0]).save(folder / f"{number}.png")
    options = ["--data", "images", "--arch", "cgan", "--image-size", 32, "--updates", 2]
    options += ["--epochs", 1, "--seeds", 1, "--fractions", "50:20:30", "--out", "study"]
    done = run("study", *options, "--quiet", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)
    assert [result["arm"] for result in results] == [
        "real", "real + classical augmentation", "real + oversampling",
        "real + synthetic (cgan)", "synthetic only (cgan)",
    ]  # fmt: skip
    (tmp_path / "images").rename(tmp_path / "elsewhere")  # a finished one needs them no more
    again = run("study", *options, cwd=tmp_path)
    assert again.returncode == 0 and "report: study/report.html" in again.stdout
    assert "no medical device" in again.stderr
