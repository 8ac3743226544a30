"""tfmedgan-readers: studies of a folder and of a run, and plans."""

import json
import re

import numpy as np
import pytest
from PIL import Image

from tests.cli.test_generate_command import make as make_run
from tests.reader_study.conftest import answer_file
from tfmedgan.cli.readers import MakeOptions, PlanOptions, ScoreOptions, make, plan, score
from tfmedgan.errors import InputError
from tfmedgan.reader_study.study import open_study
from tfmedgan.synthetic_png import write_png


def folder_of(path, seed, size=24, marked=False):
    """Thirty images in two subfolders."""
    rng = np.random.default_rng(seed)
    for index in range(30):
        place = path / "ab"[index % 2] / f"{index}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        image = rng.integers(0, 256, (size, size, 3), dtype=np.uint8)
        write_png(place, image) if marked else Image.fromarray(image).save(place)
    return str(path)


@pytest.fixture
def folders(tmp_path):
    fakes = folder_of(tmp_path / "fakes", 1, marked=True)
    return fakes, folder_of(tmp_path / "reals", 2, size=48)


def test_a_folder_beside_real_images_of_another_size(folders, tmp_path, capsys):
    fakes, reals = folders
    out = tmp_path / "study"
    make(MakeOptions(subject=fakes, against=reals, readers=2, images=20, out=out, as_json=True))
    said = capsys.readouterr()
    result = json.loads(said.out)
    assert result["pages"] == [str(out / "pages" / f"reader-{reader}.html") for reader in (1, 2)]
    assert "expected: ± 0.22 for the accuracy of each reader" in said.err
    study = open_study(out)
    assert study.digest == result["study"] and len(study.items) == 20
    assert len({len(page.read_text()) for page in (out / "pages").iterdir()}) == 1
    sizes = {Image.open(path).size for path in (out / "images").iterdir()}
    assert sizes == {(24, 24)}

    for reader in (1, 2):
        path = out / "answers" / f"{reader}.json"
        answer_file(path, study, reader, lambda item: (item.origin, 5, 1000))
    score(ScoreOptions(study=out, as_json=True))
    rows = json.loads(capsys.readouterr().out)
    assert {"metric", "value", "low", "high", "protocol"} <= rows[0].keys()
    assert (rows[0]["metric"], rows[0]["value"]) == ("accuracy", 1.0)
    score(ScoreOptions(study=out, answers=[out / "answers" / "2.json"]))
    said = capsys.readouterr()
    assert "reader 1: no answers, scored without" in said.err
    assert "This reader told real from synthetic images more often" in said.out
    assert "report:" in said.out and max(map(len, said.out.splitlines()[:4])) <= 80


def test_a_run_beside_its_held_out_images(tmp_path, capsys):
    run = make_run("cgan", "phantom:foot:40", tmp_path / "run", n_classes=2)
    out = tmp_path / "study"
    make(MakeOptions(subject=str(run.path), images=20, ask="class", out=out, quiet=True))
    study = open_study(out)
    held_out = {*run.data["split"]["validation"], *run.data["split"]["test"]}
    reals = [item for item in study.items if item.origin == "real"]
    assert len(reals) == 10 and {item.name for item in reals} <= held_out
    assert study.choices == run.class_names
    labels = [(item.origin, item.label) for item in study.items]
    assert {labels.count(pair) for pair in set(labels)} == {5} and len(set(labels)) == 4
    with pytest.raises(InputError, match=r"--images 400: there are \d+ real and \d+ synthetic"):
        make(MakeOptions(subject=str(run.path), images=400, out=tmp_path / "b", quiet=True))
    assert not (tmp_path / "b").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"subject": "absent"}, "absent: no such run directory or folder"),
        ({"against": None}, "is no run directory; add --against SOURCE"),
        ({"ask": "grade"}, "--ask grade: unknown; valid: real, class"),
        ({"images": 21}, "--images 21: give an even number from 10"),
        ({"images": 8}, "--images 8: give an even number from 10"),
        ({"seed": -1}, "--seed -1: must be in"),
        ({"ask": "class", "images": 30}, "give a multiple of 4"),
    ],
)
def test_what_cannot_be_a_study_is_refused(folders, tmp_path, options, message):
    given = {"subject": folders[0], "against": folders[1], "images": 20, "out": tmp_path / "s"}
    with pytest.raises(InputError, match=message):
        make(MakeOptions(**given | options, quiet=True))
    assert not (tmp_path / "s").exists()


def test_classes_are_needed_to_ask_for_them(tmp_path):
    flat = [folder_of(tmp_path / name, seed) + "/a" for seed, name in enumerate("xy")]
    with pytest.raises(InputError, match=r"--ask class: .* have 0 classes in common"):
        make(MakeOptions(subject=flat[0], against=flat[1], images=10, ask="class",
                         out=tmp_path / "s", quiet=True))  # fmt: skip


def test_answers_that_are_missing(folders, tmp_path):
    out = tmp_path / "study"
    make(MakeOptions(subject=folders[0], against=folders[1], images=20, out=out, quiet=True))
    with pytest.raises(InputError, match="no files with answers"):
        score(ScoreOptions(study=out))
    with pytest.raises(InputError, match="no reader study"):
        score(ScoreOptions(study=tmp_path))


def test_plans(capsys):
    plan(PlanOptions(readers=10, as_json=True))
    planned = json.loads(capsys.readouterr().out)
    assert planned["images"] == 146 and planned["expected"][0]["images"] == 20
    plan(PlanOptions(readers=3))
    said = capsys.readouterr().out
    assert "no number of images is enough with 3 readers; 7 or more" in " ".join(said.split())
    plan(PlanOptions(readers=1, precision=0.1))
    assert re.search(r"this reader and other images: \d+ images", capsys.readouterr().out)
    for wrong in ({"precision": 0.7}, {"accuracy": 1.0}, {"reader_sd": 0.9}, {"agreement": -1.0}):
        with pytest.raises(InputError, match=next(iter(wrong)).replace("_", "-")):
            plan(PlanOptions(**wrong))
