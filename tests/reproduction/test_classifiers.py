"""Tables of classifiers at scale smoke: every cell, whatever is compared, and continuing."""

import shutil
import tarfile

import pytest
from PIL import Image
from sklearn.metrics import roc_auc_score

from tfmedgan.classifiers.prediction import load_classifier
from tfmedgan.classifiers.run import ClassifierRun
from tfmedgan.classifiers.scores import scores
from tfmedgan.data.prepare import prepare
from tfmedgan.data.sources import open_source
from tfmedgan.downstream.config import REAL
from tfmedgan.reproduction import arms, downstream
from tfmedgan.reproduction.page import write_page
from tfmedgan.reproduction.record import write_record
from tfmedgan.reproduction.report import write_reports
from tfmedgan.reproduction.run import begin, jobs, make_plan, run
from tfmedgan.reproduction.study import Study
from tfmedgan.reproduction.summary import summarise
from tfmedgan.supervised.predictor import Predictor


def measured(path, document: str, table: str, rows: tuple[str, ...] = (), source="") -> Study:
    study = Study.open(path, make_plan(document, (table,), "smoke", seeds=1, source=source))
    run(study, [job for job in jobs(study) if not rows or any(row in job.what for row in rows)])
    return study


@pytest.fixture(scope="module")
def table6(tmp_path_factory):
    return measured(tmp_path_factory.mktemp("study") / "vuw", "vuw-covid", "6")


def test_every_arm_of_table_6_is_measured(table6):
    (table,) = table6.tables
    values = {(r.row, r.metric): r.value for r in table6.results.read()}
    assert set(values) == {(row.label, m) for row in table.rows for m in table.metrics}
    assert all(value is not None for value in values.values())
    assert jobs(table6) == []


def test_arms_are_compared_with_real_images_alone(table6):
    (table,) = table6.tables
    given = arms.differences(table6, table)
    values = {(r.row, r.metric): r.value for r in table6.results.read()}
    comparisons = summarise(table6, table).comparisons
    assert {c.row for c in comparisons} == {row.label for row in table.rows} - {REAL}
    for comparison in comparisons:
        assert comparison.baseline == REAL
        difference = given[comparison.row, comparison.metric]
        wanted = values[comparison.row, comparison.metric] - values[REAL, comparison.metric]
        assert comparison.difference.value == pytest.approx(difference.value)
        assert difference.value == pytest.approx(wanted)
        assert comparison.here == "undecided, one seed"


def test_a_record_of_arms_gives_the_same_page(table6, tmp_path):
    write_record(table6, tmp_path / "study.tar.xz")
    with tarfile.open(tmp_path / "study.tar.xz") as archive:
        archive.extractall(tmp_path, filter="data")
    pages = [
        write_page([path], tmp_path / name / "a.md")
        for name, path in (("1", table6.path), ("2", tmp_path / table6.path.name))
    ]
    contents = [[path.read_bytes() for path in written] for written in pages]
    assert contents[0] == contents[1]


def test_the_report_names_the_documents_figures_and_all_departures(table6):
    text = write_reports(table6)["report.md"].read_text()
    assert "| real + synthetic (WGAN-GP) | 0.9948 |" in text
    assert "classifier: small-cnn instead of densenet161" in text
    assert "no arm without synthetic images" in text
    assert (table6.path / "downstream" / "6" / "report.html").exists()
    assert "**The images are a phantom: drawn, not real.**" in text


def test_table_6_is_reported_without_its_images(table6, no_images):
    before = {name: path.read_text() for name, path in write_reports(table6).items()}
    no_images()
    again, todo = begin(table6.path, table6.plan)
    assert todo == []
    assert {name: path.read_text() for name, path in write_reports(again).items()} == before
    assert "- images: train 40, validation 16, test 24" in before["report.md"]


def test_folders_of_earlier_versions_have_no_record_of_the_images(table6, tmp_path):
    shutil.copytree(table6.path, tmp_path / "study")
    (tmp_path / "study" / "downstream" / "6" / "data.json").unlink()
    text = write_reports(Study.existing(tmp_path / "study"))["report.md"].read_text()
    assert "- data set: phantom:chest:40:0, title not recorded" in text
    assert "**The images are a phantom: drawn, not real.**" in text


def test_classes_that_do_not_suit_are_one_line(tmp_path):
    from tfmedgan.errors import InputError

    with pytest.raises(InputError, match=r"phantom:foot: has the classes .*; vuw-covid/6 needs"):
        plan = make_plan("vuw-covid", ("6",), "smoke", seeds=1, source="phantom:foot")
        jobs(Study.open(tmp_path / "study", plan))


@pytest.mark.slow  # the same code as Table 6
def test_the_classifier_of_dfu_dcgan(tmp_path):
    study = measured(tmp_path / "study", "dfu-dcgan", "classifier")
    summary = summarise(study, study.tables[0])
    row = next(line for line in summary.lines if line.label == "real + synthetic (DCGAN)")
    assert row.cells["f1"].reported.value == 0.68 and row.cells["f1"].mean is not None


def test_the_hybrid_of_critic_and_lstm(tmp_path):
    study = measured(tmp_path / "study", "dfu-lstm", "classification", ("wgan-gp-lstm",))
    values = {r.metric: r.value for r in study.results.read()}
    assert values["tpr"] == values["recall"]
    assert {path.name.partition("-")[0] for path in study.runs.iterdir()} == {"critic"}


@pytest.mark.slow
def test_the_hybrids_of_efficientnet_and_lstm(tmp_path):
    study = measured(tmp_path / "study", "dfu-lstm", "classification", ("efficientnet",))
    assert {r.row for r in study.results.read()} == {"efficientnetv2s-lstm", "efficientnetv2m-lstm"}


@pytest.fixture
def fundus(tmp_path):
    """A folder of 24 drawn fundi, one folder a grade."""
    drawn = open_source("phantom:fundus:24:0")
    for number, record in enumerate(drawn.records):
        grade = tmp_path / "fundus" / drawn.class_names[record.label]
        grade.mkdir(parents=True, exist_ok=True)
        Image.fromarray(drawn.read(record)).save(grade / f"{number}.png")
    return tmp_path / "fundus"


def test_vgg19_features_on_the_grades_reported_again_without_images(fundus, tmp_path):
    study = measured(tmp_path / "study", "iut2023", "vgg19", source=str(fundus))
    (result,) = [r for r in study.results.read() if r.metric == "auroc"]
    trained = ClassifierRun.open(study.runs / result.run)
    test = prepare(trained.experiment.data, trained.experiment.seed).parts["test"]
    probabilities = Predictor(load_classifier(trained))(test.images).astype(float)
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    auroc = roc_auc_score(test.labels, probabilities, multi_class="ovr")
    assert result.value == pytest.approx(auroc, abs=1e-9)
    before = {name: path.read_text() for name, path in write_reports(study).items()}
    fundus.rename(tmp_path / "elsewhere")
    again, todo = begin(study.path, study.plan)
    assert todo == []
    assert {name: path.read_text() for name, path in write_reports(again).items()} == before
    assert "- source: fundus\n" in before["report.md"]


def test_rates_have_both_their_names():
    values = downstream.with_rates(scores([0, 0, 1], [[0.9, 0.1], [0.2, 0.8], [0.3, 0.7]]))
    assert values["tpr"] == values["recall"] == 1.0
    assert values["fpr"] == 0.5
