"""The lines at the beginning of a page of results."""

from tfmedgan.reproduction.overview import overview

SECTION = """## vuw-covid/3: Epochs

|  | metric | difference here, paired by seed | here | document |  |
| --- | --- | --- | --- | --- | --- |
| 100 against 50 | KID | -0.00293 (-0.00533 to -0.00052) | better | – |  |
| 100 against 50 | FID | -0.7578 (-1.36 to -0.1559) | better | worse | contrary to the document |
| 200 against 50 | KID | -0.00294 (-0.00533 to -0.00052) | better | – |  |
| 200 against 50 | FID, of 10 | -0.7578 (-1.36 to -0.1559) | better | – |  |
| 300 against 50 | KID | -0.00421 (-0.00893 to 0.00051) | no difference shown | – |  |
| 300 against 50 | FID | -1.066 (-2.256 to 0.1246) | no difference shown | better | undecided |
| 500 against 50 | FID | +0.7 (0.1 to 1.2) | worse | worse | as in the document |
| 700 against 50 | FID | – | protocols differ in image_size | better |  |
"""


def test_what_came_out_and_what_it_says_of_the_document():
    (line,) = overview([SECTION, "## dfu-dcgan/epochs: Loss\n\nNo comparison.\n"])
    title, found, claims = line
    assert title == "vuw-covid/3: Epochs"
    assert found == (
        "Better than 50 in KID, FID: 100; 200. Worse than 50 in FID: 500. No difference shown in "
        "2 of 8 comparisons. 1 of 8 not compared"
    )
    assert claims == "1 contrary to the document, 1 undecided, 1 as in the document"


def test_one_seed_decides_nothing():
    section = SECTION.replace("no difference shown", "undecided, one seed")
    assert "Undecided, one seed in 2 of 8 comparisons" in overview([section])[0][1]


def test_nothing_claimed():
    lines = [line for line in SECTION.splitlines() if "FID" not in line]
    assert overview(["\n".join(lines)])[0][2] == "it makes none"
