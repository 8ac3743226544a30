"""A classifier's run: it learns, stops, resumes exactly, is calibrated, and predicts."""

import json
from dataclasses import replace

import keras
import numpy as np
import pytest
from PIL import Image

from tfmedgan.classifiers import CLASSIFIERS, ClassifierExperiment
from tfmedgan.classifiers.assessment import assess, write
from tfmedgan.classifiers.catalogue.small_cnn import SmallCNNConfig
from tfmedgan.classifiers.catalogue.vgg19 import VGG19Config
from tfmedgan.classifiers.classical import fit_last_layer
from tfmedgan.classifiers.fitting import class_weights
from tfmedgan.classifiers.networks import build
from tfmedgan.classifiers.prediction import load_classifier, predict_files
from tfmedgan.classifiers.run import ClassifierRun, resume, train
from tfmedgan.config import AdamConfig, DataConfig
from tfmedgan.data.prepare import prepare
from tfmedgan.data.records import ImageArrays
from tfmedgan.data.steps import FlipHorizontal, Resize, ToRGB
from tfmedgan.errors import InputError, JobError
from tfmedgan.supervised import fitting
from tfmedgan.supervised.fitting import best_epoch, finished
from tfmedgan.supervised.predictor import Predictor


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return striped(tmp_path_factory.mktemp("images"), 0)


