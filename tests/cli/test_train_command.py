"""tfmedgan-train as a user types it: help, refusals, a run, its continuation."""

import json
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.cli.resolve import overridden
from tfmedgan.cli.train_data import may_choose_channels
from tfmedgan.cli.train_options import TrainOptions
from tfmedgan.config import DataConfig, ValidationConfig
from tfmedgan.data.steps import standard_steps
from tfmedgan.errors import InputError
from tfmedgan.papers import PRESETS
from tfmedgan.training import train

COMMAND = [sys.executable, "-c", "from tfmedgan.cli.train import main; main()"]
SMALL = ["--arch", "cgan", "--data", "phantom:fundus:6", "--batch-size", "6", "--epochs", "2"]


def run(*arguments, cwd=None):
    return subprocess.run(
        [*COMMAND, *map(str, arguments)], capture_output=True, text=True, cwd=cwd, timeout=120
    )


def photograph(path, size=(40, 40), colour=90):
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(colour).integers(0, 255, (*size, 3), dtype=np.uint8)
    Image.fromarray(noise).save(path)


@pytest.fixture
def folder(tmp_path):
    """Two classes of ten photographs."""
    for index in range(20):
        photograph(tmp_path / "set" / "ab"[index % 2] / f"{index}.jpg", colour=index)
    return tmp_path / "set"


REFUSALS = [
    ("--arch gan", "unknown architecture 'gan'; valid: cgan"),
    ("--preset x", "unknown preset 'x'; valid: aims2023/"),
    ("", "give --arch NAME, --preset NAME, or --data SOURCE alone"),
    ("--arch cgan --preset iut2023/cgan", "give --arch NAME, --preset NAME, or --data"),
    ("--data phantom:foot:40 --kimg 1 --epochs 2", "--kimg and --epochs exclude each other"),
    ("--data phantom:foot:40 --kimg 0", "--kimg 0: must be a number above 0"),
    ("--data phantom:foot:40 --kimg inf", "--kimg inf: must be a number above 0"),
    ("--arch cgan --data phantom:fundus:6 --batch-size 6 --fade-labels 80:40", "as 40:80"),
    ("--start-from absent", "absent: no such run directory"),
    ("--arch cgan --epochs three", "--epochs"),
    ("--arch cgan --data absent", "absent"),
    ("--arch cgan --image-size 33", "possible: 28, 32, 64"),
    ("--arch cgan --classes 7", "has 5 classes: no DR"),
    ("--arch cgan --classes mild,grave", "no class grave; it has: no DR"),
    (
        "--arch cgan --data phantom:fundus:6 --batch-size 999",
        "20 to train on; give more",
    ),
    ("--arch cgan --data phantom:brain", "valid: chest, foot, fundus"),
    ("--arch cgan --jit --deterministic", "exclude each other"),
    (
        "--arch dcgan64 --conditional",
        "dcgan64 uses no labels; cgan, cgan64, rgan, stylegan2 and the",
    ),
    ("--arch cgan --augment mixup", "--augment mixup: unknown; valid: none, diffaug, ada"),
    ("--arch cgan --patience 3", "stopping early needs validation; give --validate-every N"),
    (
        "--arch dcgan64 --data phantom:foot:20 --batch-size 8 --validate-every 1",
        "6 validation images; to validate needs 20",
    ),
    ("--arch wgan-gp64 --image-size 96", "possible: 32, 64, 128, 256"),
    ("--arch cgan --precision half", "unknown precision 'half'; valid: float32"),
    ("--arch cgan --strategy horovod", "--strategy horovod: unknown; valid: none, mirrored"),
    ("--arch cgan --strategy multiworker", "TF_CONFIG is not set; each worker's environment needs"),
    ("--arch cgan --data phantom:fundus:6 --batch-size 6 --strategy mirrored", "has one device"),
    ("--resume absent", "no such run directory"),
    ("--resume absent --data D --validate-every 2", "leave out --data, --validate-every"),
    ("--resume absent --small-data --no-jit --dry-run", "leave out --small-data, --no-jit, --dry"),
    ("--list --arch cgan --seed 3", "--list only shows names; leave out --arch, --seed"),
    ("--epoch 3", "No such option"),
    ("--epochs three", "Invalid value for '--epochs'"),
    ("photographs", "(photographs); see tfmedgan-train --help"),
]


