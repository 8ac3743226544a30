"""A study walked through in Chromium: by keys, by touch, closed and opened again, to its report.

TFMEDGAN_PICTURES names a folder for pictures of the pages, to be looked at.
"""

import base64
import hashlib
import io
import json
import os
import shutil
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.reader_study.conftest import answer_file
from tfmedgan.cli.readers import ScoreOptions, score
from tfmedgan.errors import InputError
from tfmedgan.reader_study.answers import read_answers

pytestmark = pytest.mark.browser
DESKTOP = {"viewport": {"width": 1280, "height": 800}, "color_scheme": "light"}
SMALL = {"viewport": {"width": 800, "height": 500}}
PHONE = {
    "viewport": {"width": 390, "height": 844}, "color_scheme": "dark", "has_touch": True,
    "is_mobile": True, "device_scale_factor": 3,
}  # fmt: skip


@pytest.fixture(scope="module")
def chromium():
    """Function: a context of Chromium with the profile in a folder; asks nothing of a network."""
    api = pytest.importorskip("playwright.sync_api", reason="needs the extra browser")
    with api.sync_playwright() as playwright:
        installed = shutil.which("chromium") or shutil.which("google-chrome")
        if not installed and not Path(playwright.chromium.executable_path).exists():
            pytest.skip("no Chromium here")

        @contextmanager
        def open_profile(profile, **options):
            context = playwright.chromium.launch_persistent_context(
                profile, executable_path=installed, **options
            )
            asked = []
            context.on("request", lambda request: asked.append(request.url))
            try:
                yield context
                assert not [url for url in asked if not url.startswith(("file:", "data:", "blob:"))]
            finally:
                context.close()

        yield open_profile


def open_page(context, path):
    page = context.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(error))
    page.on("console", lambda message: errors.append(message) if message.type == "error" else None)
    page.goto(path.as_uri())
    page.problems = errors
    return page


def picture(page, name):
    if folder := os.environ.get("TFMEDGAN_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page="report" in name)


def saved(page, button, folder):
    with page.expect_download() as download:
        button()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def answer_by_keys(page, letter, level):
    page.keyboard.press(letter)
    page.keyboard.press(str(level))
    page.keyboard.press("Enter")


def letter_of(item):
    return item.origin[0]  # r, s


def test_by_keys_alone_with_the_browser_closed_in_the_middle(chromium, written, tmp_path, capsys):
    study, folder = written(images=12)
    path, order = folder / "pages" / "reader-1.html", study.order(1)
    with chromium(tmp_path / "profile", **DESKTOP) as context:
        page = open_page(context, path)
        picture(page, "start-light")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        for item in order[:5]:
            answer_by_keys(page, letter_of(item), 4)
        page.keyboard.press("Enter")
        assert page.locator("#said").inner_text() == "Choose an answer first."
        page.keyboard.press("r")  # without confidence yet
        picture(page, "reading-light")
        assert not page.problems
    with chromium(tmp_path / "profile", **DESKTOP) as context:
        page = open_page(context, path)
        assert page.locator("#begin").inner_text() == "Go on with image 6 of 12"
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert page.locator("input[name=answer]:checked").get_attribute("value") == "real"
        assert page.locator("#progress").evaluate("bar => bar.value") == 5
        page.keyboard.press("Backspace")
        checked = page.locator("input:checked").evaluate_all("all => all.map(one => one.value)")
        assert checked == [order[4].origin, "4"]
        page.keyboard.press("Enter")
        for item in order[5:]:
            answer_by_keys(page, letter_of(item), 5)
        picture(page, "finish-light")
        page.keyboard.press("Tab")
        path = saved(page, lambda: page.keyboard.press("Enter"), folder / "answers")
        assert path.name == f"answers-{study.digest[:8]}-reader-1.json"
        assert path.name in page.locator("#saved").inner_text()
        assert page.locator("#text").input_value() == path.read_text()
        assert not page.problems

        responses = read_answers(study, [path])
        assert responses.correct.all() and set(responses.confidence.flat) == {4, 5}
        assert (responses.seconds > 0).all()

        for reader in (2, 3):
            rng = np.random.default_rng(reader)
            answer_file(
                folder / "answers" / f"{reader}.json",
                study,
                reader,
                lambda item, rng=rng: (str(rng.choice(study.choices)), int(rng.integers(1, 6)), 9),
            )
        score(ScoreOptions(study=folder))
        assert "report" in capsys.readouterr().out
        page.goto((folder / "report" / "report.html").as_uri())
        assert page.locator("tbody tr").count() > 6
        picture(page, "report-desktop")
        page.set_viewport_size({"width": 390, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        picture(page, "report-phone")


def test_by_touch_on_a_phone_in_the_dark(chromium, written, tmp_path):
    study, folder = written(images=12, ask="class", readers=1)
    with chromium(tmp_path / "profile", **PHONE) as context:
        page = open_page(context, folder / "pages" / "reader-1.html")
        picture(page, "start-dark-phone")
        page.locator("#begin").tap()
        for count, item in enumerate(study.order(1)):
            page.locator(f"input[name=answer][value='{item.label}']").tap()
            page.locator("input[name=confidence][value='3']").tap()
            if not count:
                fits_on_the_screen(page)
                picture(page, "reading-dark-phone")
            page.locator("#next").tap()
        picture(page, "finish-dark-phone")
        path = saved(page, page.locator("#save").tap, tmp_path)
        assert not page.problems
    assert read_answers(study, [path]).correct.all()


def fits_on_the_screen(page):
    """Everything that is needed can be seen without scrolling, and hit with a finger."""
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for control in page.locator("#reading input, #next, #back, .zoom button").all():
        box = control.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 390
        assert box["y"] >= 0 and box["y"] + box["height"] <= 844
        assert box["height"] >= 44 and box["width"] >= 44


@pytest.mark.parametrize("density", [1, 1.25, 2])
def test_each_pixel_is_a_square_of_as_many(chromium, written, tmp_path, density):
    _, folder = written(images=12)
    with chromium(tmp_path / "profile", **SMALL, device_scale_factor=density) as context:
        page = open_page(context, folder / "pages" / "reader-1.html")
        page.locator("#begin").click()
        data = json.loads(page.locator("#study").text_content())["items"][0]["png"]
        pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(data))))
        seen = []
        for step in ("whole image", "larger", "smaller", "smaller"):
            if step != "whole image":
                page.locator(f"#{step}").click()
            factor = int(page.locator("#size").inner_text()[:-1])
            shown = page.locator("#picture").bounding_box()
            assert shown["width"] == pytest.approx(20 * factor / density, abs=1e-3)
            assert shown["height"] == pytest.approx(16 * factor / density, abs=1e-3)
            seen.append(factor)
        assert seen[1] > seen[0] > seen[3]
        shot = np.asarray(Image.open(io.BytesIO(page.locator("#stage").screenshot())))[..., :3]
        expected = pixels.repeat(seen[3], 0).repeat(seen[3], 1)
        if density % 1:  # a device pixel around the image may be a mixture
            expected = expected[1:-1, 1:-1]
        assert contains(shot, expected)
        page.keyboard.press("0")
        assert page.locator("#size").inner_text() == f"{seen[0]}×"


