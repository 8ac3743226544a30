"""tfmedgan-data from the outside."""

import json
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

CODE = "from tfmedgan.cli.data import main; main()"


def call(*arguments, status: int = 0) -> subprocess.CompletedProcess:
    command = [sys.executable, "-c", CODE, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == status, done.stderr + done.stdout
    return done


@pytest.fixture
def folder(tmp_path):
    """Two classes of six pictures, one of them cut short, one doubled."""
    dice = np.random.default_rng(0)
    for number in range(12):
        path = tmp_path / "set" / "ab"[number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        small = Image.fromarray(dice.integers(0, 256, (12, 12, 3), dtype=np.uint8))
        small.resize((128, 128), Image.Resampling.BICUBIC).save(path)
    (path.parent / "12.png").write_bytes(path.read_bytes())
    (path.parent / "13.png").write_bytes(path.read_bytes()[:900])
    return tmp_path / "set"


def test_help_is_quick_and_lists_the_commands(processor_seconds):
    text = call("--help").stdout
    assert all(name in text for name in ("list", "show", "verify", "prepare", "preview", "split"))
    assert processor_seconds(lambda: call("--help")) < 1.0


def test_list_and_show():
    names = [row["name"] for row in json.loads(call("list", "--json").stdout)]
    assert "idrid" in names and len(names) == 10
    assert "CC BY 4.0" in call("show", "idrid").stdout
    assert json.loads(call("show", "mnist", "--json").stdout)["checksums"]
    assert "unknown manifest 'x'" in call("show", "x", status=2).stderr


def test_verify_names_what_is_damaged(folder):
    done = call("verify", folder, "--json", status=1)
    inspection = json.loads(done.stdout)
    assert inspection["classes"] == {"a": {"": 6}, "b": {"": 7}}
    assert [name for name, _ in inspection["bad"]] == ["b/13.png"]
    assert "truncated PNG" in inspection["bad"][0][1]
    assert inspection["exact"] == inspection["near"] == 1
    (folder / "b/13.png").unlink()
    assert "128×128 (13)" in call("verify", folder).stdout


def test_masks_are_verified_and_drawn(tmp_path):
    dice = np.random.default_rng(1)
    for number in range(6):
        for kind, pixels in (("images", dice.integers(0, 256, (64, 64, 3), dtype=np.uint8)),
                             ("masks", np.tri(64, k=number, dtype=np.uint8) * 255)):  # fmt: skip
            path = tmp_path / f"set/{kind}/{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(path)
    source = tmp_path / "set"
    assert "6 masks left out; tfmedgan-train --masks uses them" in " ".join(
        json.loads(call("verify", source, "--json").stdout)["warnings"]
    )
    shown = call("verify", source, "--masks").stdout
    assert "6, which mark 5" in shown and "left out" not in shown
    call("preview", source, "--masks", "--out", tmp_path / "p", "--image-size", 32)
    sheet = np.asarray(Image.open(tmp_path / "p/0-all.png").convert("RGB"))
    assert (np.abs(sheet.astype(int) - (0, 230, 255)).sum(axis=2) < 60).sum() > 200  # outlines
    path.unlink()
    assert "images without a mask: 1" in call("verify", source, "--masks", status=1).stdout


def test_verify_says_what_is_wrong_in_one_line(tmp_path):
    done = call("verify", tmp_path / "none", status=2)
    assert done.stderr.count("\n") == 1 and "does not exist" in done.stderr
    assert done.stdout == ""


def test_preview_writes_a_sheet_per_class(folder, tmp_path):
    out = tmp_path / "sheets"
    done = call("preview", folder, "--out", out, "--chain", "vuw-covid/64", "--columns", "4")
    assert {path.name for path in out.iterdir()} == {
        "0-a.png", "1-b.png", "near-duplicates.png", "findings.json",
    }  # fmt: skip
    assert "0-a.png" in done.stdout.replace("\n", "")
    with Image.open(out / "0-a.png") as sheet:
        assert sheet.width > 500 and len(np.unique(np.asarray(sheet))) > 50
    assert "Clahe" in (out / "findings.json").read_text()
    assert "exists already" in call("preview", folder, "--out", out, status=2).stderr


def test_split_writes_a_file_that_prepare_takes(folder, tmp_path):
    file = tmp_path / "split.json"
    assert "--skip-bad" in call("split", folder, "--out", file, status=2).stderr
    made = json.loads(call("split", folder, "--out", file, "--skip-bad", "--json").stdout)
    assert sum(sum(counts.values()) for counts in made["images"].values()) == 13
    assert made["groups"] == 1
    assert "exists already" in call("split", folder, "--out", file, status=2).stderr
    bad = call("split", folder, "--out", tmp_path / "x", "--fractions", "70:30", status=2)
    assert "must be three numbers, as 70:15:15" in bad.stderr


def test_prepare_writes_a_set_that_tfds_reads(folder, tmp_path):
    import tensorflow_datasets as tfds

    out = tmp_path / "tfds"
    done = call("prepare", folder, "--out", out, "--skip-bad", "--json")
    made = json.loads(done.stdout)
    assert done.stderr == ""
    assert sum(made["images"].values()) == 13 and len(made["skipped"]) == 1
    assert made["source"] == f"tfds:prepared:{out}"
    splits = tfds.builder_from_directory(made["path"]).info.splits
    assert {name: split.num_examples for name, split in splits.items()} == made["images"]
    assert "exists already" in call("prepare", folder, "--out", out, status=2).stderr


def test_fractions_do_not_go_with_a_publishers_split(tmp_path):
    """They would be ignored."""
    dice, arrays = np.random.default_rng(0), {}
    for part in ("train", "val", "test"):
        arrays[f"{part}_images"] = dice.integers(0, 256, (6, 28, 28), dtype=np.uint8)
        arrays[f"{part}_labels"] = np.arange(6)[:, np.newaxis] % 2
    path = tmp_path / "published.npz"
    np.savez(path, **arrays)
    fractions = ["--fractions", "1:1:1", "--out", tmp_path / "split.json"]
    done = call("split", path, *fractions, status=2)
    assert "has its publisher's split, which is kept; leave it out" in done.stderr
    call("split", path, *fractions[2:])
