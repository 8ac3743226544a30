"""A study's directory: continued after a kill, refused under another protocol; its images."""

import json
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from tfmedgan.data.records import ImageSet
from tfmedgan.errors import Diverged, InputError, Interrupted
from tfmedgan.papers import TABLES
from tfmedgan.reproduction.material import chosen_classes
from tfmedgan.reproduction.run import Clock, begin, jobs, make_plan, run
from tfmedgan.reproduction.stages import stages
from tfmedgan.reproduction.study import Job, Result, ResultLog, Study
from tfmedgan.run_directory import RunDirectory

COMMAND = [sys.executable, "-c", "from tfmedgan.cli.study import main; main()"]
ARGUMENTS = ["dfu-dcgan", "--table", "epochs", "--scale", "smoke", "--seeds", "2", "--nice", "1"]


@pytest.mark.slow
def test_what_a_killed_process_leaves_is_finished_by_another(finished, tmp_path):
    """The second one leaves seed 0 to the first until that is killed, and goes on with it then."""
    out = tmp_path / "study"
    command = [*COMMAND, *ARGUMENTS, "--out", str(out)]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as first:
        assert _wait_for_rows(out, "*-seed-0", first)
        first.send_signal(signal.SIGSTOP)
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as second:
            assert _wait_for_rows(out, "*-seed-1", second)
            begun = len(RunDirectory.open(next(out.glob("runs/*-seed-0"))).history())
            assert 0 < begun < 7, "killed too late to be half-way"
            first.kill()
            stdout, stderr = second.communicate(timeout=150)
    assert second.returncode == 0, stderr
    assert b"[2/2]" in stderr and b"left" in stderr and b"report.html" in stdout
    whole = [r for r in finished("dfu-dcgan").results.read() if r.table.endswith("epochs")]
    expected = {(r.row, r.metric, r.seed): r.value for r in whole}
    results = ResultLog(out / "results.jsonl").read()
    assert {(r.row, r.metric, r.seed): r.value for r in results} == expected
    assert len(results) == len(expected)


def _wait_for_rows(out, run, process):
    deadline = time.monotonic() + 150
    while time.monotonic() < deadline and process.poll() is None:
        for path in out.glob(f"runs/{run}/metrics.csv"):
            if path.read_text().count("\n") >= 2:
                return True
        time.sleep(0.02)
    return False


def test_a_job_that_another_process_has_is_left_to_it(tmp_path):
    study = Study.open(tmp_path / "study", make_plan("iut2023", ("losses",), "smoke"))
    order, cell = [], ("t", "r", 0)

    def shared():  # as another process would do it
        study.results.append([Result(*cell, "fid", 1.0)])
        order.append("other")

    def own():
        order.append("own")
        shared()
        lock.__exit__(None, None, None)
        return []

    todo = [Job("shared", 1.0, shared, frozenset({cell})), Job("own", 1.0, own)]
    lock = study.claim(todo[0], wait=False)
    assert lock.__enter__()
    assert run(study, todo) == 0
    assert order == ["own", "other"]  # and the first is not done again


def test_results_of_a_cell_are_added_once(tmp_path):
    log = ResultLog(tmp_path / "results.jsonl")
    log.append([Result("t", "r", 0, "fid", 1.0), Result("t", "r", 0, "kid", 2.0)])
    log.append([Result("t", "r", 0, "fid", 3.0), Result("t", "r", 1, "fid", 4.0)])
    assert [r.value for r in log.read()] == [1.0, 2.0, 4.0]


@pytest.mark.parametrize(
    "line",
    [
        '{"table": "t", "row"', "[]", '{"table": "t"}',
        '{"table": "t", "row": "r", "seed": "x", "metric": "fid", "value": 1.0}',
        '{"table": "t", "row": "r", "seed": 0, "metric": "fid", "value": "abc"}',
        '{"table": "t", "row": "r", "seed": 0, "metric": "fid", "value": NaN}',
    ],
)  # fmt: skip
def test_a_damaged_result_is_named_by_its_line(tmp_path, line):
    log = ResultLog(tmp_path / "results.jsonl")
    log.append([Result("t", "r", 0, "fid", 1.0)])
    log.path.write_text(log.path.read_text() + line + "\n")
    with pytest.raises(InputError, match=r"results.jsonl: line 2 is damaged; restore the file"):
        log.read()


