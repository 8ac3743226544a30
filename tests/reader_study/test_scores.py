"""Rows of known answers, verdicts in words, and the report."""

import csv
import json

import numpy as np
import pytest
from scipy import stats

from tests.reader_study.conftest import answer_file
from tfmedgan.evaluation.intervals import clopper_pearson
from tfmedgan.reader_study.answers import read_answers
from tfmedgan.reader_study.report import write_report
from tfmedgan.reader_study.scores import score
from tfmedgan.reader_study.verdict import verdict


@pytest.fixture
def answered(written, tmp_path):
    """Function: rows, responses and folder of readers who are right with these probabilities."""

    def answer(*skills, **options):
        study, folder = written(readers=len(skills), **options)
        paths = []
        for reader, skill in enumerate(skills, 1):
            rng = np.random.default_rng(reader)

            def reply(item, rng=rng, skill=skill, study=study):
                right = study.right(item)
                others = [choice for choice in study.choices if choice != right]
                said = right if rng.random() < skill else str(rng.choice(others))
                return said, int(rng.integers(1, 6)), int(rng.integers(500, 9000))

            paths.append(answer_file(tmp_path / f"{reader}.json", study, reader, reply))
        responses = read_answers(study, paths)
        return score(responses), responses, folder

    return answer


def value(rows, metric, reader="all"):
    (row,) = [row for row in rows if (row.metric, row.reader) == (metric, reader)]
    return row


def test_rows_of_each_reader_are_counts_with_exact_intervals(answered):
    rows, responses, _ = answered(0.9, 0.5, images=60)
    for index, reader in enumerate("12"):
        right = responses.correct[index]
        for metric, part in (
            ("accuracy", right),
            ("sensitivity", right[responses.real]),
            ("specificity", right[~responses.real]),
        ):
            row = value(rows, metric, reader)
            assert row.value == pytest.approx(part.mean()) and row.images == len(part)
            assert (row.low, row.high) == clopper_pearson(int(part.sum()), len(part))
            assert row.p_value == stats.binomtest(int(part.sum()), len(part)).pvalue
        assert value(rows, "seconds", reader).value == np.median(responses.seconds[index])
    assert value(rows, "auc", "1").value > 0.8


def test_rows_over_readers_are_means_between_their_ends(answered):
    rows, responses, _ = answered(0.8, 0.6, 0.7, 0.65, images=60)
    for metric in ("accuracy", "sensitivity", "specificity", "auc"):
        row = value(rows, metric)
        each = [value(rows, metric, reader).value for reader in "1234"]
        assert row.value == pytest.approx(np.mean(each))
        assert 0 <= row.low < row.value < row.high <= 1
        assert row.chance == 0.5
    these = value(rows, "accuracy_these_readers")
    assert these.value == value(rows, "accuracy").value
    assert value(rows, "accuracy").low < these.low < these.high < value(rows, "accuracy").high
    assert value(rows, "accuracy").value == pytest.approx(responses.correct.mean())
    protocol = value(rows, "kappa").protocol
    assert (protocol["n_real"], protocol["n_synthetic"]) == (30, 30)


def test_sure_answers_count_more(written, tmp_path):
    """Right answers with confidence and wrong ones without give a higher AUC than the reverse."""
    study, _ = written(readers=1, images=24)
    wrong = {item.id for item in study.items[::4]}
    swap = {"real": "synthetic", "synthetic": "real"}

    def auc(when_right, when_wrong):
        def reply(item):
            if item.id in wrong:
                return swap[item.origin], when_wrong, 1000
            return item.origin, when_right, 1000

        path = answer_file(tmp_path / "one.json", study, 1, reply)
        return value(score(read_answers(study, [path])), "auc", "1").value

    assert auc(5, 1) > auc(3, 3) > auc(1, 5)


def test_one_reader_has_no_rows_over_readers(answered):
    rows, _, _ = answered(1.0, images=24)
    assert {row.reader for row in rows} == {"1"}
    word, sentence = verdict(rows, "real")
    assert (
        word == "told apart"
        and sentence.startswith("This reader told real")
        and "One reader says nothing of other readers." in sentence
    )


@pytest.mark.parametrize(
    ("skills", "word", "said"),
    [
        ((0.95, 0.9, 0.92), "told apart", "Readers told real from synthetic images more often"),
        ((0.05, 0.1, 0.08), "mistaken", "took one for the other more often than by guessing"),
        ((0.5, 0.5, 0.5), "undecided", "It was not shown that readers can tell"),
    ],
)
def test_verdicts_in_words(answered, skills, word, said):
    rows, _, _ = answered(*skills, images=60)
    assert verdict(rows, "real")[0] == word and said in verdict(rows, "real")[1]


def test_classes_are_scored_on_real_beside_synthetic_images(answered, written, tmp_path):
    rows, _, _ = answered(0.7, 0.7, 0.7, images=60, ask="class")
    assert value(rows, "accuracy").chance == pytest.approx(1 / 3)
    real, synthetic = value(rows, "accuracy_real").value, value(rows, "accuracy_synthetic").value
    gap = value(rows, "difference")
    assert gap.value == pytest.approx(real - synthetic)
    assert gap.low < 0 < gap.high and verdict(rows, "class")[0] == "undecided"
    assert not [row for row in rows if row.metric in ("auc", "sensitivity")]

    study, _ = written(images=60, ask="class", readers=3, seed=5)
    lost = [
        answer_file(
            tmp_path / f"lost-{reader}.json", study, reader,
            lambda item: (item.label if item.origin == "real" else study.choices[0], 3, 900),
        )
        for reader in (1, 2, 3)
    ]  # fmt: skip
    rows = score(read_answers(study, lost))
    assert verdict(rows, "class")[0] == "recognised less"


@pytest.mark.parametrize("ask", ["real", "class"])
def test_the_report_holds_everything(answered, ask):
    rows, responses, folder = answered(0.8, 0.6, images=24, ask=ask)
    paths = write_report(responses, rows, folder / "images", folder / "report")
    lines = [json.loads(line) for line in paths["rows"].read_text().splitlines()]
    assert [line["metric"] for line in lines] == [row.metric for row in rows]
    assert {"metric", "value", "low", "high", "protocol"} <= lines[0].keys()
    with open(paths["table"], newline="") as file:
        assert [float(line["value"]) for line in csv.DictReader(file)] == [r.value for r in rows]
    with open(paths["answers"], newline="") as file:
        answers = list(csv.DictReader(file))
    assert len(answers) == 2 * 24 and {line["origin"] for line in answers} == {"real", "synthetic"}
    assert sorted(int(line["shown"]) for line in answers[:24]) == list(range(1, 25))
    text = paths["report"].read_text()
    assert text.count("data:image/png") == 4 and "http" not in text.replace("http://www.w3", "")
    assert "clinically valid" not in text and "not for diagnosis" in text
    assert verdict(rows, ask)[1][:40] in text

    for path in (folder / "images").iterdir():
        path.unlink()
    again = write_report(responses, rows, folder / "images", folder / "report")[
        "report"
    ].read_text()
    assert "data:image/png" not in again
