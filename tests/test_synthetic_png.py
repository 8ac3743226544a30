"""What PNG files say of themselves, animated ones too."""

import io

import numpy as np
from PIL import Image, ImageSequence

from tfmedgan.synthetic_png import MARK, encode_animation


def test_an_animation_holds_every_frame_and_the_mark():
    frames = np.random.default_rng(0).integers(0, 256, (5, 12, 9, 3), dtype=np.uint8)
    with Image.open(io.BytesIO(encode_animation(frames, 80, Seed=3))) as image:
        assert image.format == "PNG" and image.is_animated and image.n_frames == 5
        assert image.text == {"Synthetic": MARK, "Seed": "3"}
        assert image.info["loop"] == 0
        shown = [(f.info["duration"], np.asarray(f)) for f in ImageSequence.Iterator(image)]
    assert [duration for duration, _ in shown] == [80] * 5
    np.testing.assert_array_equal([pixels for _, pixels in shown], frames)
