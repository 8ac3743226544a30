"""evaluate(): rows, names, independence of order and batch size, refusals."""

import math

import numpy as np
import pytest
from PIL import Image

from tfmedgan.errors import InputError
from tfmedgan.evaluation import evaluate
from tfmedgan.evaluation.features import Extractor
from tfmedgan.evaluation.images import array_pool, open_pool


def _values(rows):
    return {row.metric: row.value for row in rows}


def test_rows_carry_their_protocol(network, images):
    rows = evaluate(images[:25], images[25:], features=network, seed=3)
    names = [row.metric for row in rows]
    assert names[0] == "kid_tiny"
    assert {"fid_tiny", "recall_tiny", "coverage_tiny", "ms_ssim_fake"} <= set(names)
    protocol = rows[0].protocol
    assert (protocol.n_fake, protocol.n_real, protocol.features) == (25, 35, 8)
    assert protocol.resizer.endswith("to 16×16") and protocol.seed == 3
    assert rows[-1].protocol.extractor == "pixels"
    assert all(math.isfinite(row.value) for row in rows)
    assert all(row.low <= row.value <= row.high for row in rows if row.low is not None
               and not row.metric.startswith("fid_floor"))  # fmt: skip


def test_order_and_batch_size_do_not_matter(network, images):
    # 1e-4: KID subtracts nearly equal sums of float32 features
    first = _values(evaluate(images[:25], images[25:], features=network))
    second = _values(evaluate(images[:25][::-1], images[25:][::-1], features=network, batch_size=7))
    assert first.keys() == second.keys()
    for name, value in first.items():
        assert second[name] == pytest.approx(value, rel=1e-4, abs=1e-7), name


def test_same_seed_same_rows(network, images):
    again = [evaluate(images[:25], images[25:], ("kid",), network, seed=s) for s in (1, 1, 2)]
    assert again[0] == again[1]
    assert again[0][0].value != again[2][0].value


def test_folders_equal_arrays(network, images, tmp_path):
    for name, part in (("fake", images[:20]), ("real", images[20:])):
        (tmp_path / name).mkdir()
        for index, image in enumerate(part):
            Image.fromarray(image[..., 0]).save(tmp_path / name / f"{index}.png")
    rows = evaluate(tmp_path / "fake", str(tmp_path / "real"), ("kid",), network)
    assert rows[0].value == evaluate(images[:20], images[20:], ("kid",), network)[0].value
    assert rows[0].protocol.image_size == (24, 24, 1)
    assert rows[0].protocol.reference_digest == array_pool(images[20:], "x").digest


def test_folders_of_several_sizes_work_where_features_do(network, images, tmp_path):
    for index, image in enumerate(images[:20]):
        Image.fromarray(image[index % 3 :, :, 0]).save(tmp_path / f"{index}.png")
    rows = evaluate(tmp_path, images[20:], ("kid",), network)
    assert rows[0].protocol.image_size == ()
    with pytest.raises(InputError, match="images of several sizes"):
        evaluate(tmp_path, images[20:], ("ms_ssim",), network)


def test_single_estimates_can_be_chosen(network, images):
    rows = evaluate(images[:25], images[25:], ("recall", "fid_infinity"), network)
    assert [row.metric for row in rows] == ["recall_tiny", "fid_infinity_tiny"]


@pytest.mark.parametrize("metric", ["psnr", "ssim"])
def test_unpaired_psnr_and_ssim_are_refused(images, metric):
    with pytest.raises(InputError, match=r"these are none; say that they are pairs.*one_vs_all"):
        evaluate(images[:25], images[25:50], (metric,))


def test_pairs_keep_their_order(images):
    noisy = np.clip(images.astype(int) + 3, 0, 255).astype(np.uint8)
    rows = evaluate(noisy, images, ("psnr", "ssim"), pairs=True)
    values = _values(rows)
    assert values["psnr"] > 35 and values["ssim"] > 0.9
    with pytest.raises(InputError, match="25 generated and 60 real images cannot be pairs"):
        evaluate(images[:25], images, ("psnr",), pairs=True)


def test_one_vs_all_carries_its_warning(images):
    rows = evaluate(images[:25], images, ("iut2023_one_vs_all",))
    assert [row.metric for row in rows] == ["iut2023_one_vs_all_psnr", "iut2023_one_vs_all_ssim"]
    assert all("sign of copying" in row.note for row in rows)
    assert "1 of 60 pairs are identical" in rows[0].note  # the one that is in both sets


def test_too_few_images_are_refused(network, images):
    with pytest.raises(InputError, match="kid: 5 generated images are too few; at least 10"):
        evaluate(images[:5], images[5:], ("kid",), network)


def test_inception_score_needs_probabilities(network, images):
    repeated = images.repeat(2, axis=0)
    with pytest.raises(InputError, match="needs class probabilities, which tiny does not give"):
        evaluate(repeated, repeated, ("inception_score",), network)


@pytest.mark.parametrize(
    "bad", [np.zeros((4, 8, 8, 3)), np.zeros((4, 8, 8, 5), np.uint8), np.zeros((8, 8), np.uint8)]
)
def test_other_arrays_are_refused(bad):
    with pytest.raises(InputError, match="give uint8"):
        open_pool(bad, "generated")


def test_few_images_for_fid_are_noted(network, images):
    (row,) = evaluate(images[:25], images[25:], ("fid",), network)[:1]
    assert row.note == ""  # 8 features only
    flat = Extractor("flat", "ab", (24, 24), 1, lambda batch: (batch.reshape(len(batch), -1), None))
    wide = evaluate(images[:25], images[25:], ("fid",), flat)[0]
    assert "25 images on 576 features" in wide.note and wide.value > 0


@pytest.mark.realdata
def test_noise_is_seen_on_real_images(radiographs):
    extractor = Extractor("flat", "ab", (32, 32), 1, lambda x: (x.reshape(len(x), -1) / 255, None))
    real, fake = radiographs[:120], radiographs[120:240]
    floor = evaluate(fake, real, ("fid", "precision"), extractor)
    noise = np.random.default_rng(0).normal(0, 50, fake.shape)
    spoilt = np.clip(fake + noise, 0, 255).astype(np.uint8)
    noisy = evaluate(spoilt, real, ("fid", "precision"), extractor)
    assert noisy[0].value > 1.2 * floor[0].value
    assert noisy[-1].value < floor[-1].value - 0.1
