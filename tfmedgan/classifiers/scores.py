"""What a classifier scores: every figure from one array of probabilities.

Two classes: precision, recall, specificity, F1, AUROC, AUPRC and Brier score are those of the
second class. More classes: their unweighted means over the classes, one against the rest; the
Brier score is then the mean squared distance to the one-hot label.
"""

import numpy as np
from scipy.stats import rankdata

from tfmedgan.classifiers.calibration import expected_calibration_error
from tfmedgan.errors import require


def scores(labels: np.ndarray, probabilities: np.ndarray) -> dict[str, float]:
    """All of `score_list.SCORES`; those that need a class which no image has are NaN.

    Args:
        labels: integers (n,).
        probabilities: (n, classes), rows summing to 1.

    Raises:
        InputError: for shapes that do not fit.
    """
    labels, probabilities = np.asarray(labels), np.asarray(probabilities, np.float64)
    require(
        probabilities.ndim == 2 and len(labels) == len(probabilities) > 0,
        f"{labels.shape} labels and {probabilities.shape} probabilities do not fit together",
    )
    table = confusion(labels, probabilities)
    per_class = class_scores(table)
    chosen = per_class[1] if len(table) == 2 else _means(per_class)
    present = table.sum(axis=1) > 0
    return {
        "accuracy": float(np.trace(table) / table.sum()),
        "balanced_accuracy": float(np.mean([c["recall"] for c in np.array(per_class)[present]])),
        **chosen,
        **_ranking(labels, probabilities),
        "brier": _brier(labels, probabilities),
        "ece": expected_calibration_error(labels, probabilities),
    }


def confusion(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Counts (classes, classes): rows are true classes, columns the most probable ones."""
    n_classes = probabilities.shape[1]
    places = np.asarray(labels) * n_classes + probabilities.argmax(axis=1)
    return np.bincount(places, minlength=n_classes**2).reshape(n_classes, n_classes)


def class_scores(table: np.ndarray) -> list[dict[str, float]]:
    """Precision, recall (true positive rate), specificity and F1 of each class.

    A share of nothing is 0, as scikit-learn has it.
    """
    total, results = table.sum(), []
    for index in range(len(table)):
        true = table[index, index]
        missed, wrong = table[index].sum() - true, table[:, index].sum() - true
        results.append(
            {
                "precision": _share(true, true + wrong),
                "recall": _share(true, true + missed),
                "specificity": _share(total - true - missed - wrong, total - true - missed),
                "f1": _share(2 * true, 2 * true + missed + wrong),
            }
        )
    return results


def _share(part: int, whole: int) -> float:
    return float(part / whole) if whole else 0.0


def _means(per_class: list[dict[str, float]]) -> dict[str, float]:
    return {name: float(np.mean([c[name] for c in per_class])) for name in per_class[0]}


def _ranking(labels: np.ndarray, probabilities: np.ndarray) -> dict[str, float]:
    """Areas under the ROC and the precision-recall curve."""
    n_classes = probabilities.shape[1]
    if len(np.unique(labels)) < n_classes:
        return {"auroc": float("nan"), "auprc": float("nan")}
    chosen = (1,) if n_classes == 2 else range(n_classes)
    pairs = [(labels == index, probabilities[:, index]) for index in chosen]
    return {
        "auroc": float(np.mean([area_under_roc(*pair) for pair in pairs])),
        "auprc": float(np.mean([average_precision(*pair) for pair in pairs])),
    }


def area_under_roc(positive: np.ndarray, score: np.ndarray) -> float:
    """P(score of a positive > that of a negative) + P(equal) / 2, from ranks.

    Equals scikit-learn's, which checks its input at length: too slow for thousands of resamples.
    """
    count = int(positive.sum())
    excess = rankdata(score)[positive].sum() - count * (count + 1) / 2
    return float(excess / (count * (len(positive) - count)))


def average_precision(positive: np.ndarray, score: np.ndarray) -> float:
    """Mean, over the positives, of the precision at their score; equals scikit-learn's."""
    order = np.argsort(-score, kind="stable")
    hits = np.cumsum(positive[order])
    last = np.append(np.flatnonzero(np.diff(score[order])), len(score) - 1)  # of equal scores
    new = np.diff(hits[last], prepend=0)
    return float(np.sum(new * hits[last] / (last + 1)) / positive.sum())


def _brier(labels: np.ndarray, probabilities: np.ndarray) -> float:
    if probabilities.shape[1] == 2:
        return float(np.mean((probabilities[:, 1] - labels) ** 2))
    one_hot = np.eye(probabilities.shape[1])[labels]
    return float(np.mean(((probabilities - one_hot) ** 2).sum(axis=1)))
