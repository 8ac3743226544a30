"""Masks beside images: found in every kind of source, required when wanted, without leaks."""

import cv2
import numpy as np
import pytest

from tfmedgan.config import DataConfig
from tfmedgan.data.masks import masks_of, without_mask
from tfmedgan.data.prepare import prepare
from tfmedgan.data.sources import open_source
from tfmedgan.data.steps import standard_steps
from tfmedgan.data.tfds_builder import write_tfds
from tfmedgan.errors import InputError

SIDE = 64
MANIFEST = """
name: own
title: own
homepage: none
licence: none
redistribution: false
citation: none
obtain: ask
classes: []
layout:
"""


def picture(seed: int) -> np.ndarray:
    """A picture that is nobody's near-duplicate, uint8 (64, 64, 3)."""
    noise = np.random.default_rng(seed).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
    return cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 3), None, 0, 255, cv2.NORM_MINMAX)


def mask(seed: int) -> np.ndarray:
    """An ellipse of its own, uint8 (64, 64), 0 or 255."""
    dice = np.random.default_rng(seed)
    middle, axes = dice.integers(20, 44, 2).tolist(), dice.integers(6, 18, 2).tolist()
    turn = int(dice.integers(180))
    return cv2.ellipse(np.zeros((SIDE, SIDE), np.uint8), middle, axes, turn, 0, 360, 255, -1)


def save(path, pixels):
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), pixels[..., ::-1] if pixels.ndim == 3 else pixels)


def pairs(root, images="images", masks="masks", first=0, count=8):
    """So many images and their masks below two folders; the names are numbers."""
    for number in range(first, first + count):
        save(root / images / f"{number}.bmp", picture(number))
        save(root / masks / f"{number}.png", mask(number))
    return root


def prepared(source, side=SIDE, channels=4, **options):
    steps = standard_steps((side, side, channels))
    return prepare(DataConfig(str(source), steps, masks=True, **options), 0)


def refused(source, reason, **options):
    with pytest.raises(InputError, match=reason) as caught:
        prepared(source, **options)
    assert "\n" not in str(caught.value)


def check_pairs(data, count=8):
    """That each image has the mask of its own number."""
    rows = [
        (name, image)
        for part in data.parts.values()
        for name, image in zip(part.names, part.images, strict=True)
    ]
    assert len(rows) == count
    for name, image in rows:
        number = int(name.split("/")[-1].split(".")[0])
        np.testing.assert_array_equal(without_mask(image), picture(number))
        np.testing.assert_array_equal(masks_of(image), mask(number) > 0)


@pytest.mark.parametrize(("images", "masks"), [
    ("images", "masks"), ("images", "labels"), ("img", "Ground-Truth"), ("a/images", "a/masks"),
    ("images/b", "masks/b"), ("train_images", "train_masks"), (".", "masks"),
])  # fmt: skip
def test_folders_of_images_beside_masks(tmp_path, images, masks):
    check_pairs(prepared(pairs(tmp_path / "set", images, masks)))
    (note,) = prepare(DataConfig(str(tmp_path / "set"), standard_steps((8, 8, 3))), 0).notes
    assert note.endswith("set: 8 masks left out; tfmedgan-train --masks uses them")


def test_masks_beside_their_images(tmp_path):
    pairs(tmp_path, "b", "b/masks")
    for path in (tmp_path / "b/masks").iterdir():
        path.rename(tmp_path / "b" / f"{path.stem}_mask.png")
    check_pairs(prepared(tmp_path))


def test_classes_and_parts_are_those_of_the_images(tmp_path):
    for number, part in enumerate(("train", "val", "test")):
        pairs(tmp_path, f"{part}/images", f"{part}/masks", 4 * number, 4)
    data = prepared(tmp_path)
    check_pairs(data, 12)
    assert [len(part) for part in data.parts.values()] == [4, 4, 4] and data.notes == ()
    for number, name in enumerate(("ulcer", "healthy")):
        pairs(tmp_path / "c", f"images/{name}", f"masks/{name}", 4 * number, 4)
    assert prepared(tmp_path / "c").class_names == ("healthy", "ulcer")


def test_a_part_without_masks_is_left_out_and_single_images_are_not(tmp_path):
    pairs(tmp_path, "train/images", "train/masks")
    for number in range(50, 53):
        save(tmp_path / f"test/images/{number}.bmp", picture(number))
    data = prepared(tmp_path)
    assert data.notes[0] == f"{tmp_path}: 3 images of test have no masks and are left out"
    check_pairs(data)
    (tmp_path / "train/masks/3.png").rename(tmp_path / "train/masks/33.png")
    refused(tmp_path, r"1 of 8 images have no mask: train/images/3\.bmp; masks without an image: "
            r"train/masks/33\.png; add the masks")  # fmt: skip
    data = prepared(tmp_path, allow_missing=True)
    check_pairs(data, 7)
    assert "1 images without a mask left out: train/images/3.bmp" in " ".join(data.notes)


