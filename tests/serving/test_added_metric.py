"""A metric is one file: what is registered there reaches the report, the card and the terminal."""

import io

import numpy as np
import pytest
from rich.console import Console

from tests.serving.test_card import EXPORT
from tfmedgan.cli.evaluate_table import tables, with_differences
from tfmedgan.evaluation.assessment import assess
from tfmedgan.evaluation.images import array_pool
from tfmedgan.evaluation.inputs import EvaluationInputs
from tfmedgan.evaluation.metrics import METRICS, Estimate, Metric
from tfmedgan.evaluation.report import page, write
from tfmedgan.reproduction.formatting import metric_title
from tfmedgan.serving.card import model_card, render
from tfmedgan.serving.copies import permission


def measure(real, fake, rng):
    values = (float(sample.images.stack(range(10)).mean()) for sample in (fake, real))
    return [
        Estimate(f"brightness_{kind}", value, value - 1, value + 1, "made up")
        for kind, value in zip(("fake", "real"), values, strict=True)
    ]


@pytest.fixture
def assessment(monkeypatch):
    """Rows of a metric that was added, with a title for one of its numbers only."""
    metric = Metric(
        gives=("brightness_fake", "brightness_real"), needs="images", measure=measure, minimum=10,
        rank=9, bounds=(0.0, np.inf), titles={"brightness_fake": "Mean grey level"},
        better={"brightness_fake": "closer", "brightness_real": "none"},
    )  # fmt: skip
    monkeypatch.setitem(METRICS._entries, "brightness", metric)
    images = np.random.default_rng(0).integers(0, 256, (12, 16, 16, 1), np.uint8)
    pool = array_pool(images, "images")
    inputs = EvaluationInputs("mine", pool, pool, "test part", pool, None)
    return assess(inputs, ("brightness",), copies=False)


def test_every_report_shows_an_added_metric(assessment, make_run):
    run = make_run("dcgan")
    html = page(assessment, run.evaluation)
    assert 'scope="row">Mean grey level<br>' in html and ">Brightness real<br>" in html
    assert html.count("near the real value") == 1

    write(assessment, run.evaluation)
    card = model_card(run, permission(run, allow_unchecked=True), EXPORT)
    value = f"{assessment.rows[0].value:.4g}"
    assert f"| Mean grey level (`brightness_fake`) | {value} |" in render(card)
    assert [row["title"] for row in card["metrics"]] == ["Mean grey level", "Brightness real"]

    console = Console(file=io.StringIO(), width=80)
    console.print(*tables(with_differences(assessment.rows, [])))
    assert "brightness_fake" in console.file.getvalue() and value in console.file.getvalue()
    assert metric_title("brightness_fake") == "Mean grey level"


def test_the_card_names_a_metric_that_is_gone(assessment, make_run, monkeypatch):
    run = make_run("dcgan")
    write(assessment, run.evaluation)
    monkeypatch.delitem(METRICS._entries, "brightness")
    card = model_card(run, permission(run, allow_unchecked=True), EXPORT)
    assert card["metrics"][0]["title"] == "Brightness fake"
