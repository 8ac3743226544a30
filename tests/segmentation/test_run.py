"""A U-Net's run: it learns, stops, resumes exactly, is measured on images never seen, predicts."""

import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from tests.segmentation.conftest import discs, write_discs
from tfmedgan.config import AdamConfig, DataConfig
from tfmedgan.data.masks import masks_of, without_mask
from tfmedgan.data.steps import Resize, ToRGB
from tfmedgan.errors import InputError
from tfmedgan.segmentation import SegmentationExperiment, UNetConfig
from tfmedgan.segmentation.assessment import assess, write
from tfmedgan.segmentation.config import CLASSICAL
from tfmedgan.segmentation.files import images_below, targets
from tfmedgan.segmentation.fitting import paired
from tfmedgan.segmentation.parts import prepared
from tfmedgan.segmentation.prediction import load_unet, predict_folder
from tfmedgan.segmentation.run import SegmentationRun, fitted, resume, train
from tfmedgan.segmentation.scores import image_scores
from tfmedgan.supervised import fitting


def experiment(folder, **fields) -> SegmentationExperiment:
    given = {"optimizer": AdamConfig(1e-2, 0.9), "batch_size": 4, "epochs": 5, "patience": 0}
    data = DataConfig(
        source=str(folder), steps=(ToRGB(), Resize(32), *CLASSICAL), masks=True,
        fractions=(0.6, 0.2, 0.2),
    )  # fmt: skip
    network = UNetConfig((32, 32, 3), width=4, depth=2)
    return SegmentationExperiment(data, network, **{**given, **fields})


@pytest.fixture(scope="module")
def finished_run(disc_folder, tmp_path_factory):
    place = tmp_path_factory.mktemp("runs") / "run"
    train(experiment(disc_folder), place, progress=False)
    return SegmentationRun.open(place)


def test_it_learns_and_the_scores_are_of_the_test_part(finished_run, tmp_path):
    assessment = assess(finished_run, replicates=50)
    rows = {row["metric"]: row for row in assessment.rows}
    assert rows["dice"]["value"] > 0.8 and rows["hd95"]["value"] < 5
    assert rows["dice"]["protocol"]["n_test"] == len(finished_run.data["split"]["test"]) == 12
    masks = masks_of(assessment.images.images)
    direct = image_scores(masks, assessment.predicted)
    paths = write(assessment, tmp_path / "out")
    assert json.loads(paths["scores.json"].read_text())["rows"][0]["value"] == direct["dice"].mean()
    lines = paths["images.csv"].read_text().splitlines()
    assert lines[0] == "image,mask_share,predicted_share,dice,iou,hd95" and len(lines) == 13
    assert Image.open(paths["cases.png"]).size > (400, 400)


def test_resume_equals_an_uninterrupted_run(finished_run, disc_folder, tmp_path, monkeypatch):
    """Killed on files and gone on with on the same arrays: bit for bit what files alone give."""
    config, place, kept = experiment(disc_folder), tmp_path / "run", fitting.append_row

    def killed_in_the_third(path, epoch):
        kept(path, epoch)
        if epoch["epoch"] == 3:  # its row is written, its checkpoint not yet
            raise KeyboardInterrupt

    monkeypatch.setattr(fitting, "append_row", killed_in_the_third)
    with pytest.raises(KeyboardInterrupt):
        train(config, place, progress=False)
    monkeypatch.setattr(fitting, "append_row", kept)
    parts = prepared(config.data, config.seed).parts
    train_part, validation = (
        paired(without_mask(parts[name].images), masks_of(parts[name].images))
        for name in ("train", "validation")
    )
    segmenter = fitted(config, train_part, validation, place)
    images = without_mask(parts["test"].images)
    assert np.array_equal(segmenter.logits(images), load_unet(finished_run).logits(images))
    resume(place, progress=False)  # nothing is left to train: it writes what a run ends with
    again = SegmentationRun.open(place)
    assert again.history() == finished_run.history()
    assert again.summary == finished_run.summary
    weights = [load_unet(run).network.get_weights() for run in (again, finished_run)]
    assert all(map(np.array_equal, *weights))
    expected = segmenter.logits(images)
    anew = fitted(config, train_part, validation, former=segmenter)
    assert anew is segmenter and np.array_equal(expected, anew.logits(images))


def test_another_source_is_used_whole(finished_run, tmp_path):
    other = replace(experiment(write_discs(tmp_path, 1)).data, fractions=(1.0, 0.0, 0.0))
    assessment = assess(finished_run, other, replicates=10)
    assert len(assessment.images) == 60
    assert assessment.rows[0]["protocol"]["test"].startswith("all of")


def test_training_images_are_no_other_source(finished_run, disc_folder):
    with pytest.raises(InputError, match=r"leak: 36 of the 60 images of .* are, or look like"):
        assess(finished_run, experiment(disc_folder).data)


