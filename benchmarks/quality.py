"""The documents' networks on few real images: plain, and with aids for small data.

    python benchmarks/quality.py --out DIR [--weights FILE.keras] [--only NAME …] [--write]

Trains each arm of each comparison for the same number of generator updates, one seed after
the other; results go to DIR/results.jsonl, and what is there already is not repeated. The page
gets the tables, and samples of the plain preset beside those of the bundle.

Scores are FID and KID of as many samples as there are training images against these, and KID
against held-out images, on the features of FILE; the standard deviation of a pixel over the
samples, in grey levels; and the share of black and white values. The images lie where
TFMEDGAN_DATA says.
"""

import os
from dataclasses import dataclass, field, replace
from itertools import pairwise, product
from pathlib import Path

import cv2
import numpy as np
from pages import grow, parser, table

from tfmedgan.config import Experiment
from tfmedgan.data.prepare import prepare
from tfmedgan.papers import PRESETS
from tfmedgan.recipes import EMA, with_small_data_aids
from tfmedgan.reproduction.statistics import mean, paired_difference
from tfmedgan.reproduction.study import Result, ResultLog
from tfmedgan.synthetic_png import write_png

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
ROW = 68  # pixels of a row of a sample grid
HELD_OUT = "held-out reals"
METRICS = {
    "fid": ("FID", 3),
    "kid": ("KID", 5),
    "kid_held_out": ("KID, held-out", 5),
    "deviation_fake": ("deviation", 1),
    "clipped_fake": ("clipped", 4),
}
XRAYS = {"source": "manifest:covid-xray3:covid_xray3", "classes": ("Covid-19", "Pneumonia")}
FEET = {"source": "manifest:fuseg:fuseg", "classes": ()}
DIGITS = {"source": "manifest:mnist:mnist", "classes": (), "allow_missing": True}
FUNDI = {"source": "manifest:idrid:idrid", "classes": (), "allow_missing": True}
CREDITS = {  # by manifest; whose images the synthetic ones were learned from
    "covid-xray3": "COVID-19 X-rays: Ozturk et al. 2020, Cohen et al. 2020, Wang et al. 2017",
    "fuseg": "FUSeg: C. Wang et al. 2020, CC BY-NC",
    "idrid": "IDRiD: Porwal et al. 2018, CC BY 4.0",
    "mnist": "MNIST: LeCun et al. 1998, CC BY-SA 3.0",
}


@dataclass(frozen=True)
class Comparison:
    """A preset on a set of images, for so many generator updates."""

    preset: str
    data: dict
    updates: int
    batch_size: int
    images: int | None = None  # at most so many
    arms: tuple = ("plain", "bundle")  # names in ARMS
    widths: dict = field(default_factory=dict)  # other fields of the model
    precision: str = "mixed_bfloat16"  # which --precision auto takes where this was made

    def experiment(self, arm: str, seed: int) -> Experiment:
        base = PRESETS[self.preset]
        kind, name, folder = self.data["source"].split(":")
        source = f"{kind}:{name}:{Path(os.environ['TFMEDGAN_DATA']) / folder}"
        given = {**self.data, "source": source, "images": self.images, "fractions": (0.8, 0.0, 0.2)}
        data, model = replace(base.data, **given), replace(base.model, **self.widths)
        sizes = {"batch_size": self.batch_size, "precision": self.precision, "seed": seed}
        return ARMS[arm](replace(base, data=data, model=model, **sizes))


def averaged(experiment: Experiment) -> Experiment:
    return replace(experiment, ema=EMA)


ARMS = {  # what each makes of the preset
    "plain": lambda experiment: experiment,
    "average": averaged,
    "average, bfloat16": lambda e: replace(averaged(e), precision="mixed_bfloat16"),
    "bundle": with_small_data_aids,
}
HALF_WIDTH = {"widths": {"ngf": 32, "ndf": 32}, "precision": "float32"}
DCGAN, WGAN_GP = "vuw-covid/table5-dcgan", "vuw-covid/table5-wgan-gp"
COMPARISONS = {
    "dcgan64-xray": Comparison(DCGAN, XRAYS, 450, 64),
    "cgan-idrid": Comparison("iut2023/cgan", FUNDI, 400, 64, precision="float32"),
    "dcgan64-fuseg": Comparison("dfu-dcgan/dcgan64", FEET, 450, 64),
    "wgan-gp64-xray": Comparison(WGAN_GP, XRAYS, 90, 32),
    "wgan-gp64-xray-200": Comparison(WGAN_GP, XRAYS, 200, 32),
    "wgan-gp64-xray-half-width": Comparison(
        WGAN_GP, XRAYS, 150, 32, arms=("plain", "average", "average, bfloat16"), **HALF_WIDTH
    ),
    "cgan64-mnist": Comparison("aims2023/cgan64-mnist", DIGITS, 150, 64, images=500),
    "wgan-gp64-fuseg": Comparison("dfu-dcgan/wgan-gp64", FEET, 90, 32),
}


def main() -> None:
    options = parser(__doc__, "tensorflow", "keras")
    options.add_argument("--out", type=Path, required=True)
    options.add_argument("--weights", help="without, nothing is trained")
    options.add_argument("--only", nargs="*", choices=COMPARISONS, default=list(COMPARISONS))
    options.add_argument("--seeds", type=int, default=3)
    options.add_argument("--updates", type=int, help="instead of those of the comparison")
    arguments = options.parse_args()
    log = ResultLog(arguments.out / "results.jsonl")
    if arguments.weights:
        measure(log, arguments)
    sections = {}
    for name in COMPARISONS:
        if own := [result for result in log.read() if result.table == name]:
            drawn = picture(name, arguments.out) if arguments.write else []
            sections[name] = "\n".join([*section(name, own), *drawn])
    grow(arguments, "scores", sections)


