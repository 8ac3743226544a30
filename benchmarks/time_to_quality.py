"""Minutes of a processor until pictures are good: ours beside what a user would take instead.

    python benchmarks/time_to_quality.py --weights FILE.keras --out DIR [--only NAME …] [--write]

The others (time_to_quality_contestants.py) train in a process of their own for so many minutes of
its processor time, and are judged here, on the same images held out as in curves.py, from whose
folder of results (--curves) ours are read: `python benchmarks/curves.py --only "rgan, 500 X-rays"`.
What is in DIR/results.jsonl is not measured again. Ratios of minutes hold for one machine alone.
"""

import math
import os
import subprocess
import sys
from itertools import product
from pathlib import Path

import numpy as np
from curves import ARMS, SAMPLES, SETS, judges_of, results
from pages import grow, parser, table

from tfmedgan.data.prepare import prepare
from tfmedgan.reproduction.study import ResultLog

MINUTES = (2, 5, 10, 15, 20, 30, 45, 60, 90, 120)
LEVELS = (0.004, 0.002, 0.001)
OTHERS = ("lightweight-gan", "stylegan2-pytorch", "DCGAN tutorial, DiffAugment")
OURS = ("rgan", "stylegan2", "dcgan64 --small-data", "vuw-covid/table5-dcgan")


def main() -> None:
    options = parser(__doc__, "tensorflow", "keras")
    options.add_argument("--out", type=Path, required=True)
    options.add_argument("--curves", type=Path, help="results of curves.py on this machine")
    options.add_argument("--weights", help="without, nothing is trained")
    options.add_argument("--only", nargs="*", choices=OTHERS, default=OTHERS)
    options.add_argument("--sets", nargs="*", choices=SETS, default=list(SETS)[:3])
    options.add_argument("--minutes", type=float, default=30, help="of a processor, for each")
    options.add_argument("--seed", type=int, default=0)
    arguments = options.parse_args()
    log = ResultLog(arguments.out / "results.jsonl")
    if arguments.weights:
        arguments.out.mkdir(parents=True, exist_ok=True)
        for of, name in product(arguments.sets, arguments.only):
            measure(log, name, of, arguments)
    grow(arguments, "race", race([log, *_curves(arguments)]))


def _curves(arguments) -> list[ResultLog]:
    return [ResultLog(arguments.curves / "results.jsonl")] if arguments.curves else []


def measure(log: ResultLog, name: str, of: str, arguments) -> None:
    """Train one contestant on a set, and judge its samples after each of the minutes."""
    arm, marks = f"{name}, {of}", [m for m in MINUTES if m <= arguments.minutes]
    if all((arm, f"{m} minutes", arguments.seed) in log.done() for m in marks):
        return
    parts = prepare(ARMS[f"rgan, {of}"].data, 0).parts  # the split of curves.py
    slug = "".join(c if c.isalnum() else "-" for c in f"{arm}-{arguments.seed}")
    folder = arguments.out / slug
    folder.mkdir(exist_ok=True)
    np.savez(folder / "images.npz", images=parts["train"].images)
    script = Path(__file__).with_name("time_to_quality_contestants.py")
    given = [name, folder / "images.npz", folder, arguments.seed, *marks]
    subprocess.run([sys.executable, script, *map(str, given)], check=True, env=_one_thread())
    reals, judges = parts["test"].images[:SAMPLES], judges_of(arguments)
    for mark in marks:
        values = judges.scores(np.load(folder / f"{mark}.npy"), reals)
        log.append(results(arm, f"{mark} minutes", arguments.seed, values | {"minutes": mark}))


def _one_thread() -> dict[str, str]:
    return {**os.environ, "OMP_NUM_THREADS": "1"}


def race(logs: list[ResultLog]) -> dict[str, str]:
    """For each set the minutes until a KID was measured that is as low, and the lowest."""
    heads = (
        "", "seeds", *(f"KID ≤ {level}" for level in LEVELS), "lowest KID", "after minutes",
        "its KID on untrained features",
    )  # fmt: skip
    points = _points(logs)
    return {
        of: table(heads, [(name, *_cells(points[f"{name}, {of}"])) for name in (*OURS, *OTHERS)
                          if f"{name}, {of}" in points])
        for of in SETS
        if any(arm.endswith(f", {of}") for arm in points)
    }  # fmt: skip


def _points(logs: list[ResultLog]) -> dict[str, dict[int, list[tuple[float, float, float]]]]:
    """By arm and seed (minutes, KID, KID on untrained features or NaN), in the order of minutes."""
    rows: dict[tuple, dict[str, float]] = {}
    for log in logs:
        for r in log.read():
            rows.setdefault((r.table, r.seed, r.row), {})[r.metric] = r.value
    points: dict[str, dict[int, list]] = {}
    for (arm, seed, _), row in rows.items():
        if row["minutes"]:  # other real images took none
            point = row["minutes"], row["kid"], row.get("kid_untrained", math.nan)
            points.setdefault(arm, {}).setdefault(seed, []).append(point)
    return {arm: {s: sorted(ps) for s, ps in seeds.items()} for arm, seeds in points.items()}


def _cells(seeds: dict[int, list[tuple[float, float, float]]]) -> list[str]:
    """Means over seeds; "not in M" where a seed did not get there in the M minutes it had."""
    longest = min(ps[-1][0] for ps in seeds.values())
    cells = [str(len(seeds))]
    for level in LEVELS:
        first = [next((m for m, kid, _ in ps if kid <= level), None) for ps in seeds.values()]
        known = None not in first
        cells.append(f"{np.mean(first):.0f}" if known else f"not in {longest:.0f}")
    best = [min(ps, key=lambda point: point[1]) for ps in seeds.values()]
    minutes, kid, untrained = np.mean(best, axis=0)
    told = "–" if math.isnan(untrained) else f"{untrained:.2g}"
    return [*cells, f"{kid:.2g}", f"{minutes:.0f}", told]


if __name__ == "__main__":
    main()
