"""What the model card says, and does not say."""

import json
from dataclasses import replace
from shutil import copytree, rmtree

from tfmedgan.config import StartFrom
from tfmedgan.evaluation.rows import Protocol, Row, append_rows
from tfmedgan.files import csv_text, write_json
from tfmedgan.run_directory import RunDirectory
from tfmedgan.serving.card import model_card, render
from tfmedgan.serving.copies import permission

EXPORT = {
    "title": "ONNX", "files": ["generator.onnx"], "difference": 1.25e-6, "compared": 8,
    "converted_to_float32": False,
}  # fmt: skip
IDRID = {
    "title": "IDRiD", "licence": "CC BY 4.0", "redistribution": True, "citation": "Porwal 2018",
    "homepage": "https://example.org/idrid",
}  # fmt: skip
PROTOCOL = Protocol(
    40, 1000, "random", "0" * 64, 2048, "PIL bicubic", (32, 32, 3), "test part", "1" * 64,
    ("all",), 0,
)  # fmt: skip


def both(run, **options):
    card = model_card(run, permission(run, **options), EXPORT)
    json.dumps(card, allow_nan=False)
    return card, render(card)


def test_a_run_of_which_little_is_known(make_run):
    card, text = both(make_run("dcgan"), allow_unchecked=True)
    assert card["data"]["redistribution"] is None
    for said in (
        "Licence: unknown",
        "Unknown: nothing was recorded; ask the owner",
        "Quality was not measured",
        "| Copies of training images | **not checked** |",
        "Nobody has looked for copies of training images. It was exported all the same, with "
        "--allow-unchecked.",
        "Copies were not checked.",
        "Takes no labels",
        "How its training ended is not recorded",
        "Every image of this model is synthetic",
        "Diagnosis, treatment",
        "for 8 latent vectors: 1.25e-06 of a",
    ):
        assert said in text, said
    assert card["model"]["sha256"] in text
    assert "None" not in text


def test_masks_are_in_the_card(make_run):
    card, text = both(make_run("dcgan64 with masks", "passed"))
    assert card["model"]["image_shape"] == [64, 64, 3] and card["model"]["masks"]
    assert "images of 64×64×3 with a mask each" in text
    assert any("no clinician has drawn or confirmed it" in limit for limit in card["limits"])


def test_licence_and_labels_are_those_of_the_data(make_run):
    card, text = both(make_run("cgan", "passed", IDRID))
    assert "yes, under the terms of this licence" in text and "CC BY 4.0" in text
    assert "Cite: Porwal 2018" in text and "https://example.org/idrid" in text
    assert "0 no DR, 1 mild, 2 severe" in text
    assert "photographs" not in text + json.dumps(card["data"])  # paths stay on this machine


def test_the_data_of_a_run_that_it_started_from(make_run, tmp_path):
    """The strictest terms of all hold, and no folder of this machine is named."""
    run = make_run("cgan", "passed", IDRID)
    former = RunDirectory(copytree(run.path, tmp_path / "former"))
    closed = {"title": "Ward B", "licence": "by agreement", "redistribution": False}
    write_json(former.path / "data.json", former.data | {"card": closed})
    start = StartFrom(str(former.path), "best.npz", "0" * 64)
    data = replace(run.experiment.data, source=str(tmp_path / "photographs"))
    config = replace(run.experiment, start_from=start, data=data).to_json()
    (run.path / "config.json").write_text(config)

    card, text = both(RunDirectory.open(run.path))
    assert "Ward B" in text and "CC BY 4.0" in text
    assert "handed on | not without asking" in text and "all of this be handed on? Not" in text
    assert str(tmp_path) not in text + json.dumps(card)
    rmtree(former.path)
    card, text = both(RunDirectory.open(run.path))
    assert "The run that knew of them is gone" in text and "Unknown: nothing was recorded" in text


def test_data_that_may_not_be_handed_on(make_run):
    closed = IDRID | {"redistribution": False, "licence": "research use by agreement"}
    _, text = both(make_run("cgan", "passed", closed))
    assert text.count("not without asking: the data set itself may not be handed on") == 1
    assert "Not without asking: the data set itself may not be handed on." in text


