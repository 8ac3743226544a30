"""Every table at 80 and at 120 columns: no name is cut, and no line is too long."""

import io
from dataclasses import replace
from types import SimpleNamespace

import pytest
from rich.cells import cell_len
from rich.console import Console

from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.classifiers import CLASSIFIERS
from tfmedgan.cli import console, tables
from tfmedgan.papers import PRESETS, TABLES

CLASSES = ("mild non-proliferative retinopathy with oedema", "no apparent retinopathy [normal]")
PRESET = "vuw-covid/table2-noise-0.5-with-a-name-as-long-as-one-could-want"
EXTRACTOR = "a_network_of_ones_own_with_a_rather_long_file_name_768"
METRICS = ("kid", "fid", "precision", "recall", "density", "coverage", "inception_score")
PATH = "photographs/of_a_hospital/ward-17/" + "x" * 30 + ".png"


@pytest.fixture(params=(80, 120))
def terminal(request, monkeypatch):
    """A console of that width in place of stdout; `text` is what it shows."""
    shown = io.StringIO()
    screen = Console(file=shown, width=request.param, **console.PLAIN)
    monkeypatch.setattr(console, "stdout", screen)
    return SimpleNamespace(
        width=request.param, print=screen.print, text=shown.getvalue, screen=screen
    )


def check(terminal, names) -> None:
    """Each name stands on one line, whole; figures and dates are not asked for."""
    text = terminal.text()
    assert "…" not in text
    lengths = [cell_len(line.rstrip()) for line in text.splitlines()]
    assert max(lengths) <= terminal.width, text
    missing = [name for name in names if name not in text]
    assert not missing, text


def test_presets_and_architectures(terminal, monkeypatch):
    from tfmedgan.cli import listing

    monkeypatch.setattr(listing, "stdout", terminal.screen)
    listing.print_names(as_json=False)
    check(terminal, [*ARCHITECTURES, *PRESETS, "manifest:covid19-radiography", "PFLOP"])


def test_a_preset_with_a_long_name(terminal):
    from tfmedgan.cli.listing import COLUMNS, table

    row = (PRESET, "vuw-covid, Table 2", "manifest:covid19-radiography", 1000, "128×128×3", 128)
    rows = [(*row, 50, 50, 0.043), ("vuw-covid/short", *row[1:], 100, 100, 0.086)]
    terminal.print(table("--preset, vuw-covid", rows))
    check(terminal, [PRESET, "vuw-covid/short", "data: manifest:covid19-radiography", "0.086"])
    assert len(rows[0]) == len(COLUMNS)


def entry(metric: str, classes: tuple = ("all",), extractor: str = EXTRACTOR) -> dict:
    protocol = {
        "n_fake": 1000, "n_real": 516, "reference": f"all of {PATH}", "extractor": extractor,
        "features": 768, "classes": classes,
    }  # fmt: skip
    name = f"{metric}_{extractor}"
    numbers = {"value": 0.0123456, "low": 0.001, "high": 1234567.0, "difference": -0.5}
    return {"metric": name, "protocol": protocol, **numbers}


def test_an_evaluation_by_class(terminal):
    from tfmedgan.cli.evaluate_table import tables as evaluation

    entries = [entry(metric, (name,)) for metric in METRICS for name in CLASSES]
    for table in evaluation([entry(metric) for metric in METRICS] + entries):
        terminal.print(table)
    check(terminal, [*METRICS, *CLASSES, f"features: 768, {EXTRACTOR}", "-0.5"])
    assert terminal.text().count(EXTRACTOR) == 1  # what all rows share is said once


def test_many_metrics_of_a_few_classes_have_a_line_each(terminal):
    from tfmedgan.cli.evaluate_table import tables as evaluation

    metrics = [f"metric_number_{number}" for number in range(16)]
    classes = ["no DR", "mild", "severe"]
    entries = [entry(metric, (name,)) for metric in metrics for name in classes]
    terminal.print(evaluation([entry("kid"), *entries])[1])
    lines = terminal.text().splitlines()
    assert lines[0].split() == ["metric", "no", "DR", "mild", "severe"]
    assert [line.split()[0] for line in lines[1:17]] == metrics


def test_scores_of_a_classifier(terminal):
    from tfmedgan.classifiers.score_list import SCORES
    from tfmedgan.cli.classify import predictions_table
    from tfmedgan.cli.supervised import scores_table

    protocol = {"n_test": 78, "test": f"test part of {PATH}"}
    rows = [
        {"metric": name, "value": 0.9, "low": 0.8, "high": 1.0, "protocol": protocol}
        for name in SCORES
    ]
    terminal.print(scores_table(rows))
    probabilities = dict.fromkeys(CLASSES, 0.5)
    prediction = SimpleNamespace(
        image=PATH, label=CLASSES[0], probabilities=probabilities, seconds=0.5
    )
    terminal.print(predictions_table([prediction] * 3))
    check(terminal, [*SCORES, "0.800 to 1.000", PATH, *CLASSES, "500"])


