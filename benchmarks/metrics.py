"""Do the metrics move as theory says on real images, and do they agree with other tools?

    TFMEDGAN_DATA=DIR TFMEDGAN_WEIGHTS=DIR python benchmarks/metrics.py [--reference-python PYTHON]

TFMEDGAN_DATA holds `idrid` and `covid_xray3`, TFMEDGAN_WEIGHTS
the network inception_2015_mixed7_768.keras. PYTHON is an interpreter of another environment,
with torch-fidelity, pytorch-fid and prdc, for the table of agreements.
"""

import os
import tempfile
from pathlib import Path

import numpy as np
from pages import parser, show, table
from scipy.ndimage import gaussian_filter
from turns import reported

from tfmedgan.config import DataConfig
from tfmedgan.data.duplicates import fingerprint, grouped, near_pairs
from tfmedgan.data.prepare import prepare
from tfmedgan.data.steps import standard_steps
from tfmedgan.evaluation.comparison import EvaluatedSet, measure
from tfmedgan.evaluation.features import extract, open_extractor
from tfmedgan.evaluation.images import array_pool
from tfmedgan.evaluation.memorisation import check_copies
from tfmedgan.evaluation.metrics import Sample, select
from tfmedgan.evaluation.metrics.density_coverage import density_coverage
from tfmedgan.evaluation.metrics.fid import fid
from tfmedgan.evaluation.metrics.kid import kid
from tfmedgan.evaluation.metrics.precision_recall import precision_recall
from tfmedgan.seeding import rng

SIZE = 128
HERE = Path(__file__).parent
COLUMNS = ("kid", "fid", "fid_over_floor", "precision", "recall", "density", "coverage")
CASES = {  # set: what it is compared with, and what theory expects
    "other retinas": ("retinas", "the floor: KID near 0, nothing copied"),
    "slightly blurred": ("retinas", "worse than the floor in all"),
    "blurred": ("retinas", "worse still: precision and coverage 0"),
    "slightly noised": ("retinas", "worse than the floor in all"),
    "noised": ("retinas", "worse still: precision and coverage 0"),
    "one grade only": ("retinas", "recall and coverage fall, if features tell grades apart"),
    "one retina, varied": ("retinas", "precision 1; recall and coverage near 0"),
    "X-rays": ("retinas", "all at their worst"),
    "copies, slightly noised": ("retinas", "metrics near the floor; the check for copies objects"),
    "retinas and X-rays": ("both kinds", "the floor of a set with two modes"),
    "one mode of two": ("both kinds", "precision stays; recall and coverage halve"),
}


def main() -> None:
    options = parser(__doc__, "numpy", "scipy")
    options.add_argument("--reference-python", help="interpreter with the other tools")
    arguments = options.parse_args()
    data, weights = Path(os.environ["TFMEDGAN_DATA"]), Path(os.environ["TFMEDGAN_WEIGHTS"])
    sets = image_sets(data)
    extractor = open_extractor(weights / "inception_2015_mixed7_768.keras")
    pools = {name: array_pool(images, name).in_order_of_content() for name, images in sets.items()}
    features = {name: extract(extractor, pool).values for name, pool in pools.items()}
    heads = ("set", "N", "KID", "FID", "FID / floor", *COLUMNS[3:], "nearer", "copies found")
    rows = [direction(name, pools, features, extractor) for name in CASES]
    used = (
        f"Reference and training set: {len(pools['retinas'])} retinas of IDRiD at {SIZE}×{SIZE} "
        f"pixels; {len(pools['held out'])} others are held out for the check for copies. Features "
        f"`{extractor.name}` (SHA-256 {extractor.sha256}), {extractor.resizer}."
    )
    show(arguments, "damage", used, table((*heads, "expected"), rows))
    if python := arguments.reference_python:
        heads = ("features", "metric", "tfmedgan", "tool", "its value", "relative difference")
        show(arguments, "agreement", table(heads, agreements(features, python)))


