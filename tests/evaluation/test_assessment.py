"""A whole evaluation of a run and of a folder: rows, classes, verdict, report."""

import json
import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.data.prepare import prepare
from tfmedgan.errors import InputError
from tfmedgan.evaluation import assessment as assessment_module
from tfmedgan.evaluation.alarms import alarms
from tfmedgan.evaluation.assessment import assess
from tfmedgan.evaluation.cache import FeatureCache
from tfmedgan.evaluation.features import open_extractor
from tfmedgan.evaluation.images import joined
from tfmedgan.evaluation.inputs import folder_inputs, run_inputs
from tfmedgan.evaluation.log_signs import dominated
from tfmedgan.evaluation.report import write
from tfmedgan.evaluation.rows import read_rows
from tfmedgan.files import csv_text
from tfmedgan.run_directory import RunDirectory, data_record


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The directory of a run whose generator has learnt nothing yet."""
    from tfmedgan import models

    base = ARCHITECTURES["cgan"]
    experiment = replace(base, data=replace(base.data, source="phantom:fundus:30"), epochs=2)
    data = prepare(experiment.data, experiment.seed)
    path = tmp_path_factory.mktemp("runs") / "young & <untrained>"
    run = RunDirectory.create(path, experiment, data_record(data), {})
    models.create("cgan").generator.save(run.generator_path)
    log = {"d_loss": 1.2, "g_loss": 0.7, "d_real": 0.6, "d_fake_before": 0.5, "d_fake_after": 0.4}
    run.metrics_csv.write_text(csv_text([{"epoch": e, "step": 9 * e, **log} for e in (1, 2)]))
    return run


@pytest.fixture(scope="module")
def inputs(run):
    return run_inputs(run.path, num=80)


@pytest.fixture(scope="module")
def assessment(inputs, network):
    return assess(inputs, (), network)


@pytest.fixture(scope="module")
def outputs(assessment, tmp_path_factory):
    return write(assessment, tmp_path_factory.mktemp("out") / "evaluation")


class Page(HTMLParser):
    """Collects what a browser would load, and pictures without a description."""

    def __init__(self, text):
        super().__init__()
        self.loads, self.undescribed, self.headings = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.loads += [v for k, v in attributes if k in ("src", "href", "srcset", "data", "action")]
        if tag in ("script", "iframe", "object"):
            self.loads.append(tag)
        if tag == "img" and len(values.get("alt", "")) < 10:
            self.undescribed.append(tag)
        if tag == "h2":
            self.headings.append(tag)


def test_reference_is_the_test_part_in_its_proportions(inputs, run):
    assert inputs.reference_name == "test part"
    assert len(inputs.reference) == run.data["counts"]["test"]["all"]
    shares = np.bincount(inputs.reference.labels) / len(inputs.reference)
    drawn = np.bincount(inputs.fake.labels) / len(inputs.fake)
    np.testing.assert_allclose(drawn, shares, atol=0.04)
    assert set(inputs.held_out.hashes).isdisjoint(inputs.training.hashes)


def test_features_of_a_set_in_two_roles_are_in_memory_once(inputs, network, monkeypatch):
    seen = {}
    measure = assessment_module.measure
    monkeypatch.setattr(
        assessment_module, "measure", lambda chosen, real, *rest: seen.setdefault("real", real) and
        measure(chosen, real, *rest)
    )  # fmt: skip
    copies = assessment_module.check_copies
    monkeypatch.setattr(
        assessment_module, "check_copies",
        lambda *args: seen.setdefault("features", args[3]) and copies(*args),
    )  # fmt: skip
    assess(replace(inputs, reference=inputs.training), ("kid",), network)
    assert seen["real"].features is seen["features"]["training"]


def test_each_image_meets_the_network_once(inputs, network):
    # For all metrics, classes and the check for copies: the network is what an evaluation costs.
    seen = Counter()
    extractor = open_extractor(network)

    def counted(batch):
        seen.update(image.tobytes() for image in batch)
        return extractor.network(batch)

    assess(inputs, (), replace(extractor, network=counted))
    pools = (inputs.reference, inputs.training, inputs.held_out, inputs.fake)
    images = set().union(*(pool.hashes for pool in pools))
    assert seen.total() == len(images) == len(inputs.training) + len(inputs.held_out) + 80


def test_rows_of_all_and_of_each_class(assessment):
    assert {row.protocol.classes for row in assessment.rows} == {("all",)}
    assert assessment.rows[0].metric == "kid_tiny"
    assert assessment.rows[0].run == "young & <untrained>"


def test_classes_with_too_few_images_are_refused_by_name(assessment):
    # four or five test images in each class
    assert assessment.class_rows == []
    text = " ".join(assessment.refused)
    assert re.search(r"kid, fid, .*: \d real images are too few; at least 10 are needed", text)
    assert all(name in text for name in assessment.inputs.class_names)


def test_classes_with_enough_images_are_measured(run, network):
    inputs = run_inputs(run.path, against="phantom:fundus:15", num=80)
    assert inputs.reference_name == "all of phantom:fundus:15"
    found = assess(inputs, ("kid",), network, copies=False)
    assert len(found.class_rows) == 5
    assert {row.protocol.n_real for row in found.class_rows} == {15}
    assert found.copies is None and "Copies were not checked." in found.alarms


def test_verdict_is_kept_for_export(assessment, outputs, run):
    verdict = json.loads(outputs["copies"].read_text())
    assert verdict["passed"] is True
    assert verdict["run"] == run.path.name
    assert len(verdict["generator_sha256"]) == 64
    assert verdict["spaces"][0]["space"] == "features (tiny)"
    assert Image.open(outputs["pairs"]).size[0] > 100


def test_rows_are_appended(assessment, outputs):
    before = read_rows(outputs["rows"])
    write(assessment, outputs["rows"].parent)
    assert read_rows(outputs["rows"]) == before * 2


def test_report_holds_everything_and_loads_nothing(outputs):
    text = outputs["report"].read_text()
    page = Page(text)
    assert page.loads and all(value.startswith("data:") for value in page.loads)
    assert "@import" not in text and not re.search(r"url\((?!data:)", text)
    assert page.undescribed == []
    assert len(page.headings) == 9  # the sections, all but the images folded
    assert text.count("<details><summary><h2>") == 8 and "<details open" not in text
    assert 'name="viewport"' in text and "@media print" in text
    for part in (
        "kid_tiny", "D(x)", "Closest pairs", "digest of the split", "embedding_dim",
        "phantom fundus", "Not a proof of privacy",
        "The images called real are a phantom", "<figcaption>Phantom, test part",
    ):  # fmt: skip
        assert part in text, part


def test_the_first_screen_says_it_in_words_and_marks(assessment, outputs):
    text = outputs["report"].read_text()
    tiles = re.findall(r'<li class="(\w+)"><span class="soft">(\w+)</span>\s*<b>(.*?)</b>', text)
    assert [title for _, title, _ in tiles] == [
        "Alarms", "Copies", "Membership", "Subgroups", "Likeness", "Variety",
    ]  # fmt: skip
    words = {title: (state, re.sub("<.*?>", " ", said).split()) for state, title, said in tiles}
    assert words["Alarms"][0] == "bad" and words["Alarms"][1][0] == "✗"
    assert words["Copies"] == ("good", ["✓", "None", "found"])
    assert words["Membership"] == ("plain", ["Not", "audited"])
    assert words["Likeness"][1][0] == "KID"
    assert "prefers-color-scheme: dark" in text


def test_an_audited_run(inputs, network, run, tmp_path):
    # 30 phantoms of each of five classes
    with pytest.raises(InputError, match="45 images held out; at least 100 are needed"):
        assess(inputs, ("kid",), network, audit=True)
    held_out = joined([inputs.training.take(range(100)), inputs.held_out], "held-out images")
    few = replace(inputs, training=inputs.training.take(range(100, 105)), held_out=held_out)
    with pytest.raises(InputError, match="5 training images; at least 20 are needed"):
        assess(few, ("kid",), network, audit=True)
    known = inputs.training.without_repeats()
    enough = replace(inputs, training=known.take(range(30)), fake=known.take(range(30)))
    rest = joined([known.take(range(30, len(known))), inputs.held_out], "held-out images")
    found = assess(replace(enough, held_out=rest), ("kid",), network, copies=False, audit=True)
    assert found.membership.audit.alarm and any("ALARM" in alarm for alarm in found.alarms)
    names = [row.metric for row in found.trust_rows]
    assert len(names) == 4 * 2 * 3 and names[0] == "membership_monte_carlo_tiny"
    assert {"membership_domias_control_pixels", "membership_domias_difference_tiny"} <= {*names}
    counts = {row.metric: row.protocol.n_fake for row in found.trust_rows}
    roles = found.membership.audit.counts
    assert counts["membership_gan_leaks_pixels"] == 30
    assert counts["membership_gan_leaks_control_tiny"] == roles["control"] >= 20
    paths = write(found, tmp_path)
    audit = json.loads(paths["audit"].read_text())
    assert audit["alarm"] and audit["generator_sha256"] == inputs.generator_sha256
    assert "not a proof of privacy" in audit["caveat"]
    assert len((tmp_path / "audit.csv").read_text().splitlines()) == 1 + 8
    assert "ROC curves" in paths["report"].read_text()
    again = replace(found, membership=None)  # the same generator: what was found still holds
    assert '<td data-label="">ALARM' in write(again, tmp_path)["report"].read_text()
    other = replace(again, inputs=replace(inputs, generator_sha256="another"))
    write(other, tmp_path)
    assert not (tmp_path / "audit.json").exists() and not (tmp_path / "audit.svg").exists()


def test_names_are_escaped(outputs):
    text = outputs["report"].read_text()
    assert "young &amp; &lt;untrained&gt;" in text and "<untrained>" not in text


def test_changed_data_are_refused(run, tmp_path):
    data = run.path / "data.json"
    original = data.read_text()
    changed = json.loads(original) | {"digest": "0" * 64}
    data.write_text(json.dumps(changed))
    try:
        with pytest.raises(InputError, match=r"not the images that .* was trained on"):
            run_inputs(run.path, num=20)
    finally:
        data.write_text(original)


@pytest.mark.parametrize("elsewhere", [True, False])
def test_a_run_is_judged_by_the_split_that_it_had(tmp_path, elsewhere):
    """Also where its file is gone or changed, and the images are given by --against."""
    from tfmedgan import models

    base, path = ARCHITECTURES["cgan"], tmp_path / "split.json"
    config = replace(base.data, source="phantom:fundus:30:0")
    prepare(config, 7).split.write(path)
    experiment = replace(base, data=replace(config, split_file=str(path)))
    data = prepare(experiment.data, experiment.seed)
    run = RunDirectory.create(tmp_path / "run", experiment, data_record(data), {})
    models.create("cgan").generator.save(run.generator_path)
    prepare(config, 8).split.write(path)
    inputs = run_inputs(run.path, against=config.source if elsewhere else None, num=20)
    assert inputs.reference.names == data.parts["test"].names
    assert inputs.training.names == data.parts["train"].names


def test_missing_generator_is_refused(run, tmp_path):
    bare = tmp_path / "bare"
    bare.mkdir()
    (bare / "config.json").write_text(run.config_path.read_text())
    with pytest.raises(InputError, match=r"generator\.keras: missing; finish the run"):
        run_inputs(bare)


def test_any_folder_against_a_source(tmp_path, images, network):
    for name, part in (("fake", images[:25]), ("real", images[25:])):
        for index, image in enumerate(part):
            (tmp_path / name).mkdir(exist_ok=True)
            Image.fromarray(image[..., 0]).save(tmp_path / name / f"{index}.png")
    inputs = folder_inputs(str(tmp_path / "fake"), str(tmp_path / "real"))
    assert inputs.fake.read(0).shape == (24, 24, 1)
    assert (len(inputs.fake), len(inputs.reference)) == (25, 35)
    found = assess(inputs, ("kid",), network, cache=FeatureCache(tmp_path / "cache"))
    assert found.copies.verdict["compared_with"] == "other training images"
    assert len(list((tmp_path / "cache").iterdir())) == 2
    assert write(found, tmp_path / "out")["report"].stat().st_size > 10_000
    with pytest.raises(InputError, match="add --against SOURCE"):
        folder_inputs(str(tmp_path / "fake"), None)


def test_dominance_is_three_epochs_in_a_row():
    row = {"d_real": 0.995, "d_fake_before": 0.001}
    even = {"d_real": 0.6, "d_fake_before": 0.4}
    log = [even, row, row, even, row, row, row]
    history = [{"epoch": i + 1, **values} for i, values in enumerate(log)]
    assert dominated(history[:6]) is None
    assert dominated(history) == 5
    assert "from epoch 5" in alarms(history, [], {"passed": True})[0]
    assert dominated([{"epoch": 1, "critic_loss": 3.0}]) is None


def test_alarms_of_rows(assessment):
    # an untrained generator repeats itself
    assert any("Little diversity" in alarm for alarm in assessment.alarms)
