"""Does the study of masks find what is there, and nothing where nothing is?

    python benchmarks/planted_segmentation.py --out DIR [--write]

On drawn feet of 32 pixels, whose wounds are known, of which 20 are for training, with five seeds
and a U-Net of 8 filters:

- a perfect generator, which draws more feet with their wounds, must gain, by 0.05 Dice at least;
- the same with each mask moved by 8 pixels must lose;
- of twenty studies of three seeds with a generator that gives back the real pairs themselves, in
  another order, one at most may call an arm better or worse.

What is in DIR already is not repeated.
"""

from dataclasses import replace

import numpy as np
import tensorflow as tf
from pages import show
from planted import by_chance, given, verdicts_of

from tfmedgan.config import AdamConfig, DataConfig
from tfmedgan.data import phantoms
from tfmedgan.data.steps import Resize, ToRGB, run_steps
from tfmedgan.downstream.config import MaskStudy, PairSource
from tfmedgan.seeding import rng
from tfmedgan.segmentation import UNET, UNetConfig

SIZE, SHIFT, TRAINED = 32, 8, 20
STEPS = (ToRGB(), Resize(SIZE))


def design(*names: str, **fields) -> MaskStudy:
    """The study, with sources that are only names; drawn feet of the seed `data_seed`."""
    seed = fields.get("data_seed", 0)
    data = DataConfig(
        source=f"phantom:foot:100:{seed}", steps=STEPS, fractions=(0.3, 0.2, 0.5), images=TRAINED,
        masks=True,
    )  # fmt: skip
    unet = replace(
        UNET, data=data, network=UNetConfig((SIZE, SIZE, 3), width=8, depth=3), batch_size=10,
        optimizer=AdamConfig(3e-3, 0.9), updates_per_epoch=30, epochs=6, patience=3,
        precision="float32",
    )  # fmt: skip
    sources = tuple(PairSource(n, place="drawn", beside_reals=n != "copying") for n in names)
    return MaskStudy(unet, sources, features="", **{"synthetic_ratio": 5.0, **fields})


def planted(study, source, out, seed, count, data):
    """More feet with their wounds, drawn from another seed; of "shifted" each mask is moved."""
    pairs = []
    for index in range(count):
        key = (index % 2, 1000 + 100 * study.data_seed + seed, index, 128)
        mask = phantoms.draw_mask("foot", *key)
        pairs.append(run_steps(phantoms.draw("foot", *key), STEPS, mask))
    images = np.stack(pairs)
    if source.name == "shifted":  # to the right; what leaves the image comes in again
        images[..., -1] = np.roll(images[..., -1], SHIFT, axis=2)
    return images


def copying(study, source, out, seed, count, data):
    """The real pairs of the training part, in another order."""
    real = data.parts["train"].images
    order = rng(seed, "copies").permutation(len(real))
    return np.concatenate([real[order]] * (1 + count // len(real)))[:count]


def chance(repetition: int) -> MaskStudy:
    """Other feet, another split, other weights in each repetition; no arm is another material."""
    plan = {"data_seed": repetition, "seeds": 3, "classical": (), "synthetic_ratio": 1.0}
    study = design("copying", **plan)
    network = replace(study.unet.network, depth=2)
    return replace(study, unet=replace(study.unet, network=network, epochs=2))


def main() -> None:
    arguments = given(__doc__)
    tf.config.threading.set_intra_op_parallelism_threads(1)
    verdicts = verdicts_of(design("perfect", "shifted"), arguments.out / "planted", planted)
    lines = [f"## A perfect and a shifted generator, {TRAINED} real images", "", *verdicts, ""]
    chances = by_chance(arguments, chance, copying)
    lines += ["## Nothing planted: the real pairs again", "", *chances]
    show(arguments, "verdicts", "\n".join(lines))


if __name__ == "__main__":
    main()
