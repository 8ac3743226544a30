"""The documents' networks on few real images: plain, and with aids for small data.

    python benchmarks/quality.py --weights FILE.keras --out DIR [--only NAME …] [--seeds 3]
    python benchmarks/quality.py --out DIR --write

Trains each arm of each comparison for the same number of generator updates, one seed after
the other, and appends a line of scores to DIR/scores.jsonl; what is there already is not
repeated. `--write` puts the tables made from those lines into benchmarks/quality.md, before what
is written there about them, and samples of the plain preset beside those of the bundle into
docs/images.

Scores are FID and KID of as many samples as there are training images against these, and KID
against held-out images, on the features of FILE. The images lie where TFMEDGAN_DATA says.
"""

import argparse
import datetime
import json
import os
import time
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path

import numpy as np

from tfmedgan.config import Experiment
from tfmedgan.data.prepare import prepare
from tfmedgan.papers import PRESETS
from tfmedgan.recipes import EMA, with_small_data_aids
from tfmedgan.reproduction.statistics import paired_difference

PAGE = Path(__file__).with_suffix(".md")
READING = "## What this shows"  # what follows it is written by hand
IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
ROW = 68  # pixels of a row of a sample grid
XRAYS = {"source": "manifest:covid-xray3:covid_xray3", "classes": ("Covid-19", "Pneumonia")}
FEET = {"source": "manifest:fuseg:fuseg", "classes": ()}
DIGITS = {"source": "manifest:mnist:mnist", "classes": (), "allow_missing": True}
CREDITS = {  # by manifest; whose images the synthetic ones were learned from
    "covid-xray3": "COVID-19 X-rays: Ozturk et al. 2020, Cohen et al. 2020, Wang et al. 2017",
    "fuseg": "FUSeg: C. Wang et al. 2020, CC BY-NC",
    "idrid": "IDRiD: Porwal et al. 2018, CC BY 4.0",
    "mnist": "MNIST: LeCun et al. 1998, CC BY-SA 3.0",
}
FUNDI = {"source": "manifest:idrid:idrid", "classes": (), "allow_missing": True}


@dataclass(frozen=True)
class Comparison:
    """A preset on a set of images, for so many generator updates."""

    preset: str
    data: dict
    updates: int
    batch_size: int
    images: int | None = None  # at most so many
    fractions: tuple = (0.8, 0.0, 0.2)
    arms: tuple = ("plain", "bundle")  # names in ARMS
    widths: dict = field(default_factory=dict)  # other fields of the model
    precision: str = "mixed_bfloat16"  # which --precision auto takes where this was made


def averaged(experiment: Experiment) -> Experiment:
    return replace(experiment, ema=EMA)


ARMS = {  # what each makes of the preset
    "plain": lambda experiment: experiment,
    "average": averaged,
    "average, bfloat16": lambda e: replace(averaged(e), precision="mixed_bfloat16"),
    "bundle": with_small_data_aids,
}
HELD_OUT = "held-out reals"
PAIRS = (  # whose KID are compared: a later one minus an earlier one
    ("plain", "average"),
    ("plain", "bundle"),
    ("average", "average, bfloat16"),
)

COMPARISONS = {
    "dcgan64-xray": Comparison("vuw-covid/table5-dcgan", XRAYS, updates=450, batch_size=64),
    "cgan-idrid": Comparison(
        "iut2023/cgan",
        FUNDI,
        updates=400,
        batch_size=64,
        precision="float32",
    ),
    "dcgan64-fuseg": Comparison("dfu-dcgan/dcgan64", FEET, updates=450, batch_size=64),
    "wgan-gp64-xray": Comparison(
        "vuw-covid/table5-wgan-gp",
        XRAYS,
        updates=90,
        batch_size=32,
    ),
    "wgan-gp64-xray-200": Comparison(
        "vuw-covid/table5-wgan-gp",
        XRAYS,
        updates=200,
        batch_size=32,
    ),
    "wgan-gp64-xray-half-width": Comparison(
        "vuw-covid/table5-wgan-gp",
        XRAYS,
        updates=150,
        batch_size=32,
        arms=("plain", "average", "average, bfloat16"),
        widths={"ngf": 32, "ndf": 32},
        precision="float32",
    ),
    "cgan64-mnist": Comparison(
        "aims2023/cgan64-mnist",
        DIGITS,
        updates=150,
        batch_size=64,
        images=500,  # of each digit about fifty
    ),
    "wgan-gp64-fuseg": Comparison("dfu-dcgan/wgan-gp64", FEET, updates=90, batch_size=32),
}


