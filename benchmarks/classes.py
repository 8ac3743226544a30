"""Is the class that was asked for seen in generated images, and do those of one class differ?

    python benchmarks/classes.py --out DIR [--only NAME …] [--kimg N] [--seed N] [--write]

`rgan` learns from few images with labels, as `tfmedgan-train --arch rgan --classes N` does. Small
classifiers that learned from the same images judge the images held out, and samples with the same
labels. What is in DIR/results.jsonl is not measured again.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import tensorflow as tf
from curves import photographs, rgan, source, xrays
from pages import grow, parser, table

from tfmedgan.config import DataConfig
from tfmedgan.data.prepare import prepare
from tfmedgan.data.steps import Grayscale, Rescale, Resize
from tfmedgan.evaluation.features import extract
from tfmedgan.evaluation.images import ImagePool, array_pool
from tfmedgan.evaluation.metrics.ms_ssim import pair_similarities
from tfmedgan.evaluation.networks import trained_classifier
from tfmedgan.models import sampling
from tfmedgan.recipes import showing
from tfmedgan.reproduction.study import Result, ResultLog
from tfmedgan.seeding import rng
from tfmedgan.synthetic_png import write_png
from tfmedgan.training import finish
from tfmedgan.training.callbacks import sample_grid

CLASSIFIERS = 3  # of other seeds; their shares are averaged
HELD_OUT = 1000  # images at most
LENGTHS = (10, 20, 40, 80)  # thousand images shown
JUDGED = ("class seen, generated", "class seen, held out", "MS-SSIM in a class, generated",
          "MS-SSIM in a class, held out")  # fmt: skip


@dataclass(frozen=True)
class Case:
    data: DataConfig
    groups: tuple[int, ...]  # of each class, what the classifier should say


def digits(images: int) -> DataConfig:
    steps = (Grayscale(), Resize(32, aspect="stretch"), Rescale(-1, 1))
    return DataConfig(
        source=source("mnist", "mnist"), images=images, allow_missing=True, steps=steps
    )


CASES = {
    "COVID and Normal, 4,000 X-rays": Case(xrays(4000, ("COVID", "Normal")), (0, 1)),
    "ten digits, 500 images": Case(digits(500), tuple(range(10))),
    "retinas of grades 0, 3 and 4": Case(
        replace(photographs("idrid"), classes=("0", "3", "4")), (0, 1, 1)
    ),
}


def main() -> None:
    options = parser(__doc__, "tensorflow", "keras")
    options.add_argument("--out", type=Path, required=True)
    options.add_argument("--only", nargs="*", choices=CASES, default=list(CASES))
    options.add_argument("--kimg", type=float, default=LENGTHS[1], help="up to this length")
    options.add_argument("--seed", type=int, default=0)
    arguments = options.parse_args()
    tf.config.threading.set_intra_op_parallelism_threads(1)
    cv2.setNumThreads(1)
    arguments.out.mkdir(parents=True, exist_ok=True)
    log = ResultLog(arguments.out / "results.jsonl")
    for name in arguments.only:
        measure(log, name, arguments)
    grow(arguments, "classes", sections(log))


def measure(log: ResultLog, name: str, arguments) -> None:
    """Train on one case from length to length, and judge it after each that is not in the log."""
    case, seed = CASES[name], arguments.seed
    done = log.done()
    lengths = [
        k for k in LENGTHS if k <= arguments.kimg and (name, f"{k} thousand", seed) not in done
    ]
    if not lengths:
        return
    data = prepare(case.data, 0)  # the same split for all seeds
    side = data.parts["train"].images.shape[1]
    experiment = rgan(case.data, n_classes=len(case.groups))
    shape = (side, side, data.parts["train"].images.shape[3])
    model = replace(experiment.model, image_shape=shape)
    experiment = replace(experiment, model=model, seed=seed, precision="auto")
    judge = Judge(case, data.parts["train"], data.parts["test"])
    slug = "".join(c if c.isalnum() else "-" for c in name)
    for kimg in lengths:
        longer = showing(experiment, kimg, len(data.parts["train"]))
        run = finish(longer, arguments.out / f"{slug}-{seed}", data=data, progress=False)
        generator = sampling.load_generator(run.generator_path)
        values = judge.scores(generator, seed)
        log.append([Result(name, f"{kimg} thousand", seed, m, v) for m, v in values.items()])
        grid = sample_grid(generator, seed, data.class_names)
        write_png(arguments.out / f"{slug}-{seed}-{kimg}.png", grid)
        print(name, kimg, {key: round(value, 3) for key, value in values.items()}, flush=True)


class Judge:
    """Classifiers of real images, and how alike images of a class are."""

    def __init__(self, case: Case, train, test):
        groups = np.array(case.groups)
        self.labels = test.labels[:HELD_OUT]
        self.groups = groups[self.labels]
        self.reals = array_pool(test.images[:HELD_OUT], "held out")
        self.classifiers = [
            trained_classifier(train.images, groups[train.labels], seed)
            for seed in range(CLASSIFIERS)
        ]

    def scores(self, generator, seed: int) -> dict[str, float]:
        images = sampling.sample(generator, len(self.labels), seed, self.labels)
        fakes = array_pool(images, "generated")
        values = (
            self.seen(fakes), self.seen(self.reals), self.alike(fakes), self.alike(self.reals),
        )  # fmt: skip
        return dict(zip(JUDGED, values, strict=True))

    def seen(self, pool: ImagePool) -> float:
        """Mean over groups, and over classifiers, of the share that is seen as what it is."""
        shares = []
        for classifier in self.classifiers:
            right = extract(classifier, pool).probabilities.argmax(axis=1) == self.groups
            shares += [right[self.groups == group].mean() for group in np.unique(self.groups)]
        return float(np.mean(shares))

    def alike(self, pool: ImagePool) -> float:
        """Mean over groups of the MS-SSIM of pairs within one."""
        pairs = (pool.take(np.flatnonzero(self.groups == g)) for g in np.unique(self.groups))
        return float(np.mean([pair_similarities(p, rng(0, "pairs")).mean() for p in pairs]))


def sections(log: ResultLog) -> dict[str, str]:
    cells: dict[str, dict[tuple, dict]] = {}
    for r in log.read():
        cells.setdefault(r.table, {}).setdefault((r.row, r.seed), {})[r.metric] = r.value
    heads = ("images shown", "seed", *JUDGED)
    return {
        name: table(
            heads, [(*key, *(f"{row[m]:.2f}" for m in JUDGED)) for key, row in rows.items()]
        )
        for name, rows in cells.items()
    }


if __name__ == "__main__":
    main()