def test_masks_that_could_be_those_of_two_images_are_refused_only_when_wanted(tmp_path):
    save(pairs(tmp_path) / "images/3.png", picture(9))
    assert len(open_source(str(tmp_path)).records) == 9
    refused(tmp_path, r"masks/3\.png could be the mask of images/3\.bmp and images/3\.png")
    (tmp_path / "images/3.png").rename(tmp_path / "masks/3.bmp")
    refused(tmp_path, r"images/3\.bmp has the masks masks/3\.bmp and masks/3\.png; keep one")


def test_a_set_without_masks_says_how_to_have_some(tmp_path):
    save(tmp_path / "1.png", picture(1))
    for source in (tmp_path, "phantom:chest:4"):
        refused(source, "no image has a mask; put them into a folder masks beside images")


@pytest.mark.parametrize("layout", [
    '{glob: "photos/*", mask: "drawn/{name}"}', '{glob: "photos/*", mask: "drawn/{name}.png"}',
    '{csv: t.csv, name: file, image: "photos/{name}", mask: "drawn/{name}"}',
    '{csv: t.csv, name: file, image: "photos/{name}", mask: where}',
])  # fmt: skip
def test_manifests_name_masks_by_pattern_or_column(tmp_path, layout):
    pairs(tmp_path, "photos", "drawn")
    lines = [f"{number}.bmp,drawn/{number}\n" for number in range(8)]
    (tmp_path / "t.csv").write_text("file,where\n" + "".join(lines))
    manifest = tmp_path / "own.yaml"
    manifest.write_text(f"{MANIFEST}  - {layout}\n")
    check_pairs(prepared(manifest))
    assert prepare(DataConfig(str(manifest), standard_steps((8, 8, 3))), 0).notes == ()
    (tmp_path / "drawn/4.png").unlink()
    refused(manifest, r"1 of 8 images have no mask: photos/4\.bmp")


@pytest.mark.parametrize(("layout", "reason"), [
    ('{glob: "photos/*", mask: drawn}', r"below a glob it needs \{name\}"),
    ('{glob: "photos/*", mask: "../{name}"}', "leads outside"),
    ("{arrays: a.npz, mask: b}", "leave out mask"),
    ("{csv: t.csv, name: file, image: 'photos/{name}', mask: wher}", "no column 'wher'"),
])  # fmt: skip
def test_wrong_masks_of_manifests_are_refused(tmp_path, layout, reason):
    (pairs(tmp_path, "photos", "drawn") / "t.csv").write_text("file,where\n1.bmp,drawn/1\n")
    (tmp_path / "own.yaml").write_text(f"{MANIFEST}  - {layout}\n")
    refused(tmp_path / "own.yaml", reason)