def test_masks_of_files_have_their_size_and_lie_where_the_discs_are(
    finished_run, disc_folder, tmp_path
):
    source = tmp_path / "photographs"
    (source / "ward").mkdir(parents=True)
    images, masks = discs(2, 7, 90)
    for index, image in enumerate(images):  # 90 wide and 60 high
        Image.fromarray(image[15:75]).save(source / "ward" / f"{index}.png")
    out = tmp_path / "masks"
    written = predict_folder(finished_run, source, out, overlay=True)
    assert [p.image for p in written] == ["ward/0.png", "ward/1.png"]
    for index, mask in enumerate(masks):
        predicted = np.asarray(Image.open(out / "ward" / f"{index}.png"))
        assert predicted.shape == (60, 90) and set(np.unique(predicted)) == {0, 255}
        (dice,) = image_scores(mask[np.newaxis, 15:75], predicted[np.newaxis] > 0)["dice"]
        assert dice > 0.75
        assert Image.open(out / "overlays" / "ward" / f"{index}.png").size == (90, 60)
    with pytest.raises(InputError, match=r"ward/0.png: exists already; choose another --out"):
        predict_folder(finished_run, source, out)


def test_a_damaged_image_leaves_no_masks(finished_run, tmp_path):
    source = tmp_path / "photographs"
    source.mkdir()
    Image.new("RGB", (20, 20)).save(source / "a.png")
    (source / "b.png").write_bytes((source / "a.png").read_bytes()[:60])
    with pytest.raises(InputError, match=r"b.png: truncated PNG"):
        predict_folder(finished_run, source, tmp_path / "masks")
    assert not (tmp_path / "masks").exists()


def test_what_is_stopped_leaves_no_masks(finished_run, tmp_path):
    source = tmp_path / "photographs"
    source.mkdir()
    for name in "abc":
        Image.new("RGB", (20, 20)).save(source / f"{name}.png")

    def stop(done, total, what):
        if (done, what) == (2, "writing"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        predict_folder(finished_run, source, tmp_path / "masks", progress=stop)
    assert [path.name for path in tmp_path.iterdir()] == ["photographs"]
    assert len(predict_folder(finished_run, source, tmp_path / "masks")) == 3


def test_two_images_of_one_name_are_refused(tmp_path):
    for name in ("a.png", "a.bmp"):
        Image.new("L", (8, 8)).save(tmp_path / name)
    with pytest.raises(InputError, match=r"a.png: both a.bmp and a.png would go there"):
        targets(images_below(tmp_path), tmp_path / "out", overlay=False)


def test_publishers_who_keep_the_masks_of_their_test_part(tmp_path):
    """Their validation part is tested on, and some of the training images validate."""
    images, masks = discs(30, 3)
    for index, (image, mask) in enumerate(zip(images, masks, strict=True)):
        part = "train" if index < 20 else "validation" if index < 25 else "test"
        for kind, picture in (("images", image), ("masks", mask.astype(np.uint8) * 255)):
            if (part, kind) != ("test", "masks"):
                place = tmp_path / part / kind
                place.mkdir(parents=True, exist_ok=True)
                Image.fromarray(picture).save(place / f"{index}.png")
    config = replace(experiment(tmp_path).data, fractions=(0.75, 0.25, 0.0))
    data = prepared(config, 0)
    assert {name: len(part) for name, part in data.parts.items()} == {
        "train": 15, "validation": 5, "test": 5,
    }  # fmt: skip
    assert all(name.startswith("validation") for name in data.parts["test"].names)
    assert data.split.test == data.parts["test"].names
    assert "the 5 validation images are the test part, and 5 of 20" in data.notes[-1]
    assert not set(data.split.train) & set(data.split.validation)


def test_an_unfinished_run_has_no_network(disc_folder, tmp_path):
    (tmp_path / "config.json").write_text(experiment(disc_folder).to_json())
    with pytest.raises(InputError, match=r"unet.keras: missing; the run is not finished"):
        load_unet(SegmentationRun.open(tmp_path))


def test_training_without_a_mask_is_refused(disc_folder, tmp_path):
    for name in ("images", "masks"):
        (tmp_path / name).mkdir()
    for index in range(20):
        noise = np.random.default_rng(index).integers(0, 256, (32, 32, 3)).astype(np.uint8)
        Image.fromarray(noise).save(tmp_path / "images" / f"{index}.png")
        Image.new("L", (32, 32)).save(tmp_path / "masks" / f"{index}.png")
    with pytest.raises(InputError, match="all masks of the training part are empty"):
        train(experiment(tmp_path), tmp_path / "run", progress=False)


def test_data_without_masks_is_refused():
    with pytest.raises(InputError, match="a U-Net learns from masks"):
        SegmentationExperiment(DataConfig(steps=(Resize(64),)), UNetConfig())