@pytest.mark.parametrize(("arguments", "message"), REFUSALS)
def test_refusals_are_one_line_and_leave_nothing(arguments, message, tmp_path):
    done = run(*arguments.split(), cwd=tmp_path)
    assert done.returncode == 2
    last = done.stderr.strip().split("\n")[-1]
    assert message in last and last.startswith("tfmedgan-train: ")
    assert "Traceback" not in done.stderr and not done.stdout
    assert not list(tmp_path.iterdir())


def test_cut_short_jpeg_is_named(folder, tmp_path):
    bad = folder / "a" / "0.jpg"
    bad.write_bytes(bad.read_bytes()[:-300])
    done = run("--arch", "cgan", "--data", folder, "--batch-size", 4, cwd=tmp_path)
    assert done.returncode == 2 and "0.jpg" in done.stderr
    assert len(done.stderr.strip().split("\n")) == 1


def test_existing_directory_is_refused(tmp_path):
    done = run(*SMALL, "--out", tmp_path)
    assert done.returncode == 2 and "exists already" in done.stderr


def test_directory_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    done = run(*SMALL, "--out", tmp_path / "file" / "run")
    assert done.returncode == 2 and "is not a directory" in done.stderr


def test_one_class_folder_is_too_few_for_a_conditional_gan(folder, tmp_path):
    done = run("--arch", "cgan", "--data", folder, "--classes", "a", cwd=tmp_path)
    assert done.returncode == 2 and "has one class, a; cgan is conditional" in done.stderr


def test_folders_without_images_are_named_where_classes_are_missing(folder, tmp_path):
    for photograph in (folder / "b").iterdir():
        photograph.unlink()
    done = run("--arch", "cgan", "--data", "set", cwd=tmp_path)
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert "one subfolder of images for each; set: no images in b" in done.stderr


def test_dry_run_shows_everything_and_writes_nothing(tmp_path):
    done = run(*SMALL, "--dry-run", "--json", "--quiet", cwd=tmp_path)
    assert done.stderr == ""  # nothing about CUDA, oneDNN or the graph optimizer
    facts = json.loads(done.stdout)
    assert facts["parameters"] == {"generator": 1_382_077, "discriminator": 212_987}
    assert facts["images"]["train"]["all"] == 20
    assert facts["steps"] == {"per epoch": 3, "in all": 6}
    assert 0 <= facts["estimated minutes"] < 5  # of six steps
    assert not list(tmp_path.iterdir())


def test_validation_can_be_switched_off_where_a_document_stops_early():
    preset = PRESETS["dfu-lstm/wgan-gp-lstm"]
    assert preset.validation.patience and preset.validation.loss_patience
    assert overridden(preset, {"every": 0}).validation == ValidationConfig()
    assert overridden(preset, {"every": 5, "patience": 20}).validation.loss_patience == 15
    with pytest.raises(InputError, match="stopping early needs validation"):
        overridden(preset, {"every": 0, "patience": 3})


def test_list_names_every_preset():
    listed = json.loads(run("--list", "--json").stdout)
    names = {entry["name"] for entry in listed}
    assert {"cgan", "dcgan", "iut2023/cgan", "iut2023/dcgan"} <= names
    assert all(entry["PFLOP"] > 0 for entry in listed)


def test_own_folder_trains_and_generates(folder, tmp_path):
    """From a folder of photographs to marked PNG files; nothing but results on stdout."""
    path = tmp_path / "run"
    trained = run("--arch", "cgan", "--data", folder, "--classes", 2, "--batch-size", 6,
                  "--epochs", 1, "--out", path, "--quiet", "--json")  # fmt: skip
    assert trained.returncode == 0, trained.stderr
    assert trained.stderr == "" and json.loads(trained.stdout)["epoch"] == 1
    assert (path / "samples" / "epoch-0001.png").is_file()
    made = generate(path, "--num", 5, "--label", "b", "--grid", "--json")
    assert json.loads(made.stdout)["files"][0] == "b/000000.png"
    image = Image.open(path / "generated-0" / "b" / "000000.png")
    assert image.size == (32, 32) and "Synthetic" in image.text["Synthetic"]
    assert image.text["Label"] == "b"
    again = generate(path, "--num", 2, "--label", "1", "--out", tmp_path / "again")
    assert again.returncode == 0
    first = (path / "generated-0" / "b" / "000001.png").read_bytes()
    assert (tmp_path / "again" / "b" / "000001.png").read_bytes() == first
    refused = generate(path, "--label", "c")
    assert refused.returncode == 2 and "valid: 0 (a), 1 (b)" in refused.stderr
    (path / "generator.keras").write_bytes(b"cut short")
    damaged = generate(path, "--out", tmp_path / "none")
    assert damaged.returncode == 2 and "generator.keras: damaged" in damaged.stderr
    assert "Traceback" not in damaged.stderr and not (tmp_path / "none").exists()
    taken = generate(path)
    assert taken.returncode == 2 and "exists already" in taken.stderr


