"""Nothing in a page tells which images are real; the key does, and lies apart."""

import base64
import json
import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from tests.reader_study.conftest import CLASSES, make_study, pools
from tfmedgan.errors import InputError
from tfmedgan.evaluation.images import array_pool
from tfmedgan.reader_study.pages import page
from tfmedgan.reader_study.selection import select
from tfmedgan.reader_study.study import REAL, SYNTHETIC, new_study, open_study, plain_png
from tfmedgan.synthetic_png import MARK


def data_of(text):
    return json.loads(re.search(r'id="study">(.*?)</script>', text, re.DOTALL)[1])


def chunks(png):
    """Names and lengths of a PNG's chunks."""
    place, parts = 8, []
    while place < len(png):
        length = int.from_bytes(png[place : place + 4], "big")
        parts.append((png[place + 4 : place + 8], length))
        place += 12 + length
    return parts


# Which images


def test_as_many_real_as_synthetic_images_of_each_class():
    reals, fakes = pools()
    for classes in (0, len(CLASSES)):
        chosen = select(reals, fakes, 18, seed=3, classes=classes)
        counts = [Counter(pool.labels.tolist()) for pool in chosen]
        assert counts[0] == counts[1] and counts[0].total() == 9
        if classes:
            assert set(counts[0].values()) == {3}
    again = select(reals, fakes, 18, seed=3)
    assert [p.names for p in again] == [p.names for p in select(reals, fakes, 18, seed=3)]
    assert again[0].names != select(reals, fakes, 18, seed=4)[0].names


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        (
            None,
            {"images": 62},
            "--images 62: there are 30 real and 30 synthetic images, 30 of each",
        ),
        (None, {"images": 20, "classes": 3}, "give a multiple of 6"),
        (None, {"images": 66, "classes": 3}, "only 10 real and synthetic images each; at most 60"),
        (None, {"images": 7}, "--images 7: give an even number"),
        (
            (20, 16, 3),
            {"images": 10},
            r"images of \(20, 16, 3\), the real ones are of \(16, 20, 3\)",
        ),
        ("copy", {"images": 10}, "1 of these images equal real ones pixel by pixel"),
    ],
)
def test_what_would_tell_images_apart_is_refused(change, options, message):
    reals, fakes = pools()
    if change == "copy":
        images = np.stack([reals.read(4), *(fakes.read(i) for i in range(29))])
        fakes = array_pool(images, "fakes")
    elif change:
        fakes = pools(shape=change)[1]
    with pytest.raises(InputError, match=message):
        select(reals, fakes, seed=0, **options)


def test_too_many_pixels_for_a_page_are_refused():
    images = np.zeros((2, 4096, 4096, 3), np.uint8)
    images[1] += 1
    one, other = (array_pool(images[i : i + 1], "one") for i in range(2))
    study, _ = new_study(one, other, readers=1)
    assert len(study.items) == 2
    twice = [array_pool(images, "two") for _ in range(2)]
    with pytest.raises(InputError, match="192 MiB of pixels in one page; at most 2 images"):
        new_study(*twice, readers=1)


# Blinding


def test_nothing_in_a_page_tells_real_from_synthetic_images():
    study, pictures = make_study(images=24)
    text = page(study, pictures, 1)
    items = data_of(text)["items"]
    assert {frozenset(item) for item in items} == {frozenset({"id", "png"})}
    pngs = [base64.b64decode(item["png"]) for item in items]
    assert len({len(item["png"]) for item in items}) == 1
    assert len({tuple(chunks(png)) for png in pngs}) == 1
    assert {name for name, _ in chunks(pngs[0])} == {b"IHDR", b"IDAT", b"IEND"}
    for hint in ("truereals", "machinemade", "mild", MARK, '"seed"', '"origin"'):
        assert hint not in text
    assert all(MARK.encode() not in png for png in pngs)
    assert "This page contains synthetic images" in text


def test_a_mark_in_the_source_does_not_reach_the_page():
    """Of equal pixels the pictures are equal, whichever folder they come from."""
    images = pools()[0].stack(range(4))
    assert plain_png(images[0]) == plain_png(images[0].copy())
    grey = [plain_png(image[..., :1]) for image in images]
    assert len(set(map(len, grey))) == 1 and len(set(grey)) == 4


