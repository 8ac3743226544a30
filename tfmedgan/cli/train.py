"""tfmedgan-train: train an architecture or a document's preset on a source of images."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from tfmedgan.cli import console, places
from tfmedgan.cli.devices import start_devices
from tfmedgan.cli.options import given, refuse_others
from tfmedgan.cli.train_data import for_the_data, load
from tfmedgan.cli.train_options import HOW, TrainOptions
from tfmedgan.cli.train_sites import (
    ELSEWHERE,
    check_options,
    go_on_elsewhere,
    start_elsewhere,
)
from tfmedgan.config import DataConfig, Experiment
from tfmedgan.errors import require
from tfmedgan.reporting.formatting import counted
from tfmedgan.training.cluster import Task, task

OF_ITS_IMAGES = (  # fields of `DataConfig` that chose among the images of a run
    "classes", "images", "fractions", "split_file", "balance", "allow_missing", "skip_bad",
)  # fmt: skip


def train(options: TrainOptions) -> None:
    """Train a GAN on medical images: --arch cgan --data DIR, or --preset iut2023/cgan."""
    if options.list_names:
        from tfmedgan.cli.listing import print_names

        refuse_others(options, "--list only shows names", "list_names", "quiet", "as_json")
        print_names(options.as_json)
        return
    place = task(options.strategy, os.environ)
    if options.resume:
        go_on(options, options.resume, place)
    else:
        start(options, place)


def start(options: TrainOptions, place: Task) -> None:
    """Train into a new run directory, or with --dry-run only say what would be trained."""
    quiet = options.quiet or not place.is_chief
    experiment = resolved(options)
    check_options(options, experiment)
    if not (options.arch or options.preset or options.start_from):
        console.say(f"no --arch given: {experiment.name}, made for few images", quiet)
    if options.arch and options.data is None and options.superlink is None:
        source = experiment.data.source
        console.say(f"no --data given: training on {source}, drawn images", quiet)
    out = options.out or places.new_run(experiment.name)
    if place.is_chief:
        places.check_new_directory("--out", out)
    if options.superlink is not None:
        console.say(f"{experiment.name}: run directory {out}", quiet)
        _report(out, start_elsewhere(options, experiment, out), options.as_json)
        return
    experiment, data = load(experiment, options, quiet)
    experiment = for_the_data(experiment, data, options)
    if options.dry_run:
        console.start_tensorflow()
        from tfmedgan.cli.dry_run import show

        show(experiment, data, place, options.as_json)
        return
    distribution = start_devices(place, options.quiet)
    distribution.check(experiment)
    console.say(f"{experiment.name}: run directory {out}", quiet)
    if experiment.federation:
        from tfmedgan.federated.runs import train as train_sites

        history = train_sites(experiment, out, data=data, progress=not quiet)
    else:
        from tfmedgan.training import train as train_gan

        history = train_gan(
            experiment, out, data=data, progress=not quiet, distribution=distribution
        )
    _report(out, history, options.as_json)


def go_on(options: TrainOptions, path: Path, place: Task) -> None:
    """Train a run to its end, or to more epochs."""
    from tfmedgan.run_directory import RunDirectory

    quiet = options.quiet or not place.is_chief
    changeable = ("epochs", "rounds", "strategy", *ELSEWHERE)  # in one kind of run or another
    refuse_others(
        options, "--resume goes on with the run's own values", "resume", *changeable, "quiet",
        "as_json",
    )  # fmt: skip
    experiment = RunDirectory.open(path).experiment
    is_elsewhere = experiment.federation is not None and not experiment.data.source
    longer = _longer(options, experiment, is_elsewhere)
    if is_elsewhere:
        _report(path, go_on_elsewhere(options, path), options.as_json)
        return
    _, data = load(experiment, options, quiet)
    distribution = start_devices(place, options.quiet)
    if experiment.federation:
        from tfmedgan.federated.runs import resume as resume_sites

        history = resume_sites(path, rounds=longer, data=data, progress=not quiet)
    else:
        from tfmedgan.training import resume

        history = resume(
            path, epochs=longer, data=data, progress=not quiet, distribution=distribution
        )
    _report(path, history, options.as_json)


def _longer(options: TrainOptions, experiment: Experiment, is_elsewhere: bool) -> int | None:
    """The total number of epochs or rounds that was asked for, if it was.

    Raises:
        InputError: for fewer than were planned, and for what this kind of run cannot change.
    """
    length = "rounds" if experiment.federation else "epochs"
    others = ("strategy",) if not experiment.federation else ELSEWHERE if is_elsewhere else ()
    also = f", and --{others[0]} be another" if others else ""
    refuse_others(
        options,
        f"--resume goes on with the run's own values (only --{length} can be raised{also})",
        "resume", length, *others, "quiet", "as_json",
    )  # fmt: skip
    longer = getattr(options, length)
    require(
        longer is None or longer >= experiment.epochs,
        f"--{length} {longer}: the run was planned for {experiment.epochs}; give as many or more",
    )
    return longer


def resolved(options: TrainOptions) -> Experiment:
    """The experiment that the options describe, but for what the data decide.

    XLA would switch determinism off silently, so --jit decides on both unless both are given.
    """
    from tfmedgan.cli.resolve import overridden, parsed_fade
    from tfmedgan.recipes import with_small_data_aids

    require(
        options.kimg is None or options.epochs is None,
        "--kimg and --epochs exclude each other; give one",
    )
    if options.fade_labels is not None:
        parsed_fade(options.fade_labels)  # it may refuse them
    base = _base(options)
    base = with_small_data_aids(base) if options.small_data else base
    decided = {} if options.jit is None else {"deterministic": not options.jit}
    return overridden(base, {**decided, **given(options, *HOW)})


def _base(options: TrainOptions) -> Experiment:
    """The experiment that the options change: named, that of another run, or the recommended."""
    from tfmedgan.architectures import ARCHITECTURES
    from tfmedgan.papers import PRESETS
    from tfmedgan.recipes import RECOMMENDED
    from tfmedgan.run_directory import RunDirectory

    arch, preset = options.arch, options.preset
    require(
        not (arch and preset) and (arch or preset or options.start_from or options.data),
        "give --arch NAME, --preset NAME, or --data SOURCE alone; --list shows the names",
    )
    if preset:
        return PRESETS[preset]
    if options.start_from and not arch:
        former = RunDirectory.open(options.start_from).experiment
        chosen: dict[str, Any] = {"split_file": ""}
        if options.data:  # what chose among the former run's images says nothing of others
            chosen = {name: getattr(DataConfig(), name) for name in OF_ITS_IMAGES}
        return replace(former, data=replace(former.data, **chosen))
    return ARCHITECTURES[arch or RECOMMENDED]


def _report(path: Path, history: list[dict], as_json: bool) -> None:
    from tfmedgan.evaluation.federation import federation_sentence
    from tfmedgan.run_directory import RunDirectory

    if not history:  # of a worker beside the chief
        return
    last, run = history[-1], RunDirectory.open(path)
    summary, rounds = run.summary, run.rounds()
    if as_json:
        more = {n: summary[n] for n in ("alarms", "federation") if n in summary}
        console.result_json({"run": str(path), **last, **more})
        return
    numbers = "  ".join(f"{k} {v:.4g}" for k, v in last.items() if k not in ("epoch", "step"))
    length, steps = counted(last["epoch"], "round" if rounds else "epoch"), last["step"]
    console.result(f"{path}: {length}, {counted(steps, 'step')}  {numbers}")
    if rounds:
        console.result(federation_sentence(rounds))
    if summary["stopped"]:
        console.result(f"stopped early: {summary['stopped']}")
    chosen = summary["generator"]
    if chosen["epoch"] != last["epoch"]:
        console.result(f"generator.keras: epoch {chosen['epoch']}, {chosen['chosen by']}")
    for sentence in summary["alarms"].values():
        console.result(f"ALARM: {sentence}")
    for path in sorted(run.samples.glob("*.png"))[-1:]:  # none of a run whose grids were removed
        console.result(f"samples: {path}")


def main() -> None:
    console.run(console.command(train, TrainOptions), "tfmedgan-train")
