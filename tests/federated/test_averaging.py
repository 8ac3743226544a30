"""The arithmetic of federated averaging, and who is left out; without Flower."""

import numpy as np
import pytest

from tfmedgan.evaluation.federation import federation_facts, federation_sentence
from tfmedgan.evaluation.log_signs import absent_sites
from tfmedgan.federated.averaging import Update, checked, mean_metrics, weighted_mean

SENT = [np.zeros((2,), np.float32), np.zeros((), np.float32)]


def update(site, images, *values):
    arrays = [np.full((2,), values[0], np.float32), np.array(values[-1], np.float32)]
    return Update(site, images, arrays, {"d_loss": float(values[0])})


def test_weighted_by_numbers_of_images():
    # (1·10 + 3·50) / 4 = 40 and (1·2 + 3·6) / 4 = 5
    mean = weighted_mean([update("A", 1, 10, 2), update("B", 3, 50, 6)])
    assert mean[0].tolist() == [40, 40] and mean[1] == 5
    assert mean[0].dtype == mean[1].dtype == np.float32
    assert mean_metrics([update("A", 1, 10), update("B", 3, 50)]) == {"d_loss": 40}


def test_the_order_of_the_answers_does_not_matter():
    random = np.random.default_rng(0)
    updates = [
        Update(name, 7 + i, [random.normal(size=100).astype(np.float32)])
        for i, name in enumerate("ABCDE")
    ]
    first, other = weighted_mean(updates), weighted_mean(updates[::-1])
    assert np.array_equal(first[0], other[0])


@pytest.mark.parametrize(
    ("faulty", "reason"),
    [
        (update("B", 3, np.nan), "not finite"),
        (update("B", 3, np.inf), "not finite"),
        (Update("B", 3, [np.zeros(3, np.float32)]), "another network"),
        (update("B", 0, 1), "no training images"),
    ],
)
def test_a_bad_site_is_left_out_and_named(faulty, reason):
    result = checked([update("A", 1, 10), faulty], SENT)
    assert [u.site for u in result.updates] == ["A"]
    assert list(result.left_out) == ["B"] and reason in result.left_out["B"]


ROUNDS = [
    {"round": 1, "images": {"A": 5, "B": 7}, "left_out": {}, "bytes_to_sites": 1 << 20,
     "bytes_from_sites": 1 << 20},
    {"round": 2, "images": {"A": 5}, "left_out": {"B": "did not answer"},
     "bytes_to_sites": 1 << 20, "bytes_from_sites": 1 << 19},
]  # fmt: skip


def test_a_site_left_out_is_an_alarm():
    assert absent_sites(ROUNDS[:1]) == {}
    (sentence,) = absent_sites(ROUNDS).values()
    assert sentence == "Site left out: B, of 1 of 2 rounds, first of round 2: it did not answer."


def test_what_travels_is_stated():
    facts = federation_facts(ROUNDS)
    assert facts["bytes"] == 3.5 * (1 << 20) and facts["bytes_a_round"] == 1.75 * (1 << 20)
    assert facts["left_out"] == [{"round": 2, "site": "B", "reason": "did not answer"}]
    assert "1.8 MiB of weights a round" in federation_sentence(ROUNDS)
    assert federation_facts([]) == {} and federation_sentence([]) == ""
