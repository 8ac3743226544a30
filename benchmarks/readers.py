"""Whether intervals over readers cover the truth: python benchmarks/readers.py [--write].

Studies of simulated readers and images, of which the accuracy over all readers and all images is
known; how often the 95 % interval of three methods holds it, and how wide it is.
"""

import numpy as np
from pages import parser, show, table

from tfmedgan.evaluation.intervals import clopper_pearson
from tfmedgan.reader_study.agreement import fleiss_kappa, tally
from tfmedgan.reader_study.crossed import pooled
from tfmedgan.reader_study.simulation import Readers

STUDIES, REPEATS = 1000, 300
PARK, JANG = Readers(0.668, 0.519), Readers(0.674, 0.674)
DIFFERENT = Readers(0.55, 0.55, ability_sd=0.3, leaning_sd=0.5, image_sd=0.6)
SETTINGS = {
    "as Park et al. 2021": (PARK, 10, 300),
    "as Jang et al. 2023": (JANG, 6, 200),
    "five readers": (PARK, 5, 100),
    "three readers": (PARK, 3, 100),
    "two readers": (PARK, 2, 100),
    "readers who differ much, 8": (DIFFERENT, 8, 100),
    "readers who differ much, 3": (DIFFERENT, 3, 100),
    "readers who differ much, 2": (DIFFERENT, 2, 100),
    "readers who guess": (Readers(0.5, 0.5, leaning_sd=0.5), 4, 60),
}


def main() -> None:
    options = parser(__doc__, "numpy", "scipy").parse_args()
    rows = [measured(name, *setting) for name, setting in SETTINGS.items()]
    heads = ("readers and images", "readers", "images", "κ", "accuracies' SD")
    methods = ("two-way model", "bootstrap over both", "all answers as independent")
    text = table([*heads, *methods], rows, len(heads) + len(methods) - 1)
    show(options, "coverage", text)


def measured(name: str, people: Readers, readers: int, images: int) -> list:
    """A row: what such studies look like, and coverage and mean half width of each method."""
    rng = np.random.default_rng(0)
    held: dict[str, list] = {"model": [], "bootstrap": [], "binomial": []}
    kappas, spreads = [], []
    for _ in range(STUDIES):
        kinds = people.draw(readers, images, rng)
        each = np.mean([kind.mean(1) for kind in kinds], 0)
        made_by_model = pooled(each, [kind / 2 for kind in kinds], 0.5)
        held["model"].append((made_by_model.low, made_by_model.high))
        held["bootstrap"].append(bootstrap(kinds, rng))
        right = np.concatenate(kinds, 1)
        held["binomial"].append(clopper_pearson(int(right.sum()), right.size))
        called_real = np.concatenate([kinds[0], 1 - kinds[1]], 1).astype(int)
        kappas.append(fleiss_kappa(tally(called_real, 2)))
        spreads.append(each.std(ddof=1))
    shown = [f"{np.mean(kappas):.2f}", f"{np.mean(spreads):.3f}"]
    return [
        name,
        readers,
        images,
        *shown,
        *(summary(ends, people.accuracy) for ends in held.values()),
    ]


def bootstrap(kinds: list[np.ndarray], rng: np.random.Generator) -> tuple[float, float]:
    """Percentiles of the accuracy with readers and images drawn again."""
    values = []
    for _ in range(REPEATS):
        chosen = rng.integers(0, len(kinds[0]), len(kinds[0]))
        means = [kind[chosen].mean(0) for kind in kinds]
        values.append(np.mean([rng.choice(mean, len(mean)).mean() for mean in means]))
    low, high = np.percentile(values, (2.5, 97.5))
    return float(low), float(high)


def summary(ends: list[tuple[float, float]], truth: float) -> str:
    lows, highs = np.array(ends).T
    covered = np.mean((lows <= truth) & (truth <= highs))
    return f"{100 * covered:.1f} %, ± {np.mean(highs - lows) / 2:.3f}"


if __name__ == "__main__":
    main()
