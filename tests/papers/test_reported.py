"""Every figure of the documents has a metric, a place, and a tolerance or a reason for none."""

from dataclasses import replace

import pytest

from tfmedgan.classifiers import CLASSIFIERS
from tfmedgan.downstream.config import CLASSICAL, OVERSAMPLED, REAL, added, alone, drawn_by_unet
from tfmedgan.papers import PRESETS, TABLES
from tfmedgan.papers.reported import SCALES, ReportedFigure
from tfmedgan.reproduction.table_kinds import KINDS

MEASURED = [key for key, table in TABLES.items() if table.kind in KINDS]

# the figures of the documents: (table, row, metric) → value
FIGURES = {
    ("vuw-covid/1", "3000", "fid"): 941,
    ("vuw-covid/2", "0.1", "fid"): 1242,
    ("vuw-covid/3", "500", "fid"): 612,
    ("vuw-covid/4", "64", "fid"): 696,
    ("vuw-covid/5", "WGAN-GP", "fid"): 110,
    ("vuw-covid/6", "real + synthetic (DCGAN)", "false_negatives"): 6,
    ("dfu-dcgan/classifier", "real + synthetic (DCGAN)", "f1"): 0.68,
    ("vuw-covid/normalisation", "normalised", "fid"): 1336,
    ("dfu-dcgan/epochs", "epoch 4", "d_fake_before"): 0.8504,
    ("dfu-dcgan/f1", "DCGAN", "precision"): 0.62,
    ("dfu-lstm/generation", "WGAN-GP + LSTM", "inception_score"): 7.10,
    ("dfu-lstm/classification", "wgan-gp-lstm", "auroc"): 0.93,
    ("iut2023/similarity", "DCGAN 28×28", "iut2023_one_vs_all_ssim"): 0.516,
    ("skandarani2021/segmentation", "StyleGAN on ACDC", "fid"): 24.74,
    ("skandarani2021/segmentation", "StyleGAN on SLIVER07", "fid"): 29.06,
    ("iut2023/k16", "last epoch", "g_loss"): 6.8828,
}


@pytest.mark.parametrize("place", FIGURES, ids=" ".join)
def test_figures_of_the_documents(place):
    key, label, metric = place
    row = next(row for row in TABLES[key].rows if row.label == label)
    assert [c.value for c in row.reported if c.metric == metric] == [FIGURES[place]]


@pytest.mark.parametrize("key", TABLES)
def test_claims_say_where_and_how_far(key):
    for figure in (figure for row in TABLES[key].rows for figure in row.reported):
        assert figure.where and figure.metric in TABLES[key].metrics
        assert (figure.tolerance is None) == bool(figure.not_comparable)
        assert figure.tolerance is None or figure.tolerance > 0


@pytest.mark.parametrize("key", MEASURED)
def test_metrics_exist_and_rows_are_experiments(key):
    table = TABLES[key]
    better = KINDS[table.kind].better
    assert set(table.metrics) <= set(better) and set(table.compared) <= set(table.metrics)
    assert all(better[metric] in ("lower", "higher") for metric in table.compared)
    assert all(_trains(table, row) for row in table.rows)
    assert not table.baseline or table.baseline in [row.label for row in table.rows]


def _trains(table, row) -> bool:
    """Whether the row names something that its kind can train."""
    if table.kind == "downstream":
        names = [name for name, _ in table.generators]
        arms = {arm for name in names for arm in (added(name), alone(name))}
        return row.label in arms | {REAL, CLASSICAL, OVERSAMPLED}
    if table.kind == "segmentation" and row.reported:
        return True  # of a generator that is not trained here
    if table.kind == "segmentation":
        names = [name for name, _ in table.generators]
        arms = {a for n in names for a in (added(n), alone(n), alone(drawn_by_unet(n)))}
        return row.label in arms | {REAL, CLASSICAL}
    return (
        row.classifier in CLASSIFIERS if table.kind == "classification" else row.preset in PRESETS
    )


def test_every_table_is_of_a_kind_that_can_be_measured():
    assert {table.kind for table in TABLES.values()} <= set(KINDS)


@pytest.mark.parametrize("key", TABLES)
def test_paper_scale_changes_nothing_but_the_precision(key):
    from tfmedgan.reproduction.scaling import scaled

    table = TABLES[key]
    assert set(table.scales) == set(SCALES)
    presets = [PRESETS[row.preset] for row in table.rows if row.preset]
    experiments = [scaled(p, table.scales["paper"]) for p in presets]
    assert experiments == [replace(p, precision="auto") for p in presets]


def test_proportions_of_table_3_are_kept():
    table = TABLES["vuw-covid/3"]
    from tfmedgan.reproduction.scaling import scaled

    epochs = [scaled(PRESETS[row.preset], table.scales["small"]).epochs for row in table.rows]
    assert [e / epochs[0] for e in epochs] == [1, 2, 6, 10, 14]


def test_a_claim_without_tolerance_and_reason_is_refused():
    with pytest.raises(ValueError, match="Table 1: fid needs a tolerance or a reason"):
        ReportedFigure("fid", 1.0, "Table 1")


@pytest.mark.parametrize("kind", ["downstream", "segmentation", "classification"])
def test_classifiers_and_unets_have_images_to_choose_an_epoch_by(kind):
    scales = [s for t in TABLES.values() if t.kind == kind for s in t.scales.values()]
    assert scales and all(scale.fractions is None or min(scale.fractions) > 0 for scale in scales)