def contains(picture, part):
    """Whether `part` stands somewhere in the picture, each pixel as it is."""
    height, width = part.shape[:2]
    starts = np.argwhere((picture[: 1 - height or None, : 1 - width or None] == part[0, 0]).all(-1))
    return any(np.array_equal(picture[y : y + height, x : x + width], part) for y, x in starts)


def test_a_browser_that_keeps_nothing_says_so_and_goes_on_from_a_file(chromium, written, tmp_path):
    study, folder = written(images=12)
    path = folder / "pages" / "reader-1.html"
    broken = "Object.defineProperty(window, 'localStorage', {get() { throw new Error(); }})"
    with chromium(tmp_path / "first", **DESKTOP) as context:
        context.add_init_script(broken)
        page = open_page(context, path)
        page.locator("#begin").click()
        assert "does not keep answers" in page.locator("#unkept").inner_text()
        for item in study.order(1)[:7]:
            answer_by_keys(page, letter_of(item), 2)
        picture(page, "unkept-light")
        part = saved(page, page.locator("#pause").click, tmp_path)
        assert part.name.endswith("-reader-1-part.json")
    with pytest.raises(InputError, match=rf"{part.name}: 7 of 12 images are answered"):
        read_answers(study, [part])
    changed = tmp_path / "changed.json"
    changed.write_text(part.read_text().replace('"confidence": 2', '"confidence": 5', 1))
    with chromium(tmp_path / "second", **DESKTOP) as context:
        page = open_page(context, path)
        page.get_by_text("Go on from a file").click()
        for wrong, said in ((changed, "was changed"), (folder / "key.json", "another study")):
            page.locator("#file").set_input_files(wrong)
            page.get_by_text(f"{wrong.name} ").filter(has_text=said).wait_for()
        page.locator("#file").set_input_files(part)
        page.get_by_text("Go on with image 8 of 12").click()
        for item in study.order(1)[7:]:
            answer_by_keys(page, letter_of(item), 2)
        whole = saved(page, page.locator("#save").click, tmp_path)
        assert not page.problems
    assert read_answers(study, [whole]).correct.all()


def test_the_checksum_is_sha_256(chromium, written, tmp_path):
    _, folder = written(images=12)
    texts = ["a" * length for length in range(130)] + ["Größe, 網膜, 👁", "\t\n" * 500]
    with chromium(tmp_path / "profile", **SMALL) as context:
        page = open_page(context, folder / "pages" / "reader-1.html")
        sums = page.evaluate("texts => texts.map(sha256)", texts)
    assert sums == [hashlib.sha256(text.encode()).hexdigest() for text in texts]
