"""Markdown, CSV, HTML and JSON say what results.jsonl says, and nothing more."""

import csv
import io
import json
import re
from dataclasses import replace
from html import unescape
from shutil import copytree

import numpy as np
import pytest

from tests.reproduction.conftest import DOCUMENTS
from tfmedgan.errors import InputError
from tfmedgan.files import write_json
from tfmedgan.reproduction import figures
from tfmedgan.reproduction.formatting import cell_text
from tfmedgan.reproduction.page import write_page
from tfmedgan.reproduction.report import summaries_of, write_reports
from tfmedgan.reproduction.run import begin


@pytest.fixture(scope="module")
def reports(finished):
    """Function: document → (study, texts of its reports by name)."""
    made = {}

    def read(document):
        if document not in made:
            paths = write_reports(finished(document))
            made[document] = {name: path.read_text() for name, path in paths.items()}
        return finished(document), made[document]

    return read


@pytest.mark.parametrize("document", DOCUMENTS)
def test_csv_has_the_means_of_the_results(reports, document):
    study, texts = reports(document)
    values = {}
    for r in study.results.read():
        if r.value is not None:
            values.setdefault((r.table, r.row, r.metric), []).append(r.value)
    rows = list(csv.DictReader(texts["results.csv"].splitlines()))
    means = {(r["table"], r["row"], r["metric"]): r["mean"] for r in rows}
    for place, by_seed in values.items():
        assert float(means.pop(place)) == pytest.approx(np.mean(by_seed), rel=1e-12)
    assert set(means.values()) <= {""}
    shown = {
        (r["table"], r["row"], r["metric"]): float(r["reported"]) for r in rows if r["reported"]
    }
    assert shown == {
        (t.key, row.label, c.metric): c.value
        for t in study.tables for row in t.rows for c in row.reported
    }  # fmt: skip


@pytest.mark.parametrize("document", DOCUMENTS)
def test_markdown_and_html_have_every_cell(reports, document):
    study, texts = reports(document)
    page = re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", "|", texts["report.html"])))
    for summary in summaries_of(study):
        for line in summary.lines:
            own = [
                text
                for text in texts["report.md"].splitlines()
                if text.startswith(f"| {line.label} |")
            ]
            for cell in line.cells.values():
                shown = cell_text(cell, "here")
                assert any(f"| {shown} |" in text for text in own)
                assert f"|{shown}|" in page
                if cell.reported:
                    assert any(cell_text(cell, "reported") in text for text in own)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_reports_name_what_differs_and_load_nothing(reports, document):
    study, texts = reports(document)
    for text in (texts["report.md"], texts["report.html"]):
        assert "phantom: drawn, not real" in text.replace("phantom</strong>", "phantom")
        assert "batch_size" in text and "Deviations from the document" in text
        assert str(study.path.parent) not in text
    assert not re.search(r'(src|href)="(?!data:)', texts["report.html"])


def test_a_finished_study_is_reported_without_its_images(finished, no_images):
    study = finished("dfu-dcgan")  # of trainings, a table of a generator and one of a log
    before = {name: path.read_text() for name, path in write_reports(study).items()}
    no_images()
    again, todo = begin(study.path, study.plan)
    assert todo == []
    assert {name: path.read_text() for name, path in write_reports(again).items()} == before
    longer = replace(study.plan, seeds=study.plan.seeds + 1)
    with pytest.raises(InputError, match="was moved away"):
        begin(study.path, longer)
    write_json(study.path / "study.json", vars(study.plan))


def test_unmeasurable_figures_say_why(reports):
    _, texts = reports("dfu-lstm")
    text = texts["report.md"]
    reason = "not measured: inception_score: {} real images are too few"
    assert f"Inception Score of WGAN-GP + LSTM: {reason.format(24)}" in text
    assert f"Inception Score of real against real: {reason.format(12)}" in text


@pytest.mark.slow
def test_different_protocols_are_not_compared(reports):
    study, _ = reports("vuw-covid")
    by_key = {summary.table.key: summary for summary in summaries_of(study)}
    for comparison in by_key["vuw-covid/4"].comparisons:
        assert comparison.difference is None and "protocols differ in image_size" in comparison.here
    assert all(c.difference for c in by_key["vuw-covid/3"].comparisons)
    assert {c.here for c in by_key["vuw-covid/3"].comparisons} == {"undecided, one seed"}


