"""Scores, calibration and intervals against scikit-learn and by hand."""

import numpy as np
import pytest
from sklearn import metrics as sk
from sklearn.calibration import calibration_curve

from tfmedgan.classifiers.bootstrap import resamples, score_samples
from tfmedgan.classifiers.calibration import (
    expected_calibration_error,
    fit_temperature,
    reliability,
)
from tfmedgan.classifiers.score_list import SCORES
from tfmedgan.classifiers.scores import class_scores, confusion, scores
from tfmedgan.classifiers.softmax import softmax
from tfmedgan.errors import InputError
from tfmedgan.evaluation.intervals import middle


def predictions(classes: int, count: int = 200, seed: int = 0):
    """Labels, and probabilities that know something of them."""
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, classes, count)
    logits = generator.normal(size=(count, classes)) + 1.5 * np.eye(classes)[labels]
    return labels, softmax(logits)


def test_two_classes_agree_with_scikit_learn():
    labels, p = predictions(2)
    values, best = scores(labels, p), p.argmax(axis=1)
    wanted = {
        "accuracy": sk.accuracy_score(labels, best),
        "balanced_accuracy": sk.balanced_accuracy_score(labels, best),
        "precision": sk.precision_score(labels, best),
        "recall": sk.recall_score(labels, best),
        "specificity": sk.recall_score(labels, best, pos_label=0),
        "f1": sk.f1_score(labels, best),
        "auroc": sk.roc_auc_score(labels, p[:, 1]),
        "auprc": sk.average_precision_score(labels, p[:, 1]),
        "brier": sk.brier_score_loss(labels, p[:, 1]),
    }
    assert {name: values[name] for name in wanted} == pytest.approx(wanted, abs=1e-12)
    assert set(values) == set(SCORES)


@pytest.mark.parametrize("classes", [3, 5])
def test_more_classes_agree_with_scikit_learn(classes):
    labels, p = predictions(classes)
    values, best = scores(labels, p), p.argmax(axis=1)
    one_hot = np.eye(classes)[labels]
    wanted = {
        "accuracy": sk.accuracy_score(labels, best),
        "balanced_accuracy": sk.balanced_accuracy_score(labels, best),
        "precision": sk.precision_score(labels, best, average="macro"),
        "recall": sk.recall_score(labels, best, average="macro"),
        "f1": sk.f1_score(labels, best, average="macro"),
        "auroc": sk.roc_auc_score(labels, p, multi_class="ovr"),
        "auprc": sk.average_precision_score(one_hot, p, average="macro"),
    }
    assert {name: values[name] for name in wanted} == pytest.approx(wanted, abs=1e-12)
    assert values["brier"] == pytest.approx(((p - one_hot) ** 2).sum(axis=1).mean())


def test_equal_probabilities_count_as_scikit_learn_counts_them():
    labels, p = predictions(2, seed=4)
    coarse = np.round(p, 1)
    values = scores(labels, coarse)
    assert values["auroc"] == pytest.approx(sk.roc_auc_score(labels, coarse[:, 1]), abs=1e-12)
    wanted = sk.average_precision_score(labels, coarse[:, 1])
    assert values["auprc"] == pytest.approx(wanted, abs=1e-12)


def test_true_positive_rate_is_recall_and_all_come_from_one_table():
    labels, p = predictions(2, seed=1)
    table = confusion(labels, p)
    assert np.array_equal(table, sk.confusion_matrix(labels, p.argmax(axis=1)))
    true_positive_rate = table[1, 1] / table[1].sum()
    false_positive_rate = table[0, 1] / table[0].sum()
    values = scores(labels, p)
    assert values["recall"] == true_positive_rate
    assert values["specificity"] == pytest.approx(1 - false_positive_rate)


def test_a_share_of_nothing_is_zero():
    table = np.array([[5, 0], [3, 0]])
    assert class_scores(table)[1] == {"precision": 0, "recall": 0, "specificity": 1, "f1": 0}


def test_a_class_without_images_leaves_the_areas_undefined():
    values = scores(np.zeros(4, int), np.tile([0.7, 0.3], (4, 1)))
    assert np.isnan(values["auroc"]) and values["accuracy"] == 1 == values["balanced_accuracy"]


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(InputError, match=r"\(3,\) labels and \(2, 2\) probabilities"):
        scores(np.zeros(3, int), np.full((2, 2), 0.5))


def test_calibration_error_agrees_with_scikit_learns_curve():
    labels, p = predictions(3, 500)
    correct, confidence = p.argmax(axis=1) == labels, p.max(axis=1)
    accuracy, mean = calibration_curve(correct, confidence, n_bins=15)
    filled = [b for b in reliability(labels, p) if b.count]
    assert [b.accuracy for b in filled] == pytest.approx(accuracy)
    assert [b.confidence for b in filled] == pytest.approx(mean)
    weights = [b.count / len(labels) for b in filled]
    assert expected_calibration_error(labels, p) == pytest.approx(
        np.sum(weights * np.abs(accuracy - mean))
    )


@pytest.mark.parametrize("temperature", [0.4, 1.0, 3.0])
def test_the_temperature_is_found_again(temperature):
    """Labels drawn from softmax(logits): logits times T need the temperature T."""
    generator = np.random.default_rng(2)
    logits = 2 * generator.normal(size=(20_000, 4))
    labels = np.array([generator.choice(4, p=row) for row in softmax(logits)])
    fitted = fit_temperature(temperature * logits, labels)
    assert fitted == pytest.approx(temperature, rel=0.04)  # standard error about 1.3 %
    before = expected_calibration_error(labels, softmax(temperature * logits))
    after = expected_calibration_error(labels, softmax(temperature * logits, fitted))
    assert after < 0.01 and (temperature == 1 or before > 0.08)


def test_temperature_changes_no_decision():
    _, p = predictions(5)
    logits = np.log(p)
    assert np.array_equal(softmax(logits, 7.0).argmax(axis=1), p.argmax(axis=1))


def test_resamples_keep_the_classes_and_depend_on_the_seed():
    labels = np.repeat([0, 1], [30, 7])
    drawn = resamples(labels, 50, np.random.default_rng(0))
    assert drawn.shape == (50, 37)
    assert (labels[drawn].sum(axis=1) == 7).all()
    assert np.array_equal(drawn, resamples(labels, 50, np.random.default_rng(0)))


def test_intervals_cover_the_truth_in_about_95_of_100_samples():
    """AUROC of a known model: N(0, 1) against N(1, 1) has Φ(1/√2) = 0.760."""
    generator, inside = np.random.default_rng(3), 0
    labels = np.repeat([0, 1], 40)
    for _ in range(60):
        p1 = 1 / (1 + np.exp(-generator.normal(labels, 1)))
        p = np.stack([1 - p1, p1], axis=1)
        samples = score_samples(labels, p, resamples(labels, 60, generator))
        low, high = middle(samples["auroc"])
        inside += low <= 0.7602 <= high
    assert 51 <= inside <= 60  # binomial of 60: 57 ± 3 standard deviations of 1.7, and some bias
