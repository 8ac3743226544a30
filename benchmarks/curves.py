"""How good pictures get while a network trains on few images, over images shown and minutes.

    python benchmarks/curves.py --weights FILE.keras --out DIR [--only NAME …] [--kimg N] [--write]

Each arm is an ordinary run in DIR, gone on with from length to length, and scored after each
against the held-out images; what is in DIR/results.jsonl already is not repeated, and a script
that was killed goes on where it was, bit for bit. Minutes are those of one thread's processor, with
the start of each length and without scoring.
"""

import os
import time
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import tensorflow as tf
from pages import grow, parser, table

from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.config import DataConfig, Experiment
from tfmedgan.data.prepare import prepare
from tfmedgan.data.steps import Clahe, Grayscale, Rescale, Resize, ToRGB
from tfmedgan.evaluation import evaluate, open_extractor
from tfmedgan.evaluation.cache import FeatureCache
from tfmedgan.evaluation.extractor import Extractor
from tfmedgan.models import sampling
from tfmedgan.papers import PRESETS
from tfmedgan.recipes import showing, with_small_data_aids
from tfmedgan.reproduction.study import Result, ResultLog
from tfmedgan.run_directory import RunDirectory
from tfmedgan.training import finish
from tfmedgan.training.start_from import start_from

LENGTHS = (5, 10, 20, 40, 80, 120, 160, 200, 300, 400, 640)  # thousand images shown
SAMPLES = 500
METRICS = ("kid", "fid", "precision_recall", "density_coverage", "contrast")
SHOWN = ("kid", "fid", "precision", "recall", "density", "coverage", "deviation_fake",
         "deviation_real", "clipped_fake", "clipped_real", "kid_untrained", "minutes")  # fmt: skip
PRESET = "vuw-covid/table5-dcgan"  # of the document, there in three channels
REALS = "other real images"


def source(manifest: str, folder: str) -> str:
    return f"manifest:{manifest}:{Path(os.environ['TFMEDGAN_DATA']) / folder}"


def xrays(images: int, classes: tuple[str, ...] = ("COVID",)) -> DataConfig:
    """Grey chest X-rays with local contrast, 64 px."""
    return DataConfig(
        source=source("covid19-radiography", "covid_radiography"), classes=classes, images=images,
        fractions=(0.7, 0.1, 0.2), allow_missing=True,
        steps=(Grayscale(), Clahe(2.0, 8), Resize(64, aspect="stretch"), Rescale(-1, 1)),
    )  # fmt: skip


def photographs(name: str) -> DataConfig:
    """Colour photographs in the publisher's parts, 64 px."""
    steps = (ToRGB(), Resize(64, aspect="pad"), Rescale(-1, 1))
    return DataConfig(source=source(name, name), allow_missing=True, steps=steps)


def rgan(data: DataConfig, **fields) -> Experiment:
    return of_architecture("rgan", data, **fields)


def of_architecture(name: str, data: DataConfig, **fields) -> Experiment:
    base = ARCHITECTURES[name]
    model = replace(base.model, image_shape=shape_of(data), **fields)
    return replace(base, data=data, model=model)


def shape_of(data: DataConfig) -> tuple[int, int, int]:
    return 64, 64, 1 if Grayscale() in data.steps else 3


def dcgan(data: DataConfig, aided: bool = True, **fields) -> Experiment:
    """The document's network, with or without aids for few images, in one channel if they are grey.

    In three it tints grey images, and these features judge the tint.
    """
    base = with_small_data_aids(PRESETS[PRESET]) if aided else PRESETS[PRESET]
    model = replace(base.model, image_shape=shape_of(data), **fields)
    return replace(base, model=model, data=data, batch_size=64)


def without_noise(experiment: Experiment) -> Experiment:
    return replace(experiment, augment=replace(experiment.augment, noise=0.0))


SETS = {
    "2,000 X-rays": xrays(2000),
    "500 X-rays": xrays(500),
    "374 retina photographs": photographs("idrid"),
    "774 feet": photographs("fuseg"),
    "100 Normal X-rays": xrays(100, ("Normal",)),
}
ARMS = {
    **{f"rgan, {name}": rgan(data) for name, data in SETS.items()},
    "rgan, COVID and Normal": rgan(xrays(4000, ("COVID", "Normal")), n_classes=2),
    "rgan, no energy distance": rgan(SETS["2,000 X-rays"], energy_weight=0.0),
    "rgan, no self-modulation": rgan(SETS["2,000 X-rays"], self_modulation=False),
    **{f"stylegan2, {name}": of_architecture("stylegan2", data) for name, data in SETS.items()},
    **{f"dcgan64 --small-data, {name}": dcgan(data) for name, data in SETS.items()},
    "dcgan64 --small-data, no energy distance and no noise": without_noise(
        dcgan(SETS["2,000 X-rays"], energy_weight=0.0)
    ),
    **{f"{PRESET}, {name}": dcgan(data, aided=False) for name, data in SETS.items()},
}