def test_classifiers(terminal):
    from tfmedgan.cli.classify import print_names

    print_names(as_json=False)
    check(terminal, CLASSIFIERS)


def test_arms_of_a_downstream_study(terminal):
    from tfmedgan.cli.classify_study import arms_table
    from tfmedgan.downstream.config import CLASSICAL, OVERSAMPLED, REAL, added, alone

    arms = [REAL, CLASSICAL, OVERSAMPLED, added("wgan-gp-lstm"), alone("wgan-gp-lstm")]
    figure = SimpleNamespace(value=0.812, low=0.75, high=0.87)
    scores = dict.fromkeys(("auroc", "balanced_accuracy", "ece"), figure)
    results = [SimpleNamespace(arm=arm, scores=scores, primary_metric="auroc") for arm in arms]
    terminal.print(arms_table(results))
    check(terminal, [*arms, "0.812 (0.75–0.87)"])


def test_tables_of_the_documents(terminal, monkeypatch):
    from tfmedgan.cli import study_list

    monkeypatch.setattr(study_list, "stdout", terminal.screen)
    study_list.print_tables(as_json=False)
    check(terminal, [*TABLES, "250 × 3, 28 min"])


@pytest.mark.parametrize("metrics", [("kid", "recall"), METRICS])
def test_results_of_a_study(terminal, metrics):
    from tfmedgan.cli.study_table import tables as results
    from tfmedgan.reproduction.statistics import Mean
    from tfmedgan.reproduction.summary import Cell, Comparison, Line, Summary

    mean = Mean(0.0123, -0.0456, 12345.0, 5)
    labels = ("WGAN-GP with 3,000 images and noise 0.5", "DCGAN at 64×64")
    cells = {m: Cell(m, None, {0: 1.0}, mean, "not comparable", "") for m in metrics}
    comparison = Comparison(labels[0], labels[1], "kid", mean, "no difference shown", "", "open")
    summary = Summary(
        replace(TABLES["vuw-covid/5"], metrics=metrics),
        tuple(Line(label, cells) for label in labels),
        (comparison,), (), None, 5, "",
    )  # fmt: skip
    for table in results([summary], terminal.width):
        terminal.print(table)
    against = f"{labels[0]} against {labels[1]}"
    check(terminal, ["vuw-covid/5", *labels, against, "0.0123 (-0.0456 to 12345)", "5 seeds"])


def test_data_sets(terminal, monkeypatch):
    from tfmedgan.cli import data_tables
    from tfmedgan.data.inspection import inspect
    from tfmedgan.data.manifest_file import find_manifest, packaged
    from tfmedgan.data.sources import open_source

    monkeypatch.setattr(data_tables, "stdout", terminal.screen)
    data_tables.print_sets(as_json=False)
    manifest = find_manifest("idrid")
    long = [replace(cls, name=name) for cls, name in zip(manifest.classes, CLASSES, strict=False)]
    data_tables.print_manifest(replace(manifest, classes=tuple(long)), as_json=False)
    inspection = inspect(open_source("phantom:chest:3"), None)
    parts = {"training": 3, "validation, as published": 12345, "test": 0}
    inspection = replace(inspection, classes=dict.fromkeys(CLASSES, parts))
    data_tables.print_inspection(inspection, as_json=False, files=[PATH])
    check(terminal, [*packaged(), *CLASSES, "12345", "12348", "near-duplicates"])
    assert PATH in terminal.text() or terminal.width == 80  # there, after "written", it goes on


def test_a_running_training(terminal):
    from tfmedgan.cli.monitor import view

    logged = ("d_loss", "gradient_penalty_of_the_critic_on_augmented_images", "d_fake_before")
    rows = [dict.fromkeys(logged, -12345.678 / n) | {"epoch": n} for n in range(1, 200)]
    state = {
        "name": PRESET, "epoch": 199, "epochs": 500, "step": 5970, "state": "starting",
        "history": rows, "diversity": [], "validation": [], "samples": PATH,
        "alarms": {"collapse": "Mode collapse: " + "all images are alike " * 6},
    }  # fmt: skip
    terminal.print(view(state))
    check(terminal, [PRESET, *logged, "-1.235e+04", "course"])


def test_a_dry_run(terminal):
    from tfmedgan.cli.dry_run import table

    experiment = PRESETS["vuw-covid/table5-wgan-gp"]
    counts = {part: dict.fromkeys((*CLASSES, "all"), 1000) for part in ("train", "test")}
    terminal.print(table(experiment, {"images": counts, "steps": {"per epoch": 3, "in all": 9}}))
    check(terminal, ["vuw-covid/table5-wgan-gp", "manifest:covid19-radiography", "penalty_weight"])


def test_what_is_alike_goes_to_the_caption_and_a_single_row_stays():
    head, rows, shared = tables.without_shared(["a", "b"], [(1, 2), (3, 2)])
    assert (head, rows, shared) == (["a"], [(1,), (3,)], "b: 2")
    assert tables.without_shared(["a"], [(1,)]) == (["a"], [(1,)], "")