def striped(place, seed: int):
    """Noise with lying or standing stripes, 40 images each: a task that few epochs learn."""
    generator = np.random.default_rng(seed)
    stripes = np.where(np.arange(20) // 3 % 2, 60, -60)[:, np.newaxis, np.newaxis]
    for name, pattern in (("lying", stripes), ("standing", stripes.transpose(1, 0, 2))):
        (place / name).mkdir()
        for index in range(40):
            image = generator.normal(128 + pattern, 30, (20, 20, 3)).clip(0, 255)
            Image.fromarray(image.astype(np.uint8)).save(place / name / f"{index}.png")
    return place


def experiment(folder, **fields) -> ClassifierExperiment:
    given = {"optimizer": AdamConfig(5e-3, 0.9), "batch_size": 8, "epochs": 5, "patience": 0}
    given |= fields
    data = DataConfig(source=str(folder), steps=(ToRGB(), Resize(16), FlipHorizontal()))
    return ClassifierExperiment(data, SmallCNNConfig((16, 16, 3), filters=(8, 16)), **given)


@pytest.fixture(scope="module")
def finished_run(folder, tmp_path_factory):
    place = tmp_path_factory.mktemp("runs") / "run"
    train(experiment(folder), place, progress=False)
    return ClassifierRun.open(place)


def test_it_learns_and_the_scores_are_of_the_test_part(finished_run, tmp_path):
    assessment = assess(finished_run, replicates=50)
    rows = {row["metric"]: row for row in assessment.rows}
    assert rows["auroc"]["value"] > 0.9
    assert rows["auroc"]["protocol"]["n_test"] == len(finished_run.data["split"]["test"]) == 12
    paths = write(assessment, tmp_path / "out")
    content = json.loads(paths["scores.json"].read_text())
    assert np.sum(content["confusion"]) == 12
    assert content["per_class"]["standing"]["recall"] == rows["recall"]["value"]
    assert len(paths["predictions.csv"].read_text().splitlines()) == 13


def test_other_images_must_have_the_same_classes(finished_run):
    other = DataConfig(source="phantom:foot:20", steps=(ToRGB(), Resize(16)))
    with pytest.raises(InputError, match="has the classes not infected, infected; the classifier"):
        assess(finished_run, other)


def test_all_images_of_another_source_are_used(finished_run, tmp_path):
    source, steps = str(striped(tmp_path, 1)), (ToRGB(), Resize(16))
    other = DataConfig(source=source, steps=steps, fractions=(0.5, 0.25, 0.25))
    assessment = assess(finished_run, other, replicates=10)
    assert len(assessment.images) == 80
    assert assessment.rows[0]["protocol"]["test"].startswith("all of")


def test_training_images_are_no_other_source(finished_run, folder):
    with pytest.raises(InputError, match=r"leak: 56 of the 80 images of .* are, or look like"):
        assess(finished_run, DataConfig(source=str(folder), steps=(ToRGB(), Resize(16))))


def test_resume_equals_an_uninterrupted_run(finished_run, folder, tmp_path, monkeypatch):
    kept = fitting.append_row

    def killed_after_two(path, epoch):
        kept(path, epoch)
        if epoch["epoch"] == 3:  # its row is written, its checkpoint not yet
            raise KeyboardInterrupt

    monkeypatch.setattr(fitting, "append_row", killed_after_two)
    with pytest.raises(KeyboardInterrupt):
        train(experiment(folder), tmp_path / "run", progress=False)
    monkeypatch.setattr(fitting, "append_row", kept)
    resume(tmp_path / "run", progress=False)
    again = ClassifierRun.open(tmp_path / "run")
    assert again.history() == finished_run.history()
    assert again.summary == finished_run.summary
    weights = [load_classifier(run).get_weights() for run in (again, finished_run)]
    assert all(map(np.array_equal, *weights))


def test_the_saved_network_gives_the_calibrated_probabilities(finished_run):
    model = load_classifier(finished_run)
    images = np.random.default_rng(1).integers(0, 256, (5, 16, 16, 3)).astype(np.uint8)
    logits = keras.Model(model.inputs, model.get_layer("logits").output)
    scaled = Predictor(logits)(images) / finished_run.summary["temperature"]
    wanted = np.exp(scaled) / np.exp(scaled).sum(axis=1, keepdims=True)
    assert np.allclose(Predictor(model)(images), wanted, atol=1e-6)


def test_calibration_does_not_raise_the_likelihood(finished_run):
    facts = finished_run.summary["validation"]
    assert facts["nll_after"] <= facts["nll_before"] + 1e-9


def test_files_are_classified_one_by_one(finished_run, folder):
    paths = [folder / "standing" / "0.png", folder / "lying" / "1.png"]
    predictions = predict_files(finished_run, paths)
    assert [p.label for p in predictions] == ["standing", "lying"]
    assert all(sum(p.probabilities.values()) == pytest.approx(1) for p in predictions)
    assert all(0 < p.seconds < 5 for p in predictions)


def test_changed_images_stop_a_resume(finished_run, folder, tmp_path, monkeypatch):
    monkeypatch.setitem(finished_run.data, "digest", "0" * 64)
    with pytest.raises(InputError, match="has changed since the run"):
        assess(finished_run)


def test_a_loss_that_is_not_finite_ends_the_run(folder, tmp_path):
    wild = experiment(folder, optimizer=AdamConfig(1e30, 0.9))
    with pytest.raises(JobError, match="no longer finite"):
        train(wild, tmp_path / "run", progress=False)


def test_an_unfinished_run_has_no_classifier(folder, tmp_path):
    (tmp_path / "config.json").write_text(experiment(folder).to_json())
    with pytest.raises(InputError, match=r"classifier.keras: missing; the run is not finished"):
        load_classifier(ClassifierRun.open(tmp_path))


def test_stopping_and_the_best_epoch():
    config = replace(CLASSIFIERS["small-cnn"], epochs=9, patience=2)
    history = [{"val_loss": loss} for loss in (3.0, 1.0, 2.0)]
    assert best_epoch(history) == 2 and not finished(config, history)
    assert finished(config, [*history, {"val_loss": 1.5}])
    assert not finished(config, [*history, {"val_loss": 0.5}])
    assert finished(replace(config, epochs=3), history)
    assert not finished(replace(config, patience=0), 8 * history[:1])


def test_class_weights_are_those_of_scikit_learn():
    from sklearn.utils.class_weight import compute_class_weight

    labels = np.repeat([0, 1, 2], [50, 30, 20]).astype(np.int32)
    arrays = ImageArrays(np.zeros((100, 1, 1, 1), np.uint8), labels, ("",) * 100)
    wanted = compute_class_weight("balanced", classes=np.arange(3), y=labels)
    assert np.allclose(class_weights(arrays, 3, True), wanted)
    assert np.allclose(class_weights(arrays, 3, False), 1)
    evened = replace(arrays, draws=np.concatenate([np.arange(100), np.arange(80, 100)]))
    counts = np.array([50, 30, 40])
    assert np.allclose(class_weights(evened, 3, True), 120 / (3 * counts))


@pytest.mark.parametrize("classes", [2, 3])
def test_the_last_layer_is_scikit_learns_logistic_regression(classes):
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    kind = {2: "foot", 3: "fundus"}[classes]
    names = {2: (), 3: ("no DR", "moderate", "proliferative")}[classes]
    data = DataConfig(source=f"phantom:{kind}:24", steps=(ToRGB(), Resize(32)), classes=names)
    config = ClassifierExperiment(data, VGG19Config((32, 32, 3), n_classes=classes))
    part = prepare(data, 0).parts["train"]
    network = build(config.network)
    fit_last_layer(network, config, part)
    features = keras.Model(network.inputs, network.get_layer("features").output)
    scaled = StandardScaler().fit_transform(Predictor(features)(part.images).astype(float))
    wanted = LogisticRegression(class_weight="balanced", max_iter=2000).fit(scaled, part.labels)
    outputs = Predictor(network)(part.images)
    logits = wanted.decision_function(scaled)
    if classes == 2:
        assert np.allclose(outputs[:, 1] - outputs[:, 0], logits, atol=1e-2)
    else:
        assert np.allclose(outputs, logits, atol=1e-2)
