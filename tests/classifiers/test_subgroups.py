"""A classifier's scores by subgroup: which gaps are named, and which groups are refused."""

import numpy as np

from tfmedgan.classifiers.score_list import SCORES
from tfmedgan.classifiers.scores import scores
from tfmedgan.classifiers.subgroups import enough, score_groups
from tfmedgan.evaluation.gaps import named, sentences

PROTOCOL = {"classes": ["healthy", "ulcer"], "seed": 0, "n_test": 240}


def _predicted(seed, signal):
    """240 images of two sexes; `signal` says how well each sex's ulcers are seen."""
    generator = np.random.default_rng(seed)
    values = np.array(["F", "M"] * 120)
    labels = (generator.random(240) < np.where(values == "F", 0.3, 0.5)).astype(int)
    strength = np.array([signal[value] for value in values])
    logits = strength * (labels - 0.5) + generator.normal(size=240)
    p = 1 / (1 + np.exp(-logits))
    return values, labels, np.stack([1 - p, p], axis=1)


def _scored(seed, signal, replicates=60):
    return score_groups("sex", *_predicted(seed, signal), PROTOCOL, replicates)


def test_rows_are_the_scores_of_each_group():
    values, labels, probabilities = _predicted(0, {"F": 1, "M": 1})
    done = score_groups("sex", values, labels, probabilities, PROTOCOL, 100)
    women = values == "F"
    expected = scores(labels[women], probabilities[women])
    rows = [r for r in done.rows if r["protocol"]["group"] == "sex=F"]
    assert {r["metric"]: r["value"] for r in rows} == {name: expected[name] for name in SCORES}
    assert rows[0]["protocol"]["n_test"] == 120
    assert all(r["low"] <= r["value"] <= r["high"] for r in rows if r["metric"] == "auroc")


def test_a_group_that_is_served_worse_is_named():
    done = _scored(0, {"F": 0.0, "M": 3.0})
    gap = next(gap for gap in done.gaps if gap.estimate == "auroc")
    assert gap.named and (gap.lower, gap.higher) == ("F", "M")
    assert "Subgroup gap: AUROC" in "".join(sentences(done.gaps))


def test_without_a_gap_none_is_named_in_19_of_20_studies():
    # the groups differ in how many are ill, which is no gap
    assert sum(bool(named(_scored(seed, {"F": 1.5, "M": 1.5}).gaps)) for seed in range(20)) <= 1


def test_groups_with_too_few_images_are_refused_by_name():
    labels = np.array([0, 1] * 20 + [0] * 12)
    groups, refused = enough("site", np.array(["A"] * 40 + ["B"] * 12), labels, ("no", "yes"))
    assert list(groups) == ["A"]
    assert refused == [
        "site=B: too few images, 12 of no, 0 of yes; at least 10 of each class are needed",
        "site: 1 values with enough images; a gap needs two",
    ]