def test_a_time_limit_stops_without_an_error(tmp_path):
    study = Study.open(tmp_path / "study", make_plan("iut2023", ("losses",), "smoke"))
    jobs_of_a_minute = [Job(name, 1.0, lambda: time.sleep(60)) for name in ("first", "second")]
    lines = []
    assert run(study, jobs_of_a_minute, lines.append, hours=1e-4) == 2
    assert lines[-1].startswith("stopped after 0.0001 hours; 2 of 2 jobs are left")


def test_a_time_limit_holds_where_ctrl_c_is_ignored_as_in_the_background(tmp_path):
    study = Study.open(tmp_path / "study", make_plan("iut2023", ("losses",), "smoke"))
    former = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert run(study, [Job("first", 1.0, lambda: time.sleep(60))], hours=1e-4) == 1
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, former)


def test_interrupted_job_keeps_what_was_measured(tmp_path):
    study = Study.open(tmp_path / "study", make_plan("iut2023", ("losses",), "smoke"))

    def stop():
        raise KeyboardInterrupt

    todo = [Job("first", 1.0, lambda: [Result("t", "r", 0, "fid", 1.0)]), Job("second", 1.0, stop)]
    with pytest.raises(Interrupted, match="stopped during second"):
        run(study, todo)
    assert [r.row for r in study.results.read()] == ["r"]


def test_a_training_that_diverges_is_a_result(tmp_path, monkeypatch):
    def diverge(*_, **__):
        raise Diverged("g_loss became nan at epoch 1, step 3")

    monkeypatch.setattr("tfmedgan.training.runs.train", diverge)
    study, todo = begin(tmp_path / "study", make_plan("iut2023", ("losses",), "smoke", seeds=1))
    run(study, todo)
    results = study.results.read()
    assert len(results) == 3 * 5 and {r.value for r in results} == {None}
    assert all("training failed: g_loss became nan" in r.note for r in results)
    assert jobs(study) == []


def test_other_protocol_is_refused(tmp_path):
    plan = make_plan("vuw-covid", ("5",), "smoke")
    Study.open(tmp_path / "study", plan)
    with pytest.raises(InputError, match=r"another protocol .*scale smoke, not small"):
        Study.open(tmp_path / "study", replace(plan, scale="small"))
    with pytest.raises(InputError, match="source default, not phantom:chest:90"):
        Study.open(tmp_path / "study", replace(plan, source="phantom:chest:90"))
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "letter.txt").write_text("mine")
    with pytest.raises(InputError, match="holds no study"):
        Study.open(tmp_path / "other", plan)


def test_tables_and_seeds_are_added(tmp_path):
    """The folder has all of them; what is left to do is that of the tables asked for last."""
    begin(tmp_path / "study", make_plan("vuw-covid", ("5",), "smoke", seeds=3))
    asked, todo = begin(tmp_path / "study", make_plan("vuw-covid", ("2",), "smoke", seeds=1))
    assert {(table, seed) for job in todo for table, _, seed in job.cells} == {("vuw-covid/2", 0)}
    assert (asked.plan.tables, asked.plan.seeds) == (("vuw-covid/2",), 1)
    whole = Study.existing(tmp_path / "study").plan
    assert whole == replace(asked.plan, tables=("vuw-covid/5", "vuw-covid/2"), seeds=3)


def test_folders_of_earlier_versions_go_on_as_they_began(tmp_path):
    plan = make_plan("dfu-dcgan", ("f1",), "smoke")
    study = Study.open(tmp_path / "study", plan)
    (table,) = study.tables
    assert study.labels_of(table) == ("real against real", "DCGAN")
    assert study.scale_of(table).precision == "auto"
    written = json.loads((study.path / "study.json").read_text())
    for name in ("precision", "whole_reference"):
        del written[name]
    (study.path / "study.json").write_text(json.dumps(written))
    earlier = Study.open(study.path, plan)
    assert earlier.labels_of(table) == ("DCGAN",)
    assert earlier.scale_of(table).precision == "float32"
    (stage,) = stages(earlier, [table])
    assert stage.run == "dcgan64-cbb428"  # as it was named then: what was trained is found


