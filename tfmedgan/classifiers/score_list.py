"""The scores of a classifier: what reports call them, and which way is better."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Score:
    """A score of one set of predictions."""

    title: str
    better: str = "higher"  # higher | lower | none
    largest: float = 1.0  # that it can be; the least is 0


SCORES = {  # what `tfmedgan.classifiers.scores.scores` gives; any of these may decide a study
    "accuracy": Score("Accuracy"),
    "balanced_accuracy": Score("Balanced accuracy"),
    "precision": Score("Precision"),
    "recall": Score("Recall"),
    "specificity": Score("Specificity"),
    "f1": Score("F1"),
    "auroc": Score("AUROC"),
    "auprc": Score("AUPRC"),
    "brier": Score("Brier score", "lower"),
    "ece": Score("ECE", "lower"),
}
DERIVED = {  # that documents report, too
    "ece_before": Score("ECE before temperature", "lower"),
    "false_negatives": Score("False negatives", "none"),
    "tpr": Score("TPR"),
    "fpr": Score("FPR", "lower"),
}