def generate(path, *arguments):
    command = [sys.executable, "-c", "from tfmedgan.cli.generate import main; main()"]
    return subprocess.run(
        [*command, str(path), *map(str, arguments)], capture_output=True, text=True, timeout=120
    )


def test_interrupt_saves_and_says_how_to_go_on(tmp_path):
    path = tmp_path / "run"
    process = subprocess.Popen(
        [*COMMAND, *SMALL[:-1], "500", "--out", str(path)], stderr=subprocess.PIPE, text=True
    )
    for _ in range(600):
        if list(path.glob("checkpoints/step-*.npz")):
            break
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, message = process.communicate(timeout=60)
    assert process.returncode == 130
    assert f"go on with: tfmedgan-train --resume {path}" in message
    refused = run("--resume", path, "--seed", 3)
    assert refused.returncode == 2 and "leave out --seed" in refused.stderr


def test_data_alone_trains_the_recommended_network_for_as_long_as_few_images_need(tmp_path):
    result = run("--data", "phantom:foot:200", "--dry-run", "--json", cwd=tmp_path)
    assert "no --arch given: rgan, made for few images" in result.stderr
    facts = json.loads(result.stdout)
    experiment = facts["experiment"]
    assert experiment["name"] == "rgan"
    passes = 8  # of 128 of the 140 images that are trained on: an epoch shows a thousand or more
    assert experiment["epochs"] == round(300_000 / (passes * 128))
    validation = experiment["validation"]
    assert validation["every"] == experiment["epochs"] // 12
    assert validation["patience"] == 0 and validation["features"] == "multiscale"
    assert experiment["precision"] in ("float32", "mixed_bfloat16")  # what suits the machine
    assert 0 < facts["minutes until worth a look"] < facts["estimated minutes"]


def test_a_run_starts_from_another_with_its_network(tmp_path):
    shape = (32, 32, 1)
    base = ARCHITECTURES["rgan"]
    model = replace(base.model, image_shape=shape, ngf=4, ndf=4, epoch_images=0)
    data = DataConfig(
        source="phantom:chest:30", steps=standard_steps(shape), images=20, skip_bad=True
    )
    first = replace(base, data=data, model=model, batch_size=16, epochs=1)
    train(first, tmp_path / "a", progress=False)
    second = run(
        "--start-from", "a", "--data", "phantom:foot:30", "--kimg", "0.03", "--out", "b",
        cwd=tmp_path,
    )  # fmt: skip
    assert second.returncode == 0, second.stderr
    config = json.loads((tmp_path / "b" / "config.json").read_text())
    assert config["start_from"]["run"] == str(tmp_path / "a") and config["epochs"] == 1
    assert config["model"]["image_shape"] == [32, 32, 1]
    assert config["data"]["images"] is None and not config["data"]["skip_bad"]  # a's choice alone
    other = run("--start-from", "a", "--arch", "dcgan64", "--data", "phantom:foot:40", cwd=tmp_path)
    assert other.returncode == 2 and "its networks are others (rgan, not dcgan64)" in other.stderr


def test_grey_images_are_trained_with_one_channel_and_this_is_said(folder, tmp_path):
    for path in sorted(folder.glob("*/*")):
        place = tmp_path / "grey" / path.relative_to(folder).with_suffix(".png")
        place.parent.mkdir(parents=True, exist_ok=True)
        Image.open(path).convert("L").convert("RGB").save(place)
    done = run(
        "--arch", "cgan", "--data", tmp_path / "grey", "--batch-size", 4, "--dry-run", "--json"
    )
    assert json.loads(done.stdout)["experiment"]["model"]["image_shape"] == [32, 32, 1]
    assert "grey images: trained with one channel; --channels 3 for three" in done.stderr


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, True),
        ({"arch": "cgan"}, True),
        ({"channels": 3}, False),
        ({"preset": "iut2023/cgan"}, False),  # has a number of its own
        ({"start_from": Path("run")}, False),
        ({"resume": Path("run")}, False),
        ({"data": None}, False),  # drawn images
    ],
)
def test_only_new_runs_on_own_images_choose_their_channels(options, expected):
    assert may_choose_channels(TrainOptions(**{"data": "photographs", **options})) == expected