def test_order_is_each_readers_own_and_says_nothing():
    study, _ = make_study(images=24)
    orders = {reader: [item.id for item in study.order(reader)] for reader in (1, 2, 3)}
    assert orders[1] != orders[2] != orders[3]
    assert {frozenset(order) for order in orders.values()} == {frozenset(i.id for i in study.items)}
    swap = {REAL: SYNTHETIC, SYNTHETIC: REAL}
    swapped = tuple(replace(item, origin=swap[item.origin]) for item in study.items)
    other = replace(study, items=swapped)
    assert [item.id for item in other.order(1)] == orders[1]  # whatever is real
    assert other.digest == study.digest != replace(study, seed=1).digest


def test_real_images_come_early_and_late_alike():
    """Over many seeds the mean place of real images is the middle."""
    study, _ = make_study(images=24)
    places = []
    for seed in range(300):
        order = replace(study, seed=seed).order(1)
        places += [place for place, item in enumerate(order) if item.origin == REAL]
    assert np.mean(places) == pytest.approx(11.5, abs=0.35)  # standard error 0.12


# The page


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.links, self.inputs = [], []

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.links += [values[name] for name in ("src", "href") if name in values]
        if tag == "input":
            self.inputs.append(values)


def test_a_page_loads_nothing():
    study, pictures = make_study()
    text = page(study, pictures, 1)
    tags = Tags()
    tags.feed(text)
    assert tags.links == ["data:,"]
    assert not re.findall(r"https?://|@import|url\(", text)
    assert "default-src 'none'" in text


def test_names_of_classes_stay_text():
    reals, fakes = select(*pools(), 12, 0, 3)
    strange = ("</script><b>", "a\"b'c", "{{ x }}")
    study, pictures = new_study(reals, fakes, classes=strange, ask="class", readers=1)
    text = page(study, pictures, 1)
    assert "</script><b>" not in text and data_of(text)["choices"] == list(strange)
    tags = Tags()
    tags.feed(text)
    assert [i["value"] for i in tags.inputs if i.get("name") == "answer"] == list(strange)


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_text_can_be_read_in_light_and_dark():
    """Contrast of 4.5 at least (WCAG 2.2, 1.4.3)."""
    study, pictures = make_study()
    blocks = re.findall(r":root \{(.*?)\}", page(study, pictures, 1), re.DOTALL)
    themes = [
        {
            name: value if len(value) == 7 else "#" + "".join(2 * digit for digit in value[1:])
            for name, value in re.findall(r"--([\w-]+): (#\w+)", block)
        }
        for block in blocks
    ]
    assert len(themes) == 2
    pairs = ("ink paper", "soft paper", "ink panel", "soft panel", "ink chosen", "blue paper",
             "on-blue blue", "bad bad-panel")  # fmt: skip
    for theme in themes:
        for pair in pairs:
            light, dark = sorted((luminance(theme[name]) for name in pair.split()), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5, pair


# On disk


def test_the_key_lies_apart_and_opens_again(written):
    study, folder = written()
    assert sorted(path.name for path in (folder / "pages").iterdir()) == [
        f"reader-{reader}.html" for reader in (1, 2, 3)
    ]
    assert open_study(folder) == study
    assert not list((folder / "answers").iterdir())
    for item in study.items:
        info = Image.open(folder / "images" / f"{item.id}.png").info
        assert (info.get("Synthetic") == MARK) == (item.origin == SYNTHETIC)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda text: text[:100], "is no whole key"),
        (lambda text: text.replace('"readers": 3', '"readers": 4'), "was changed"),
        (lambda text: text.replace('"items"', '"things"'), "is no whole key"),
        (lambda text: "[]", "is no whole key"),
        (lambda text: text.replace('"origin": "real"', '"origin": "synthetic"', 1), "was changed"),
    ],
)
def test_a_spoilt_key_is_refused(written, spoil, message):
    _, folder = written()
    path = folder / "key.json"
    path.write_text(spoil(path.read_text()))
    with pytest.raises(InputError, match=f"key.json: {message}"):
        open_study(folder)
    with pytest.raises(InputError, match=r"no reader study, key\.json is missing"):
        open_study(folder / "pages")