def test_metrics_come_with_interval_and_protocol(make_run):
    run = make_run("cgan", "passed")
    old = Row("kid_random", 0.5, 0.4, 0.6, PROTOCOL, "run")
    new = replace(old, value=0.0321, low=0.0301, high=0.0344)
    bare = Row("precision_random", 0.75, None, None, replace(PROTOCOL, n_fake=500), "run")
    grade = replace(new, value=0.777, protocol=replace(PROTOCOL, classes=("mild",)))
    append_rows(run.evaluation / "rows.jsonl", [old, new, bare, grade])
    card, text = both(run)
    assert [row["value"] for row in card["metrics"]] == [0.0321, 0.75, 0.777]
    assert "| KID (`kid_random`) | 0.0321 | 0.0301 to 0.0344 | 1 |" in text
    assert "| Precision (`precision_random`) | 0.75 | – | 2 |" in text
    assert "Protocol 2: 500 generated against 40 real images (test part)" in text
    assert "Figures per class are in `model_card.json`" in text and "0.777" not in text
    assert card["metrics_note"] == ""


def test_figures_older_than_the_generator_are_doubted(make_run):
    import os

    run = make_run("cgan", "passed")
    path = run.evaluation / "rows.jsonl"
    append_rows(path, [Row("kid_random", 0.5, 0.4, 0.6, PROTOCOL, "run")])
    os.utime(path, (0, 0))
    assert "may be about an earlier one" in both(run)[1]


def test_failures_are_in_the_card(make_run):
    run = make_run("cgan", "failed")
    log = {"d_loss": 0.0, "g_loss": 9.0, "d_real": 0.999, "d_fake_before": 0.001}
    run.metrics_csv.write_text(csv_text([{"epoch": e, "step": e, **log} for e in (1, 2, 3)]))
    write_json(
        run.summary_path,
        {
            "epochs": 3, "steps": 3, "stopped": "no better FID for 10 epochs",
            "generator": {"epoch": 1, "chosen by": "KID on the validation images"},
            "alarms": {}, "metrics": {},
        },
    )  # fmt: skip
    card, text = both(run, allow_unchecked=True)
    assert len(card["alarms"]) == 2 and "| Alarms | 2 |" in text
    assert "- Discriminator dominance: from epoch 1" in text
    assert "- Copies of training images were found (3 exact copies)." in text
    assert "Training stopped early: no better FID for 10 epochs" in text
    assert "that of epoch 1, chosen by: KID" in text


def test_names_cannot_break_the_page(make_run):
    strange = IDRID | {"licence": "two\nlines", "title": "<script>", "homepage": "a|b"}
    _, text = both(make_run("cgan", "passed", strange))
    assert "Licence: two lines" in text and "<script>" not in text and "a\\|b" in text


def test_the_score_card_says_what_was_measured_and_how_the_rest_would_be(make_run):
    run = make_run("cgan", "passed", IDRID)
    grade = replace(PROTOCOL, classes=("mild",))
    append_rows(
        run.evaluation / "rows.jsonl",
        [
            Row("kid_random", 0.5, 0.4, 0.6, PROTOCOL, "run"),
            Row("kid_random", 0.7, 0.4, 0.9, grade, "run"),
            Row("membership_domias_random", 0.61, 0.6, 0.7, PROTOCOL, "run"),
        ],
    )
    digest = permission(run)["generator_sha256"]
    audit = {"alarm": True, "verdict": "can be told", "sentence": "Membership audit: ALARM."}
    write_json(run.evaluation / "audit.json", audit | {"generator_sha256": digest})
    gaps = {"sentences": ["Subgroup gap: recall"], "gaps": [1], "generator_sha256": "other"}
    write_json(run.evaluation / "subgroups.json", gaps)
    card, text = both(run)
    for line in (
        "| Congruence | Are they distributed as real ones? | KID 0.5 (0.4 to 0.6) |",
        "| Coverage | Is the variety of the real ones there? | not measured: `tfmedgan-evaluate",
        "| Completeness | Was every class measured? | 1 of 3 classes; not no DR, severe |",
        "| Compliance | Can members be told? | ALARM: can be told |",
        "| Compliance | May they be handed on? | under the terms of the data's licence |",
        "| Comprehension | Are the data described? | 5 of 5 facts recorded |",
        "in every subgroup? | not measured: `tfmedgan-evaluate RUN --by COLUMN` |",
    ):  # of subgroups only another generator's are there
        assert line in text, line
    assert "- Membership audit: ALARM." in text and len(card["score_card"]) == 10
    assert len({line["part"] for line in card["score_card"]}) == 7
    assert "`membership_domias_random`" not in text