def main() -> None:
    options = parser(__doc__, "tensorflow", "keras")
    options.add_argument("--out", type=Path, required=True)
    options.add_argument("--weights", help="without, nothing is trained")
    options.add_argument("--only", nargs="*", choices=ARMS, default=list(ARMS)[:1])
    options.add_argument("--kimg", type=float, default=LENGTHS[-1], help="up to this length")
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--start-from", type=Path, help="a run whose networks the arms begin with")
    arguments = options.parse_args()
    log = ResultLog(arguments.out / "results.jsonl")
    if arguments.weights:
        tf.config.threading.set_intra_op_parallelism_threads(1)
        cv2.setNumThreads(1)
        arguments.out.mkdir(parents=True, exist_ok=True)
        for name in arguments.only:
            measure(log, name, arguments)
    grow(arguments, "curves", sections(log))


def measure(log: ResultLog, name: str, arguments) -> None:
    """Train one arm from length to length, and score it after each that is not in the log."""
    experiment = replace(ARMS[name], seed=arguments.seed, precision="auto")
    if arguments.start_from:
        former = start_from(arguments.start_from, experiment.model)
        experiment, name = replace(experiment, start_from=former), f"{name}, begun elsewhere"
    data = prepare(experiment.data, 0)  # the same split for all seeds
    parts, judges = data.parts, judges_of(arguments)
    reals = parts["test"].images[:SAMPLES]
    others = parts["validation" if len(parts["validation"]) else "train"].images[:SAMPLES]
    if (name, REALS, 0) not in log.done():
        log.append(results(name, REALS, 0, judges.scores(others, reals)))
    slug = "".join(c if c.isalnum() else "-" for c in name)
    place, spent = arguments.out / f"{slug}-{arguments.seed}", 0.0
    for kimg in (length for length in LENGTHS if length <= arguments.kimg):
        longer = showing(experiment, kimg, len(parts["train"]))
        row = f"{kimg} thousand"
        spent = max([spent, *minutes_of(log, name, arguments.seed)])
        if (name, row, arguments.seed) in log.done():
            continue
        begun = time.process_time()
        run = finish(longer, place, data=data, progress=False)
        spent += (time.process_time() - begun) / 60
        values = judges.scores(samples(run, arguments.seed), reals) | {"minutes": spent}
        log.append(results(name, row, arguments.seed, values))
        print(name, row, {key: round(values[key], 5) for key in SHOWN}, flush=True)


def minutes_of(log: ResultLog, name: str, seed: int) -> list[float]:
    return [r.value for r in log.read() if (r.table, r.seed, r.metric) == (name, seed, "minutes")]


def samples(run: RunDirectory, seed: int) -> np.ndarray:
    return sampling.sample(sampling.load_generator(run.generator_path), SAMPLES, seed)


def judges_of(arguments) -> "Judges":
    cache = FeatureCache(arguments.out / "features")
    return Judges(open_extractor(arguments.weights), open_extractor(), cache)


@dataclass(frozen=True)
class Judges:
    """The network of the weights, and KID on untrained features beside it."""

    trained: Extractor
    untrained: Extractor
    cache: FeatureCache  # the same images held out are judged again and again

    def scores(self, fake, real) -> dict[str, float]:
        rows = evaluate(fake, real, METRICS, self.trained, cache=self.cache)
        untrained = evaluate(fake, real, ("kid",), self.untrained, cache=self.cache)[0].value
        known = {row.estimate: row.value for row in rows}
        return {**known, "kid_untrained": untrained, "minutes": 0.0}


def results(name: str, row: str, seed: int, values: dict[str, float]) -> list[Result]:
    return [Result(name, row, seed, metric, values[metric]) for metric in SHOWN]


def sections(log: ResultLog) -> dict[str, str]:
    """A table of each arm, its lengths below each other."""
    cells: dict[str, dict[tuple, dict]] = {}
    for r in log.read():
        cells.setdefault(r.table, {}).setdefault((r.row, r.seed), {})[r.metric] = r.value
    heads = ("images shown", "seed", *(name.replace("_", " ") for name in SHOWN))
    return {
        name: table(heads, [(*key, *(_cell(row, m) for m in SHOWN)) for key, row in rows.items()])
        for name, rows in cells.items()
    }


def _cell(row: dict[str, float], metric: str) -> str:
    return f"{row[metric]:.4g}" if metric in row else "–"  # not measured before


if __name__ == "__main__":
    main()
