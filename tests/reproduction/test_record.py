"""A record is reported as its study, holds no real image and no place, and can be gone on with."""

import re
import shutil
import tarfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tfmedgan.errors import InputError
from tfmedgan.reproduction.page import write_page
from tfmedgan.reproduction.record import write_record
from tfmedgan.reproduction.run import begin, make_plan, run
from tfmedgan.reproduction.study import Study


def unpacked(record, folder):
    with tarfile.open(record) as archive:
        archive.extractall(folder, filter="data")
    (study,) = folder.iterdir()
    return study


def test_a_record_gives_the_same_page(finished, tmp_path, no_images):
    study = finished("dfu-dcgan")
    write_record(study, tmp_path / "study.tar.xz")
    copy = unpacked(tmp_path / "study.tar.xz", tmp_path / "unpacked")
    no_images()
    pages = [
        write_page([path], tmp_path / p / "a.md") for p, path in (("1", study.path), ("2", copy))
    ]
    contents = [[path.read_bytes() for path in written] for written in pages]
    assert contents[0] == contents[1]
    assert {p.suffix for p in copy.rglob("*") if p.is_file()} <= {".json", ".jsonl", ".csv", ".png"}
    assert not list(copy.rglob("real-*.png"))


def test_the_same_study_gives_the_same_bytes(finished, tmp_path):
    for name in ("a.tar.xz", "b.tar.xz"):
        write_record(finished("dfu-dcgan"), tmp_path / name)
    assert (tmp_path / "a.tar.xz").read_bytes() == (tmp_path / "b.tar.xz").read_bytes()
    write_record(finished("dfu-dcgan"), tmp_path / "a.tar.xz")  # over the former
    (tmp_path / "mine.tar.xz").write_text("a letter")
    with tarfile.open(tmp_path / "other.tar.xz", "w:xz") as archive:
        archive.add(__file__, "iut2023-smoke/study.json")
    for name in ("mine", "other"):
        with pytest.raises(InputError, match="no record of this study"):
            write_record(finished("dfu-dcgan"), tmp_path / f"{name}.tar.xz")
    with pytest.raises(InputError, match=r"ends in \.tar\.xz"):
        write_record(finished("dfu-dcgan"), tmp_path / "a.zip")


def images_in(path, count=120, seed=0):
    path.mkdir(parents=True)
    for index in range(count):
        noise = np.random.default_rng([seed, index]).integers(0, 255, (36, 36), dtype=np.uint8)
        Image.fromarray(noise).save(path / f"{index}.png")
    return path


def go_on(path, images, seeds):
    plan = make_plan("iut2023", ("losses",), "smoke", seeds=seeds, source=str(images))
    study, todo = begin(path, plan)
    run(study, todo)
    return {(r.row, r.metric, r.seed): r.value for r in study.results.read()}


def test_a_record_is_gone_on_with_where_the_images_are_now(tmp_path):
    images = images_in(tmp_path / "here" / "images")
    first = go_on(tmp_path / "study", images, 1)
    for former in list((tmp_path / "study" / "runs").iterdir()):  # the next one was begun
        begun = former.with_name(former.name.replace("seed-0", "seed-1"))
        shutil.copytree(former, begun, ignore=shutil.ignore_patterns("summary.json"))
    write_record(Study.existing(tmp_path / "study"), tmp_path / "study.tar.xz")
    copy = unpacked(tmp_path / "study.tar.xz", tmp_path / "unpacked")
    assert not list(copy.glob("runs/*seed-1*"))
    text = "".join(p.read_text() for p in copy.rglob("*") if p.is_file())
    assert str(tmp_path) not in text and '"source": "images"' in text
    moved = tmp_path / "zwölf neue, there" / "images"
    moved.parent.mkdir()
    images.rename(moved)
    both = go_on(copy, moved, 2)
    assert both.items() > first.items()
    assert both == go_on(tmp_path / "undisturbed", moved, 2)


def test_other_images_of_the_same_name_are_refused(tmp_path):
    images = images_in(tmp_path / "here" / "images")
    go_on(tmp_path / "study", images, 1)
    other = images_in(tmp_path / "there" / "images", count=118, seed=1)
    with pytest.raises(InputError, match="images"):
        go_on(tmp_path / "study", other, 2)


def test_a_record_names_no_place_wherever_a_study_and_its_images_have_been(tmp_path, monkeypatch):
    images = images_in(tmp_path / "zwölf neue, here" / "images")
    go_on(tmp_path / "first", images, 1)
    (tmp_path / "first").rename(tmp_path / "second")
    moved = tmp_path / "there" / "images"
    moved.parent.mkdir()
    images.rename(moved)
    go_on(tmp_path / "second", moved, 2)
    monkeypatch.chdir(tmp_path / "second")
    write_record(Study.existing(Path()), tmp_path / "a.tar.xz")
    copy = unpacked(tmp_path / "a.tar.xz", tmp_path / "unpacked")
    assert copy.name == "second"
    for path in (p for p in copy.rglob("*") if p.suffix in (".json", ".jsonl")):
        text = path.read_text()
        assert not any(word in text for word in ("zw", "there", tmp_path.name)), path


DAMAGES = [
    ("runs/*/config.json", b"\xff\xfe\x00"),
    ("runs/*/config.json", b'{"type": "Exper'),
    ("runs/*/data.json", None),
    ("splits/whole-*.json", b"{"),
    ("strips/real-*.png", b""),
    ("strips/*-epoch-*.png", b"no image"),
]


@pytest.mark.parametrize(("pattern", "content"), DAMAGES)
def test_a_damaged_study_is_refused_and_the_file_is_named(finished, tmp_path, pattern, content):
    study = tmp_path / "study"
    left_out = shutil.ignore_patterns("checkpoints", "cache", "tensorboard", "*.keras")
    shutil.copytree(finished("dfu-dcgan").path, study, ignore=left_out)
    damaged = sorted(study.glob(pattern))[0]
    if content is None:
        damaged.unlink()
    else:
        damaged.write_bytes(content)
    with pytest.raises(InputError, match=re.escape(str(damaged))):
        write_record(Study.existing(study), tmp_path / "a.tar.xz")
    assert list(tmp_path.iterdir()) == [study]