def test_arrays_have_masks_beside_images(tmp_path):
    images, masks = (np.stack([make(i) for i in range(8)]) for make in (picture, mask))
    for form in (masks, masks > 0, masks[..., None] // 255):
        np.savez(tmp_path / "a.npz", images=images, masks=form)
        check_pairs(prepared(tmp_path / "a.npz"))
    (note,) = open_source(str(tmp_path / "a.npz")).card["notes"]
    assert note.endswith("a.npz: its masks left out; tfmedgan-train --masks uses them")
    np.savez(tmp_path / "a.npz", images=images, masks=masks // 255 * 2)
    refused(tmp_path / "a.npz", r"mask of images/000000: not binary, values 0, 2")


def test_prepared_sets_keep_their_masks(tmp_path):
    data = prepared(pairs(tmp_path / "set"), side=16)
    write_tfds(data, tmp_path, "pairs")
    again = prepared(f"tfds:pairs:{tmp_path}", side=16)
    for part in data.parts:
        rows = (np.sort(d.parts[part].images.reshape(-1, 16 * 16 * 4), 0) for d in (data, again))
        np.testing.assert_array_equal(*rows)


def test_the_digest_is_that_of_images_and_masks(tmp_path):
    digests = [prepared(pairs(tmp_path)).digest]
    save(tmp_path / "masks/2.png", mask(77))
    digests.append(prepared(tmp_path).digest)
    digests.append(prepare(DataConfig(str(tmp_path), standard_steps((8, 8, 3))), 0).digest)
    assert len(set(digests)) == 3


def test_empty_masks_are_said_and_kept(tmp_path):
    pairs(tmp_path)
    save(tmp_path / "masks/2.png", np.zeros((SIDE, SIDE), np.uint8))
    dot = np.zeros((SIDE, SIDE), np.uint8)
    dot[0, 0] = 255
    save(tmp_path / "masks/5.png", dot)
    data = prepared(tmp_path, side=16)
    assert data.notes == (
        "1 of 8 masks are empty: images/2.bmp",
        "1 masks are so small that the steps empty them: images/5.bmp",
    )


def test_a_mask_of_a_test_image_in_training_is_dropped_or_refused_by_name(tmp_path):
    pairs(tmp_path, "train/images", "train/masks")
    pairs(tmp_path, "test/images", "test/masks", 20, 4)
    save(tmp_path / "train/masks/3.png", mask(21))  # two masks taken for each other
    data = prepared(tmp_path)
    assert data.split.dropped == (("train/images/3.bmp", "same group as an image in test"),)
    whole = prepare(DataConfig(str(tmp_path), standard_steps((8, 8, 3))), 0).split
    assert "train/images/3.bmp" in whole.train
    whole.write(tmp_path / "split.json")
    refused(
        tmp_path,
        r"split\.json: leak: test/images/21\.bmp in test and train/images/3\.bmp in train are of "
        "one mask; keep them in one part",
        split_file=str(tmp_path / "split.json"),
    )


def test_near_duplicates_with_other_masks_do_not_leak(tmp_path):
    pairs(tmp_path, "train/images", "train/masks")
    pairs(tmp_path, "test/images", "test/masks", 20, 4)
    save(tmp_path / "train/images/5.bmp", picture(22)[:, ::-1])
    assert prepared(tmp_path).split.dropped == (
        ("train/images/5.bmp", "same group as an image in test"),
    )


def test_empty_full_and_boxed_masks_join_no_groups(tmp_path):
    pairs(tmp_path)
    box = np.zeros((SIDE, SIDE), np.uint8)
    box[5:20, 7:30] = 255
    for number, drawn in enumerate([box, box, box * 0, box * 0, box * 0 + 255, box * 0 + 255]):
        save(tmp_path / f"masks/{number}.png", drawn)
    assert prepared(tmp_path).split.groups == ()


# Damaged and mismatched pairs: the file of one mask of three, and ten draws


def _flipped(path, dice):
    """A PNG with one byte of its content changed."""
    data = bytearray(path.read_bytes())
    data[int(dice.integers(41, len(data) - 16))] ^= 1 << int(dice.integers(8))
    path.write_bytes(bytes(data))


def _cut(path, dice):
    data = path.read_bytes()
    path.write_bytes(data[: int(dice.integers(8, len(data) - 12))])


def _drawn(change):
    """The mask written anew with other values or another size."""

    def spoil(path, dice):
        save(path, change(cv2.imread(str(path), cv2.IMREAD_UNCHANGED), dice))

    return spoil


def _lossy(path, dice):
    content = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    path.unlink()
    cv2.imwrite(str(path.with_suffix(".jpg")), content, [cv2.IMWRITE_JPEG_QUALITY, 60])


def _smooth(pixels, dice):
    return cv2.GaussianBlur(pixels, (0, 0), float(dice.uniform(0.8, 4)))


def _speckled(pixels, dice):
    pixels[tuple(dice.integers(0, SIDE, 2))] = dice.integers(2, 250)
    return pixels


def _coloured(pixels, dice):
    colours = np.stack([pixels] * 3, axis=2)
    colours[..., int(dice.integers(3))] = 255 - pixels
    return colours


SPOILED = {
    "removed": lambda path, dice: path.unlink(),
    "renamed": lambda path, dice: path.rename(path.with_name(f"{dice.integers(90, 99)}.png")),
    "in another folder": lambda path, dice: path.rename(path.parent.parent / "spare.txt"),
    "empty file": lambda path, dice: path.write_bytes(b""),
    "other bytes": lambda path, dice: path.write_bytes(dice.bytes(300)),
    "text": lambda path, dice: path.write_text("mask of patient\n" * int(dice.integers(1, 9))),
    "cut": _cut,
    "flipped": _flipped,
    "JPEG named PNG": lambda path, dice: path.write_bytes(cv2.imencode(".jpg", mask(1))[1]),
    "lossy": _lossy,
    "smooth": _drawn(_smooth),
    "speckled": _drawn(_speckled),
    "classes": _drawn(lambda pixels, dice: pixels // 255 * dice.integers(2, 250, pixels.shape)),
    "grey": _drawn(lambda pixels, dice: pixels // 255 * int(dice.integers(2, 250))),
    "coloured": _drawn(_coloured),
    "cropped": _drawn(lambda pixels, dice: pixels[int(dice.integers(1, 9)) :]),
    "shrunk": _drawn(lambda pixels, dice: cv2.resize(pixels, (int(dice.integers(8, 63)), SIDE),
                                                     interpolation=cv2.INTER_NEAREST)),
    "enlarged": _drawn(lambda pixels, dice: pixels.repeat(int(dice.integers(2, 4)), axis=0)),
    "16 bit": _drawn(lambda pixels, dice: pixels.astype(np.uint16) * int(dice.integers(2, 256))),
    "twice": lambda path, dice: save(path.with_suffix(".bmp"), mask(int(dice.integers(99)))),
}  # fmt: skip


@pytest.mark.parametrize("kind", SPOILED)
def test_a_bad_mask_is_named_in_one_line(tmp_path, kind):
    for draw in range(10):
        root, dice = pairs(tmp_path / str(draw), count=3), np.random.default_rng(draw)
        number = int(dice.integers(3))
        SPOILED[kind](root / f"masks/{number}.png", dice)
        refused(root, rf"(images|masks)/{number}\.(bmp|png|jpg)")