def measure(log: ResultLog, arguments) -> None:
    """Train and score every arm and seed that is not in the log."""
    from tfmedgan.evaluation import open_extractor

    arguments.out.mkdir(parents=True, exist_ok=True)
    extractor = open_extractor(arguments.weights)
    for name in arguments.only:
        comparison = COMPARISONS[name]
        updates = arguments.updates or comparison.updates
        jobs = [*product(range(arguments.seeds), comparison.arms), (0, HELD_OUT)]
        jobs = [(seed, arm) for seed, arm in jobs if (name, arm, seed) not in log.done()]
        if jobs:  # the same split for all seeds
            data = prepare(comparison.experiment("plain", 0).data, 0)
        for seed, arm in jobs:
            experiment = None if arm == HELD_OUT else comparison.experiment(arm, seed)
            grid = arguments.out / f"{name}-{arm}-{seed}.png"
            values = measured(experiment, data, updates, extractor, grid)
            size = {"images": len(data.parts["train"]), "updates": updates}
            log.append([Result(name, arm, seed, m, v, protocol=size) for m, v in values.items()])
            print(name, arm, seed, values, flush=True)


def measured(experiment, data, updates: int, extractor, grid: Path) -> dict[str, float]:
    """Scores of one arm and seed.

    Held-out images in place of samples, without an experiment, tell what perfect ones would get.
    """
    train, held_out = data.parts["train"], data.parts["test"].images
    held_out = held_out[:: max(1, len(held_out) // len(train))]
    if experiment is None:
        return scores(held_out, train.images, extractor, grid.parent)
    fakes = trained(experiment, data, updates, grid)
    unseen = scores(fakes, held_out, extractor, grid.parent)["kid"]
    return scores(fakes, train.images, extractor, grid.parent) | {"kid_held_out": unseen}


def trained(experiment: Experiment, data, updates: int, grid: Path) -> np.ndarray:
    """As many samples as there are training images, with their labels."""
    from tfmedgan.models import sampling
    from tfmedgan.training.callbacks import sample_grid
    from tfmedgan.training.loop import batches, build

    model, train = build(experiment), data.parts["train"]
    model.fit(batches(experiment, data), steps_per_epoch=updates, verbose=0, shuffle=False)
    labelled = model.config.conditional
    names = data.class_names if labelled else ()
    write_png(grid, sample_grid(model.sampler, experiment.seed, names))
    labels = train.labels if labelled else None
    return sampling.sample(model.sampler, len(train), experiment.seed, labels)


def scores(fake, real, extractor, folder: Path) -> dict[str, float]:
    """FID, KID and contrast; features of the reals are kept in the folder."""
    from tfmedgan.evaluation import evaluate
    from tfmedgan.evaluation.cache import FeatureCache

    cache = FeatureCache(folder / "features")
    asked = ("fid", "kid", "contrast")
    rows = evaluate(fake, real, metrics=asked, features=extractor, cache=cache)
    return {row.estimate: row.value for row in rows if row.estimate in METRICS}


def section(name: str, results: list[Result]) -> list[str]:
    """The table of a comparison, each seed a row, and the differences paired by seed."""
    c, size = COMPARISONS[name], results[0].protocol
    cells: dict[tuple, dict] = {}
    for result in results:
        cells.setdefault((result.row, result.seed), {})[result.metric] = result.value
    order = (*ARMS, HELD_OUT)
    rows = [
        (*key, *(f"{cells[key][m]:.{digits}f}" if m in cells[key] else ""
                 for m, (_, digits) in METRICS.items()))
        for key in sorted(cells, key=lambda key: (order.index(key[0]), key[1]))
    ]  # fmt: skip
    heads = ("arm", "seed", *(title for title, _ in METRICS.values()))
    what = f"`{c.preset}`, {size['images']} images, batch {c.batch_size}"
    length = f"{size['updates']} generator updates, {c.precision}."
    return [f"{what}, {length}", "", table(heads, rows), "", *differences(c.arms, results)]


def differences(arms: tuple, results: list[Result]) -> list[str]:
    """KID of each arm minus that of the one before it in the comparison."""
    kid = {
        arm: {r.seed: r.value for r in results if (r.row, r.metric) == (arm, "kid")} for arm in arms
    }
    lines = []
    for left, right in pairwise(arms):
        difference = paired_difference(kid[right], kid[left])
        if difference and difference.low is not None:
            both = kid[left].keys() & kid[right].keys()
            share = difference.value / mean(kid[left][seed] for seed in both).value
            interval = f"95 % interval {difference.low:+.5f} to {difference.high:+.5f}"
            lines += [
                f"KID of {right} minus {left}: {difference.value:+.5f} ({interval}, "
                f"{difference.seeds} seeds paired), {share:+.0%}.",
                "",
            ]
    return lines


def picture(name: str, out: Path) -> list[str]:
    """Four rows of samples of seed 0, plain at the left, bundle at the right; Markdown of them."""
    files = [out / f"{name}-{arm}-0.png" for arm in ("plain", "bundle")]
    if not all(file.exists() for file in files):
        return []
    plain, bundle = (cv2.imread(str(file))[: 4 * ROW, :, ::-1] for file in files)
    gap = np.full((len(plain), 12, 3), 255, np.uint8)
    write_png(IMAGES / f"quality-{name}.png", np.concatenate([plain, gap, bundle], axis=1))
    credit = CREDITS[COMPARISONS[name].data["source"].split(":")[1]]
    return [
        f"![{name}, plain and bundle](../docs/images/quality-{name}.png)",
        "",
        "Synthetic images of seed 0: at the left the plain preset, at the right the bundle. "
        f"Learned from {credit}.",
        "",
    ]


if __name__ == "__main__":
    main()