def test_time_left_follows_the_work():
    clock = Clock(total=40.0, started=time.monotonic() - 10.0)
    clock.done(10.0)
    assert clock.progress().endswith("about 0 min 30 s left")


def image_set(*names, aliases=()):
    return ImageSet("somewhere", names, (), lambda record: None, aliases=dict(aliases))


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (("COVID", "Lung_Opacity", "Normal"), ("COVID",)),
        (("Covid-19", "No_findings", "Pneumonia"), ("Covid-19", "Pneumonia")),
        (("normal", "pneumonia"), ("pneumonia",)),
        (("ill",), ("ill",)),
        ((), ()),
    ],
)
def test_diseased_images_are_chosen(names, chosen):
    assert chosen_classes(image_set(*names), TABLES["vuw-covid/5"]) == chosen


def test_classes_that_do_not_suit_are_named():
    with pytest.raises(InputError, match="cats, dogs; vuw-covid/5 needs COVID; or Covid-19, Pn"):
        chosen_classes(image_set("cats", "dogs"), TABLES["vuw-covid/5"])
    assert chosen_classes(image_set("cats", "dogs"), TABLES["dfu-dcgan/f1"]) == ()


def folder(path, count):
    path.mkdir()
    for index in range(count):
        noise = np.random.default_rng(index).integers(0, 255, (40, 40), dtype=np.uint8)
        Image.fromarray(noise).save(path / f"{index}.png")
    return str(path)


def planned(tmp_path, table, scale, count):
    source = folder(tmp_path / "images", count)
    plan = make_plan("vuw-covid", (table,), scale, source=source)
    return lambda: begin(tmp_path / "study", plan)


def test_too_few_images_are_refused(tmp_path):
    with pytest.raises(InputError, match="10 images are held out to compare with, 20 are needed"):
        planned(tmp_path, "5", "smoke", 40)()
    assert not (tmp_path / "study").exists()


def test_rows_that_would_be_one_training_are_refused(tmp_path):
    with pytest.raises(InputError, match="1000 and 2000 would be the same training"):
        planned(tmp_path, "1", "small", 110)()


REFUSALS = [
    ("vuw", "unknown document 'vuw'; valid: aims2023, dfu-dcgan"),
    ("vuw-covid --table 9", "--table 9: vuw-covid has 1, 2, 3, 4, 5, normalisation"),
    ("vuw-covid --scale large", "--scale large: valid: smoke, small, paper"),
    ("vuw-covid --seeds 0", "--seeds 0: must be from 1 to 100"),
    ("vuw-covid --features absent", "no feature extractor 'absent'"),
    ("vuw-covid --data absent", "absent"),
    ("vuw-covid --table 5 --scale paper", "folder covid19-radiography does not exist"),
    ("report", "report: name the directories of studies"),
    ("report absent", "absent: not the directory of a study"),
    ("vuw-covid absent", "directories are for `report` and `record` only"),
]


@pytest.mark.parametrize(("arguments", "reason"), REFUSALS, ids=[a for a, _ in REFUSALS])
def test_bad_arguments_are_one_line(tmp_path, arguments, reason):
    done = subprocess.run(
        [*COMMAND, *arguments.split()], capture_output=True, text=True, cwd=tmp_path, timeout=60
    )
    lines = [line for line in done.stderr.splitlines() if "reading images" not in line]
    assert done.returncode == 2 and len(lines) == 1 and reason in lines[0], done.stderr


def test_help_is_quick(processor_seconds):
    command = [*COMMAND, "--help"]
    assert processor_seconds(lambda: subprocess.run(command, capture_output=True, check=True)) < 1.0
