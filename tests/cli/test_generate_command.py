"""tfmedgan-generate: the path between latent vectors, truncation, the nearest training images."""

import csv
import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageSequence

from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.cli.generate import generate
from tfmedgan.cli.generate_options import GenerateOptions
from tfmedgan.data.masks import OUTLINE, masks_of, without_mask
from tfmedgan.data.prepare import prepare
from tfmedgan.data.sources import open_source
from tfmedgan.data.steps import adapted
from tfmedgan.errors import InputError
from tfmedgan.models import sampling
from tfmedgan.run_directory import RunDirectory, data_record
from tfmedgan.synthetic_png import MARK

TILE, MARGIN = 64, 2  # of images of 32×32 in a grid


def make(architecture, source, folder, **fields):
    """A run as training leaves it, with an untrained generator."""
    from tfmedgan import models

    base = ARCHITECTURES[architecture]
    model = replace(base.model, **fields)
    data = replace(
        base.data, source=str(source), masks=model.has_mask,
        steps=adapted(base.data.steps, model.image_shape),
    )  # fmt: skip
    experiment = replace(base, data=data, model=model)
    record = data_record(prepare(experiment.data, experiment.seed))
    run = RunDirectory.create(folder, experiment, record, {})
    models.create(experiment.model, seed=1).generator.save(run.generator_path)
    return run


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Two classes, 32×32 pixels, in colour."""
    return make("cgan", "phantom:foot:30", tmp_path_factory.mktemp("run") / "run", n_classes=2)


@pytest.fixture
def written(run, tmp_path, capsys):
    """Function: the folder, and the names of the files in it, that options give."""

    def write(**options):
        out = tmp_path / str(len(list(tmp_path.iterdir())))
        generate(GenerateOptions(run=run.path, out=out, as_json=True, **options))
        result = json.loads(capsys.readouterr().out)
        assert result["folder"] == str(out)
        assert sorted(result["files"]) == sorted(
            p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file()
        )
        return out, result["files"]

    return write


def pixels(path):
    return np.asarray(Image.open(path)).astype(int)


def tiles(picture):
    """Images, (R, C, 32, 32, 3), of a grid of which the names are cut off."""
    step = TILE + 2 * MARGIN
    rows, columns = picture.shape[0] // step, picture.shape[1] // step
    cut = picture.reshape(rows, step, columns, step, 3).swapaxes(1, 2)
    return cut[:, :, MARGIN:-MARGIN:2, MARGIN:-MARGIN:2]


def test_the_path_begins_at_the_images_of_the_same_seed(run, written):
    out, files = written(interpolate=True, num=3, steps=4, seed=5)
    assert files == ["strip.png", "animation.png"]
    strip = pixels(out / "strip.png")
    columns = 2 * 4 + 1
    named = strip.shape[1] - columns * (TILE + 2 * MARGIN)  # room for the classes' names
    assert named > 0 and strip.shape[0] == 2 * (TILE + 2 * MARGIN)
    path = tiles(strip[:, named:])
    assert path.shape == (2, columns, 32, 32, 3)
    for row, name in enumerate(run.class_names):
        samples, files = written(num=3, seed=5, label=name)
        drawn = np.stack([pixels(samples / file) for file in files])
        assert np.abs(path[row, ::4] - drawn).max() <= 1  # sums of another batch size
        assert np.abs(path[row, 2] - drawn[0]).max() > 1


def test_the_animation_goes_on_to_the_first_image_and_is_marked(run, written):
    out, _ = written(interpolate=True, num=3, steps=4, label=run.class_names[1])
    with Image.open(out / "animation.png") as image:
        assert image.n_frames == 3 * 4 and image.info["loop"] == 0
        assert image.text["Synthetic"] == MARK and image.text["Seed"] == "0"
        assert len(image.text["Model"]) == 64
        frames = np.stack([np.asarray(f.convert("RGB")) for f in ImageSequence.Iterator(image)])
    strip = Image.open(out / "strip.png")
    assert strip.text == image.text
    shown = np.concatenate([tiles(f[:, -TILE - 2 * MARGIN :])[0] for f in frames.astype(int)])
    named = frames.shape[2] - TILE - 2 * MARGIN
    np.testing.assert_array_equal(shown[:9], tiles(np.asarray(strip)[:, named:].astype(int))[0])
    apart = np.abs(np.diff(np.concatenate([shown, shown[:1]]), axis=0)).mean(axis=(1, 2, 3))
    assert apart.max() < 3 * apart.min()  # the way back is no jump


def test_truncation_is_recorded_and_a_large_one_changes_nothing(written):
    folders = {t: written(num=4, truncation=t, arrays=True) for t in (None, 0.5, 9.0)}
    arrays = {t: np.load(out / "images.npz") for t, (out, _) in folders.items()}
    images = {t: a["images"].astype(int) for t, a in arrays.items()}
    np.testing.assert_array_equal(images[9.0], images[None])
    assert np.abs(images[0.5] - images[None]).max() > 1
    assert arrays[0.5]["Truncation"] == 0.5 and "Truncation" not in arrays[None]
    out, files = folders[0.5]
    assert Image.open(out / files[0]).text["Truncation"] == "0.5"
    assert len(open_source(str(out / "images.npz")).records) == 4


def test_the_nearest_training_images_stand_beside_the_generated_ones(run, written):
    out, files = written(num=6, nearest="pixels", grid=True)
    assert files[-3:] == ["grid.png", "nearest.png", "nearest.csv"]
    with open(out / "nearest.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["image"] for row in rows] == files[:6]
    data = prepare(run.experiment.data, run.experiment.seed).parts["train"]
    assert {row["nearest"] for row in rows} <= set(data.names)
    with Image.open(out / "nearest.png") as image:
        assert image.text["Synthetic"].startswith("odd columns, made by a generative model")
        picture = np.asarray(image)
    step = TILE + 2 * MARGIN
    pair = tiles(picture[:step, : 2 * step])[0]
    np.testing.assert_array_equal(pair[0], pixels(out / files[0]))
    np.testing.assert_array_equal(pair[1], data.images[data.names.index(rows[0]["nearest"])])
    assert [r.name for r in open_source(str(out)).records] == sorted(files[:6])


def test_truncation_is_refused_where_only_the_direction_counts(tmp_path):
    run = make("rgan", "phantom:foot:20", tmp_path / "run", ngf=4, ndf=4)
    with pytest.raises(InputError, match=r"--truncation 1.0: rgan .* its direction alone"):
        generate(GenerateOptions(run=run.path, truncation=1.0))
    assert not (run.path / "generated-0").exists()


def test_changed_training_images_are_not_shown(tmp_path):
    run = make("cgan", "phantom:foot:30", tmp_path / "run", n_classes=2)
    record = json.loads((run.path / "data.json").read_text())
    (run.path / "data.json").write_text(json.dumps(record | {"digest": "another"}))
    with pytest.raises(InputError, match=r"these are not the images that .* was trained on"):
        generate(GenerateOptions(run=run.path, nearest="pixels"))
    assert not (run.path / "generated-0").exists()


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    """A run on grey and coloured circles with their masks, two classes, 32×32 pixels."""
    root = tmp_path_factory.mktemp("pairs")
    y, x = np.indices((40, 40))
    for index in range(24):
        disc = (y - 14 - index % 7) ** 2 + (x - 12 - index % 11) ** 2 < 30 + 4 * index
        image = np.random.default_rng(index).integers(0, 99, (40, 40, 3)) + 150 * disc[..., None]
        for kind, pixels in (("images", image), ("masks", disc * 255)):
            path = root / "set" / kind / "ab"[index % 2] / f"{index}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels.astype(np.uint8)).save(path)
    shape = {"image_shape": (32, 32, 4), "ngf": 4, "ndf": 4}
    return make("rgan", root / "set", root / "run", n_classes=2, **shape)


def test_pairs_are_written_shown_and_read_back(pairs, tmp_path):
    out = tmp_path / "made"
    generate(
        GenerateOptions(run=pairs.path, out=out, num=12, grid=True, nearest="pixels", arrays=True)
    )
    expected = sampling.sample(sampling.load_generator(pairs.generator_path), 12, 0)
    marked = masks_of(expected)
    assert 0 < marked.mean() < 1
    for index, (image, mask) in enumerate(zip(without_mask(expected), marked, strict=True)):
        name = f"{'ab'[index % 2]}/{index:06d}.png"
        np.testing.assert_array_equal(pixels(out / "images" / name), image)
        np.testing.assert_array_equal(pixels(out / "masks" / name), mask * 255)
        assert all(Image.open(out / kind / name).text["Synthetic"] == MARK
                   for kind in ("images", "masks"))  # fmt: skip
    with np.load(out / "images.npz") as arrays:
        np.testing.assert_array_equal(arrays["images"], without_mask(expected))
        np.testing.assert_array_equal(arrays["masks"], marked * np.uint8(255))
    assert pixels(out / "grid.png").shape == (2 * 132, 8 * 132, 3)  # enlarged for the outlines
    for source in (out, out / "images.npz"):
        config = replace(pairs.experiment.data, source=str(source), fractions=(1.0, 0.0, 0.0))
        again = prepare(config, 0)
        assert again.class_names == ("a", "b")
        order = np.argsort([name.split("/")[-1] for name in again.parts["train"].names])
        np.testing.assert_array_equal(
            masks_of(again.parts["train"].images[order]), marked, err_msg=str(source)
        )


def test_the_path_between_pairs_shows_their_masks(pairs, tmp_path):
    out = tmp_path / "path"
    generate(GenerateOptions(run=pairs.path, out=out, interpolate=True, num=2, steps=2))
    assert (pixels(out / "strip.png") == OUTLINE).all(axis=2).any()


def test_styles_are_mixed_and_an_image_is_projected(tmp_path, capsys, monkeypatch):
    from tfmedgan.models import projection, style_space

    monkeypatch.setattr(style_space, "VECTORS", 100)
    monkeypatch.setattr(projection, "STEPS", 5)
    few = {"channel_base": 128, "channel_max": 8, "latent_dim": 8, "mapping_layers": 2}
    run = make("stylegan2", "phantom:foot:20", tmp_path / "run", **few)
    generate(GenerateOptions(run=run.path, style_mixing=True, num=2))
    with Image.open(run.path / "mixing-0" / "mixing.png") as image:
        assert image.text["Synthetic"] == MARK
        assert image.size == (6 * (64 + 2 * MARGIN), 2 * (64 + 2 * MARGIN))
    generate(GenerateOptions(run=run.path, num=1, truncation=0.7))
    given = run.path / "generated-0" / "000000.png"
    generate(GenerateOptions(run=run.path, project=given))
    assert "grey levels apart" in capsys.readouterr().out
    out = run.path / "projection-000000"
    facts = json.loads((out / "projection.json").read_text())
    assert facts["rmse_grey_levels"] >= 0 and len(facts["style"]) == 8
    with Image.open(out / "beside.png") as image:
        assert image.text["Synthetic"].startswith("right image, made by a generative model")
    with pytest.raises(InputError, match=r"--truncation 1.5: the share of the distance"):
        generate(GenerateOptions(run=run.path, truncation=1.5))


def test_styles_are_refused_where_there_are_none(run):
    for options in ({"style_mixing": True}, {"project": run.path / "config.json"}):
        with pytest.raises(InputError, match="cgan has no styles, stylegan2 has; leave out --"):
            generate(GenerateOptions(run=run.path, **options))


def test_grey_is_the_mean_of_the_channels_and_is_recorded(written):
    made, grey = (written(num=4, grey=g, arrays=True, grid=True)[0] for g in (False, True))
    colours, mean = (np.load(folder / "images.npz")["images"] for folder in (made, grey))
    assert np.abs(colours - colours[..., :1].astype(int)).max() > 0
    assert (mean == mean[..., :1]).all() and mean.shape == colours.shape
    assert np.abs(mean[..., 0] - colours.astype(float).mean(axis=-1)).max() <= 1
    picture = Image.open(next(grey.rglob("000000.png")))
    assert picture.text["Channels"] == "their mean" and picture.text["Synthetic"] == MARK
    assert "Channels" not in Image.open(next(made.rglob("000000.png"))).text


def test_grey_is_refused_where_images_are(tmp_path):
    run = make(
        "dcgan64", "phantom:chest:30", tmp_path / "run", image_shape=(32, 32, 1), ngf=4, ndf=4
    )
    with pytest.raises(InputError, match="makes grey images as they are; leave out --grey"):
        generate(GenerateOptions(run=run.path, grey=True))


def test_a_mask_stays_beside_grey_images(tmp_path):
    run = make("rgan", "phantom:foot:60", tmp_path / "run", image_shape=(32, 32, 4), ngf=4, ndf=4)
    generate(GenerateOptions(run=run.path, out=tmp_path / "out", num=4, grey=True, arrays=True))
    with np.load(tmp_path / "out" / "images.npz") as file:
        assert (file["images"] == file["images"][..., :1]).all() and file["masks"].max() <= 255
    generate(GenerateOptions(run=run.path, out=tmp_path / "made", num=4, arrays=True))
    with (
        np.load(tmp_path / "out" / "images.npz") as grey,
        np.load(tmp_path / "made" / "images.npz") as made,
    ):
        assert (grey["masks"] == made["masks"]).all()