def test_small_figures_are_not_confirmed(reports):
    study, _ = reports("iut2023")
    losses = next(s for s in summaries_of(study) if s.table.key == "iut2023/losses")
    verdicts = {cell.verdict for line in losses.lines for cell in line.cells.values()} - {""}
    assert verdicts == {"not comparable: scale smoke departs from the document"}


def test_page_of_several_studies(reports, tmp_path):
    folders = [reports(name)[0].path for name in ("aims2023", "dfu-dcgan")]
    written = write_page(folders, tmp_path / "docs" / "results.md")
    text = written[0].read_text()
    assert "aims2023/course" in text and "dfu-dcgan/epochs" in text and "- machine: " in text
    links = re.findall(r"\]\(([^)]*)\)", text)
    assert links
    assert sorted(links) == sorted(str(p.relative_to(written[0].parent)) for p in written[1:])
    assert all((tmp_path / "docs" / link).stat().st_size < 300_000 for link in links)


def test_a_page_grows(reports, tmp_path):
    """What is on it already stays, and is replaced where its study is given again."""
    page = tmp_path / "results.md"
    first, second = (reports(name)[0].path for name in ("aims2023", "dfu-dcgan"))
    write_page([first], page)
    alone = tables_of(page)
    write_page([second], page)
    assert "## dfu-dcgan/epochs" in tables_of(page) and tables_of(page).startswith(alone)
    page.write_text(
        page.read_text().replace("\n## aims2023/course: Course", "\n## aims2023/course: Way")
    )
    write_page([first], page)
    write_page([second], tmp_path / "other.md")
    other = tables_of(tmp_path / "other.md").replace("images/other-", "images/results-")
    assert tables_of(page) == alone + other
    assert page.read_text().count("\n# ") == 0 and page.read_text().count("## How to read") == 1


def tables_of(page):
    """What stands below the head of a page of results."""
    text = page.read_text()
    return text[re.search(r"^\n## [\w-]+/", text, re.MULTILINE).start() :]


def test_two_pages_of_a_folder_have_pictures_of_their_own(reports, tmp_path):
    study = reports("aims2023")[0].path
    pictures = [set(write_page([study], tmp_path / name)[1:]) for name in ("a.md", "b.md")]
    assert pictures[0] and not pictures[0] & pictures[1]


def test_a_table_comes_from_one_study(reports, tmp_path):
    study = reports("aims2023")[0].path
    again = copytree(study, tmp_path / "again")
    write_page([study, study], tmp_path / "results.md")
    with pytest.raises(InputError, match=r"again: has the table aims2023/course, as .* has"):
        write_page([study, again], tmp_path / "both.md")
    assert not (tmp_path / "both.md").exists()


def test_another_page_is_not_written_over(reports, tmp_path):
    page = tmp_path / "notes.md"
    page.write_text("# My notes\n")
    with pytest.raises(InputError, match="is there and no page of results; give another name"):
        write_page([reports("aims2023")[0].path], page)
    assert page.read_text() == "# My notes\n"


def test_the_page_for_others_shows_no_real_image(reports, tmp_path):
    """A row less than in the study's own report, and nothing that is called real."""
    from PIL import Image

    study, _ = reports("dfu-dcgan")
    written = write_page([study.path], tmp_path / "results.md")
    assert "First row real" not in written[0].read_text()
    (summary,) = [s for s in summaries_of(study) if s.table.name == "f1"]
    (sheet,) = [p for p in written if p.name.endswith("f1-samples.png")]
    own = Image.open(io.BytesIO(figures.samples(study, summary)))
    public = Image.open(sheet)
    assert public.height < own.height and public.info["Synthetic"].startswith("Synthetic image")


def test_json_round_trip(reports):
    from tfmedgan.cli.study_table import entries

    study, _ = reports("dfu-dcgan")
    printed = json.loads(json.dumps(entries(summaries_of(study)), allow_nan=False))
    assert {"metric", "value", "low", "high", "protocol"} <= printed[0].keys()
    assert all(e["low"] <= e["value"] <= e["high"] for e in printed if e["low"] is not None)