def experiment_of(comparison: Comparison, arm: str, seed: int) -> Experiment:
    base = PRESETS[comparison.preset]
    folder = Path(os.environ["TFMEDGAN_DATA"])
    *kind, where = comparison.data["source"].split(":")
    source = ":".join((*kind, str(folder / where)))
    given = {**comparison.data, "source": source, "fractions": comparison.fractions}
    data = replace(base.data, images=comparison.images, **given)
    model = replace(base.model, **comparison.widths)
    sizes = {"batch_size": comparison.batch_size, "precision": comparison.precision, "seed": seed}
    return ARMS[arm](replace(base, data=data, model=model, **sizes))


def run_arm(name: str, arm: str, seed: int, extractor, out: Path) -> dict:
    """Train one arm, keep its grid, and score it."""
    from tfmedgan.models import sampling
    from tfmedgan.synthetic_png import write_png
    from tfmedgan.training.callbacks import sample_grid
    from tfmedgan.training.loop import batches, build

    comparison = COMPARISONS[name]
    experiment = experiment_of(comparison, arm, seed)
    data = prepare(experiment.data, 0)  # the same split for all seeds
    train, held_out = data.parts["train"], held_out_images(data)
    model = build(experiment)
    started = time.perf_counter()
    model.fit(
        batches(experiment, data), steps_per_epoch=comparison.updates, verbose=0, shuffle=False
    )
    seconds = time.perf_counter() - started
    names = data.class_names if model.config.conditional else ()
    write_png(out / f"{name}-{arm}-{seed}.png", sample_grid(model.sampler, seed, names))
    labels = train.labels if model.config.conditional else None
    fakes = sampling.sample(model.sampler, len(train), seed, labels)
    return {
        "comparison": name,
        "arm": arm,
        "seed": seed,
        "seconds": round(seconds, 1),
        "images": len(train),
        **score(fakes, train.images, extractor, out),
        **score(fakes, held_out, extractor, out, "_held_out"),
    }


