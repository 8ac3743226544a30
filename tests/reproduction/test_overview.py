"""The head of a page of results: claims and answers, and what was not run."""

import pytest

from tfmedgan.papers import TABLES
from tfmedgan.reproduction.not_run import not_run
from tfmedgan.reproduction.overview import NO_CLAIM, extent, findings, summary_line
from tfmedgan.reproduction.page import _anchor

COMPARED = """## vuw-covid/3: Epochs

Scale small, 3 seeds.

|  | metric | difference here, paired by seed | here | document |  |
| --- | --- | --- | --- | --- | --- |
| 100 against 50 | KID | -0.00293 (-0.00533 to -0.00052) | better | – |  |
| 300 against 50 | KID | -0.00294 (-0.00533 to -0.00052) | better | – |  |
| 500 against 50 | KID | -0.00421 (-0.00893 to 0.00051) | no difference shown | – |  |
| 100 against 50 | FID | -0.7578 (-1.36 to -0.1559) | better | worse | contrary to the document |
| 300 against 50 | FID | -1.066 (-2.256 to 0.1246) | no difference shown | better | undecided |
| 500 against 50 | FID, dB | -0.7 (-1.2 to -0.1) | better | better | as in the document |
| 700 against 50 | FID | – | protocols differ in image_size | better |  |
"""
REPORTED = """## iut2023/losses: Losses of the DCGAN

Scale paper, 1 seed, so no interval over seeds.

| | Loss D, here | Loss G, reported | Loss G, here |
|---|---|---|---|
| epoch 1 | 1.406 | 0.68–0.85 | 0.70 (0.69 to 0.71) |
| epoch 25 | 1.077 | 0.68–0.85 | 0.55 (0.48 to 0.63) |
| epoch 2 | 1.077 | – | 0.55 |

- Loss G of epoch 1: confirmed within ±0.085, with what the document leaves out chosen as listed.
- Loss G of epoch 25: not confirmed within ±0.085.
- Loss D of epoch 1: not comparable: of one batch.
"""


def answers(section, key="a/b"):
    return [(finding.claim, finding.answer) for finding in findings({key: section})]


def test_orders_that_a_document_claims():
    assert answers(COMPARED) == [
        ("FID: 100 worse than 50", "**contradicted**: -0.7578 (-1.36 to -0.1559)"),
        ("FID: 300 better than 50", "not shown: -1.066 (-2.256 to 0.1246)"),
        ("FID: 500 better than 50", "**confirmed**: -0.7 (-1.2 to -0.1)"),
    ]


def test_figures_that_a_document_reports():
    assert answers(REPORTED) == [
        ("Loss G of epoch 1: 0.68–0.85", "**confirmed** within ±0.085: 0.70 (0.69 to 0.71)"),
        (
            "Loss G of epoch 25: 0.68–0.85",
            "**contradicted**: 0.55 (0.48 to 0.63), not within ±0.085",
        ),
    ]


@pytest.mark.parametrize(
    ("words", "here", "answer"),
    [
        (
            "undecided, the interval is partly",
            "0.70 (0.69 to 0.71)",
            "not shown: 0.70 (0.69 to 0.71) is partly within ±0.085",
        ),
        (
            "undecided with one seed:",
            "0.70",
            "undecided with one seed: 0.70, asked for within ±0.085",
        ),
    ],
)
def test_a_figure_that_is_not_decided(words, here, answer):
    section = REPORTED.replace("epoch 1: confirmed", f"epoch 1: {words}")
    assert answers(section.replace("0.70 (0.69 to 0.71)", here))[0][1] == answer


def test_a_verdict_on_several_rows():
    section = REPORTED.replace("of epoch 25: not", "of epoch 1; epoch 25: not")
    assert len(answers(section)) == 3
    assert len(answers(section.replace("Loss G of epoch 1:", "Loss G:"))) == 4


def test_what_came_out_where_nothing_is_claimed():
    section = "\n".join(line for line in COMPARED.splitlines() if "FID" not in line)
    outcome = "Better than 50 in KID: 100; 300. No difference shown in 1 of 3 comparisons"
    assert answers(section) == [(NO_CLAIM, outcome)]
    one_seed = section.replace("no difference shown", "undecided, one seed")
    assert "Undecided, one seed in 1 of 3 comparisons" in answers(one_seed)[0][1]
    assert answers("## dfu-dcgan/epochs: Loss\n\nNo comparison.\n") == []


def test_how_many_claims_hold():
    found = findings({"vuw-covid/3": COMPARED, "iut2023/losses": REPORTED})
    assert [one.extent for one in found[2:4]] == ["small, 3 seeds", "paper, 1 seed"]
    assert summary_line(found) == (
        "Of 5 claims in 2 tables 2 came out as the document says and 2 contrary to it; 1 could "
        "not be decided."
    )


def test_what_was_not_run_says_what_it_would_ask_for():
    rows = {table.key: (hours, images) for table, hours, images in not_run({"vuw-covid/1"})}
    assert rows.keys() == TABLES.keys() - {"vuw-covid/1"}
    assert rows["vuw-covid/3"][0] == "5 × 0.6"
    assert rows["vuw-covid/6"][0].endswith(" and the classifiers")
    assert rows["dfu-lstm/classification"] == (
        "–", "dfu-part-b: ask the authors by the form on the home page",
    )  # fmt: skip
    assert rows["limeros2022/quality"][0] == "3 × 20,000"


def test_every_table_asks_a_question():
    assert all(table.question.endswith("?") for table in TABLES.values())


def test_links_go_to_headings():
    assert _anchor("## vuw-covid/5: WGAN-GP and DCGAN at 64×64\n\n") == (
        "vuw-covid5-wgan-gp-and-dcgan-at-6464"
    )
    assert extent("No scale.") == ""