def image_sets(data: Path) -> dict[str, np.ndarray]:
    """Retinas in three parts without near-duplicates between them, and what is made of them."""
    retinas, grades = read(f"manifest:idrid:{data / 'idrid'}")
    radiographs, _ = read(str(data / "covid_xray3" / "images"))
    order = rng(0, "parts").permutation(len(retinas))
    reference, fresh, held_out = np.split(order, [len(order) // 2, len(order) * 3 // 4])
    count = len(fresh)
    commonest = np.bincount(grades[order]).argmax()
    one_grade = [i for i in order[len(order) // 2 :] if grades[i] == commonest]
    base = retinas[fresh]
    single = np.repeat(base[:1], count, axis=0)
    shuffled = radiographs[rng(0, "radiographs").permutation(len(radiographs))]
    other = shuffled[:count]
    return {
        "retinas": retinas[reference],
        "held out": retinas[held_out],
        "other retinas": base,
        "slightly blurred": gaussian_filter(base, (0, 0.5, 0.5, 0)),
        "blurred": gaussian_filter(base, (0, 2, 2, 0)),
        "slightly noised": noisy(base, 1.5),
        "noised": noisy(base, 12),
        "one grade only": retinas[one_grade],
        "one retina, varied": noisy(single, 0.5),
        "X-rays": other,
        "copies, slightly noised": noisy(retinas[reference[:count]], 0.5),
        "both kinds": np.concatenate([retinas[reference], shuffled[count : 3 * count]]),
        "retinas and X-rays": np.concatenate([base, other]),
        "one mode of two": np.concatenate([base, retinas[held_out]]),
    }


def read(source: str) -> tuple[np.ndarray, np.ndarray]:
    """Images, one of each group of near-duplicates, and their labels."""
    config = DataConfig(source=source, steps=standard_steps((SIZE, SIZE, 3)), allow_missing=True)
    parts = [part for part in prepare(config, 0).parts.values() if len(part)]
    images = np.concatenate([part.images for part in parts])
    labels = np.concatenate([part.labels for part in parts])
    pairs = near_pairs(np.stack([fingerprint(image) for image in images]))
    groups = grouped(len(images), pairs, [""] * len(images))
    first = np.unique(groups, return_index=True)[1]
    return images[first], labels[first]


def noisy(images: np.ndarray, sigma: float) -> np.ndarray:
    noise = rng(0, "noise").normal(0, sigma, images.shape)
    return np.clip(images + noise, 0, 255).astype(np.uint8)


def direction(name: str, pools: dict, features: dict, extractor) -> list:
    """One line of the table: metrics, and the verdict on copies."""
    reference, expected = CASES[name]
    real = Sample(features[reference], images=pools[reference])
    fake = Sample(features[name], images=pools[name])
    rows = measure(select(COLUMNS), real, fake, extractor, EvaluatedSet(), 0)
    values = {row.metric.removesuffix(f"_{extractor.name}"): row for row in rows}
    cells = [f"{values[column].value:.3g}" for column in COLUMNS]
    kid = values["kid"]
    cells[0] += f" ({kid.low:.2g} to {kid.high:.2g})"
    names = {"fake": name, "training": reference, "held_out": "held out"}
    vectors = {role: features[key] for role, key in names.items()}
    check = check_copies(*(pools[key] for key in names.values()), vectors, "768")
    verdict = check.verdict
    nearer = verdict["spaces"][0]["distance"]["share"]
    reasons = ", ".join(verdict["reasons"]) or "none"
    return [name, len(pools[name]), *cells, f"{100 * nearer:.0f} %", reasons, expected]


def agreements(features: dict, python: str) -> list[tuple]:
    """The same feature arrays through other tools, in their own environment."""
    generator = rng(0, "agreement")
    mixing = generator.standard_normal((128, 128)) / 12
    pairs = {
        "retinas against X-rays": (features["retinas"], features["X-rays"]),
        "retinas against retinas": (features["retinas"], features["other retinas"]),
        "Gaussian, 2,000 of 128": (
            generator.standard_normal((2000, 128)) @ mixing,
            generator.standard_normal((1500, 128)) @ mixing * 1.1 + 0.1,
        ),
    }
    rows = []
    for name, (real, fake) in pairs.items():
        real, fake = real.astype(np.float64), fake.astype(np.float64)
        size = min(len(real), len(fake))
        equal = kid(real[:size], fake[:size])
        ours = {"FID": fid(real, fake), "KID, sets of equal size": equal}
        for k in (3, 5):
            ours[f"precision, k = {k}"], ours[f"recall, k = {k}"] = precision_recall(real, fake, k)
            ours[f"density, k = {k}"], ours[f"coverage, k = {k}"] = density_coverage(real, fake, k)
        for tool, metric, theirs in other_tools(python, real, fake):
            unequal = abs(ours[metric] - theirs) / max(abs(theirs), 1e-300) if theirs else 0.0
            values = f"{ours[metric]:.10g}", tool, f"{theirs:.10g}", f"{unequal:.1e}"
            rows.append((name, metric, *values))
    return rows


def other_tools(python: str, real: np.ndarray, fake: np.ndarray) -> list:
    with tempfile.TemporaryDirectory() as folder:
        np.save(Path(folder) / "real.npy", real)
        np.save(Path(folder) / "fake.npy", fake)
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        return reported(python, HERE / "metrics_reference.py", folder, env=environment)


if __name__ == "__main__":
    main()