def held_out_images(data) -> np.ndarray:
    """Images of the test part, evenly chosen where there are far more than for training."""
    images = data.parts["test"].images
    return images[:: max(1, len(images) // len(data.parts["train"]))]


def floor(name: str, extractor, out: Path) -> dict:
    """Training images against held-out ones: what perfect samples would get."""
    data = prepare(experiment_of(COMPARISONS[name], "plain", 0).data, 0)
    train, held_out = data.parts["train"], held_out_images(data)
    found = score(held_out, train.images, extractor, out)
    return {"comparison": name, "arm": HELD_OUT, "seed": 0, "images": len(train), **found}


def score(fake, real, extractor, out: Path, suffix: str = "") -> dict[str, float]:
    from tfmedgan.evaluation import evaluate
    from tfmedgan.evaluation.cache import FeatureCache

    cache = FeatureCache(out / "features")
    rows = evaluate(fake, real, metrics=("fid", "kid"), features=extractor, cache=cache)
    return {row.metric.removesuffix(f"_{extractor.name}") + suffix: row.value for row in rows}


def picture(name: str, out: Path) -> str:
    """Four rows of samples of seed 0, plain at the left, bundle at the right; Markdown of them."""
    import cv2

    from tfmedgan.synthetic_png import write_png

    files = [out / f"{name}-{arm}-0.png" for arm in ("plain", "bundle")]
    if not all(file.exists() for file in files):
        return ""
    grids = [cv2.imread(str(file))[..., ::-1] for file in files]
    plain, bundle = (grid[: 4 * ROW] for grid in grids)
    gap = np.full((len(plain), 12, 3), 255, np.uint8)
    write_png(IMAGES / f"quality-{name}.png", np.concatenate([plain, gap, bundle], axis=1))
    source = COMPARISONS[name].data["source"].split(":")[1]
    return (
        f"![{name}, plain and bundle](../docs/images/quality-{name}.png)\n\n"
        "Synthetic images of seed 0: at the left the plain preset, at the right the bundle. "
        f"Learned from {CREDITS[source]}.\n"
    )


def head() -> str:
    return f"""# Aids for small data, measured

Written on {datetime.date.today()} by `python benchmarks/quality.py --out DIR --write`, after
`python benchmarks/quality.py --weights inception_2015_mixed7_768.keras --out DIR`, on two
processor cores; the tables say in which precision. FID and KID are on the 768 features of the 2015
network, of as many samples as there are training images against these; "held-out" against images
that no network saw. The row "held-out reals" is what perfect samples would get.

*plain* is the document's preset with another batch size and length; *bundle* is what `--small-data`
makes of it (`tfmedgan/recipes.py`), *average* its averaged generator alone. Each arm of a table
has the same number of generator updates. Intervals are Student's t over the paired seeds; with
three seeds they are wide.
"""


def tables(lines: list[dict], out: Path) -> str:
    """Markdown: a table per comparison, each arm beside the plain one by seeds, and samples."""
    parts = ((_table(name, lines), picture(name, out)) for name in COMPARISONS)
    return "\n".join(part for pair in parts for part in pair if part)


def _table(name: str, lines: list[dict]) -> str:
    own = [line for line in lines if line["comparison"] == name]
    if not own:
        return ""
    c = COMPARISONS[name]
    text = [
        f"### {name}",
        "",
        f"`{c.preset}`, {own[0]['images']} images, batch {c.batch_size}, "
        f"{c.updates} generator updates, {c.precision}.",
        "",
        "| arm | seed | FID | KID | KID, held-out |",
        "|---|---|---|---|---|",
    ]
    order = (*ARMS, HELD_OUT)
    for line in sorted(own, key=lambda line: (order.index(line["arm"]), line["seed"])):
        cells = [line["arm"], line["seed"], f"{line['fid']:.3f}", f"{line['kid']:.5f}"]
        cells.append(f"{line['kid_held_out']:.5f}" if "kid_held_out" in line else "")
        text.append("| " + " | ".join(map(str, cells)) + " |")
    text.append("")
    by_arm = {arm: {x["seed"]: x["kid"] for x in own if x["arm"] == arm} for arm in c.arms}
    for left, right in PAIRS:
        text += _difference(by_arm, left, right)
    return "\n".join(text)


def _difference(by_arm: dict, left: str, right: str) -> list[str]:
    first, second = by_arm.get(left, {}), by_arm.get(right, {})
    apart = paired_difference(second, first)
    if apart is None or apart.low is None:
        return []
    share = apart.value / np.mean([first[seed] for seed in first.keys() & second.keys()])
    return [
        f"KID of {right} minus {left}: {apart.value:+.5f} (95 % interval {apart.low:+.5f} to "
        f"{apart.high:+.5f}, {apart.seeds} seeds paired), {share:+.0%}.",
        "",
    ]


def read_scores(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def main():
    options = _options()
    path = options.out / "scores.jsonl"
    if options.write:
        _, marker, reading = PAGE.read_text().partition(READING)
        PAGE.write_text(f"{head()}\n{tables(read_scores(path), options.out)}\n{marker}{reading}")
        return
    from tfmedgan.evaluation import open_extractor

    extractor = open_extractor(options.weights)
    names = options.only or list(COMPARISONS)
    jobs = [
        (name, arm, seed)
        for name, seed in product(names, range(options.seeds))
        for arm in COMPARISONS[name].arms
    ]
    jobs += [(name, HELD_OUT, 0) for name in names]
    done = {(line["comparison"], line["arm"], line["seed"]) for line in read_scores(path)}
    for name, arm, seed in jobs:
        if (name, arm, seed) in done:
            continue
        real = arm == HELD_OUT
        out = options.out
        line = floor(name, extractor, out) if real else run_arm(name, arm, seed, extractor, out)
        with open(path, "a") as file:
            file.write(json.dumps(line) + "\n")
        print(line, flush=True)


def _options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--weights")
    parser.add_argument("--only", nargs="*", choices=list(COMPARISONS))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    return options


if __name__ == "__main__":
    main()
