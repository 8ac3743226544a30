"""How well a U-Net outlines foot ulcers, and how fast it is beside plain PyTorch.

    python benchmarks/segmentation.py --out DIR [--only dice|speed] [--cores N] [--write]

Dice: trainings on the photographs of FUSeg (TFMEDGAN_DATA) at 64 px, scored on its validation
part, which the training does not see. Each is an ordinary run in DIR; one that was killed goes
on where it was. Minutes are those of one thread's processor.
Speed: each contestant in a process of its own, on the same cores, in turns. PyTorch has to be
installed beside the toolkit.
"""

import csv
import os
import statistics
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from pages import parser, show, table
from segmentation_contestants import TASKS, Pace
from speed import Contestant
from turns import in_turns, ratio

EPOCHS = 40
FEW = 200  # for training and validation
BASE = 1  # position of the training with few images
PACE = Pace(64, 16, 16, "float32")
STEPS = {"training step": 3, "one prediction": 30}  # of a turn
SECTIONS = ("dice", "speed")


def arms() -> dict:
    """The trainings; those with few images differ from the first of them in one thing."""
    from tfmedgan.segmentation.config import CLASSICAL, UNET

    source = f"manifest:fuseg:{Path(os.environ['TFMEDGAN_DATA']) / 'fuseg'}"
    whole = replace(UNET, data=replace(UNET.data, source=source), epochs=EPOCHS)
    few = replace(whole, data=replace(whole.data, images=FEW))
    augmented = replace(few.data, steps=(*few.data.steps, *CLASSICAL))
    return {
        "all images": whole,
        f"{FEW} images": few,
        f"{FEW} images, `--precision float32`": replace(few, precision="float32"),
        f"{FEW} images, `--augment`": replace(few, data=augmented),
    }


def train_and_score(experiment, place: Path) -> list:
    """Train in `place`, or go on there, and score; a row of the table."""
    from tfmedgan.segmentation.assessment import assess, write
    from tfmedgan.segmentation.run import SegmentationRun, resume, train

    minutes, started = place.with_suffix(".minutes"), time.process_time()
    before = float(minutes.read_text()) if minutes.exists() else 0.0
    if not (place.exists() and SegmentationRun.open(place).summary):
        try:
            resume(place) if place.exists() else train(experiment, place)
        finally:
            minutes.write_text(str(before + (time.process_time() - started) / 60))
    run = SegmentationRun.open(place)
    assessment = assess(run)
    write(assessment, place / "evaluation")
    summary = run.summary
    scores = [
        f"{row['value']:.{digits}f} ({row['low']:.{digits}f} to {row['high']:.{digits}f})"
        for row, digits in zip(assessment.rows, (3, 3, 1), strict=True)
    ]
    of_epochs = f"{summary['best_epoch']} of {summary['epochs']}"
    spent = f"{float(minutes.read_text()):.1f}" if minutes.exists() else "not kept"
    counts = run.data["counts"]
    images = f"{counts['train']['all']} + {counts['validation']['all']}"
    return [images, of_epochs, spent, *scores]


def measured_dice(out: Path, chosen: list[str]) -> str:
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    rows = []
    for number, (name, experiment) in enumerate(arms().items()):
        if str(number) in chosen:
            place = out / f"unet-{number}"
            row = [name, *train_and_score(experiment, place)]
            rows.append([*row, more_dice(place, out / f"unet-{BASE}") if number > BASE else ""])
            print(*rows[-1], flush=True)
    heads = ("training", "images", "best epoch", "minutes", "Dice", "IoU", "HD95, pixels")
    return table((*heads, f"Dice, beside {FEW} images"), rows)


def more_dice(place: Path, base: Path) -> str:
    """The mean difference on the same images, with the interval of a bootstrap of them."""
    from tfmedgan.evaluation.intervals import bootstrap_means
    from tfmedgan.seeding import rng

    ours, theirs = (dice_by_image(folder) for folder in (place, base))
    differences = np.array([ours[image] - theirs[image] for image in theirs])
    low, high = bootstrap_means([differences], rng(0, "unet/differences"))
    return f"{differences.mean():+.3f} ({low:+.3f} to {high:+.3f})"


def dice_by_image(run: Path) -> dict[str, float]:
    with open(run / "evaluation" / "images.csv", newline="") as file:
        return {row["image"]: float(row["dice"]) for row in csv.DictReader(file)}


def measured_speed(rounds: int, cores: int) -> str:
    """A row for each task and precision, all contestants of a row in turns."""
    rows = []
    for precision in ("float32", "mixed_bfloat16"):
        pace = replace(PACE, precision=precision)
        for task, contestants in TASKS.items():
            seconds = raced(contestants, pace, STEPS[task], rounds, cores)
            ms = [f"{1000 * statistics.median(seconds[name]):.0f}" for name in contestants]
            middle, low, high = ratio(seconds["PyTorch"], seconds["toolkit"])
            rows.append([task, precision, *ms, f"**{middle:.2f}** ({low:.2f}–{high:.2f})"])
            print(*rows[-1], flush=True)
    return table(("what", "precision", "toolkit, ms", "PyTorch, ms", "ratio"), rows)


def raced(
    contestants: dict, pace: Pace, steps: int, rounds: int, cores: int
) -> dict[str, list[float]]:
    """Seconds per step of each contestant in each round."""
    processors = sorted(os.sched_getaffinity(0))[:cores]
    racing = {name: Contestant(work, pace, processors) for name, work in contestants.items()}
    turns = {name: lambda c=c: c.seconds(steps) / steps for name, c in racing.items()}
    seconds = in_turns(turns, rounds)
    for contestant in racing.values():
        contestant.close()
    return seconds


def main() -> None:
    options = parser(__doc__, "tensorflow", "keras", "torch")
    options.add_argument("--out", type=Path, required=True)
    options.add_argument("--only", nargs="+", default=list(SECTIONS), choices=SECTIONS)
    options.add_argument("--arms", default="0123", help="positions of the trainings")
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--cores", type=int, default=2, help="that each contestant has")
    arguments = options.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    if "dice" in arguments.only:
        show(arguments, "dice", measured_dice(arguments.out, list(arguments.arms)))
    if "speed" in arguments.only:
        show(arguments, "speed", measured_speed(arguments.rounds, arguments.cores))


if __name__ == "__main__":
    main()
