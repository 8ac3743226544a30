"""How figures are printed, alike in Markdown, CSV and HTML."""

from tfmedgan.reproduction.statistics import Mean

TITLES = {
    "kid": "KID", "fid": "FID", "precision": "Precision", "recall": "Recall", "f1": "F1",
    "coverage": "Coverage", "density": "Density", "inception_score": "Inception Score",
    "iut2023_one_vs_all_psnr": "PSNR one against all, dB",
    "iut2023_one_vs_all_ssim": "SSIM one against all",
    "auroc": "AUROC", "auprc": "AUPRC", "ece": "ECE", "ece_before": "ECE before temperature",
    "brier": "Brier score", "accuracy": "Accuracy", "specificity": "Specificity",
    "balanced_accuracy": "Balanced accuracy", "tpr": "TPR", "fpr": "FPR",
    "false_negatives": "False negatives",
    "d_loss": "Loss D", "g_loss": "Loss G", "d_real": "D(x)", "d_fake_before": "D(G(z)) before",
    "d_fake_after": "D(G(z)) after", "critic_loss": "Loss critic",
}  # fmt: skip


def metric_title(metric: str) -> str:
    return TITLES.get(metric) or metric.replace("_", " ")


def number(value: float | None) -> str:
    """Three to four significant digits, without an exponent where that is readable."""
    if value is None:
        return "–"
    if 1000 <= abs(value) < 1e6:
        return f"{value:.0f}"
    return f"{value:.5f}" if 1e-5 < abs(value) < 0.01 else f"{value:.4g}"


def with_interval(mean: Mean | None) -> str:
    """ "2.31 (2.10 to 2.52)"; the mean alone with one seed."""
    if mean is None:
        return "–"
    if mean.low is None:
        return number(mean.value)
    return f"{number(mean.value)} ({number(mean.low)} to {number(mean.high)})"


def signed(mean: Mean) -> str:
    text = with_interval(mean)
    return text if text.startswith("-") else f"+{text}"
