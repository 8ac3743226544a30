"""What `tfmedgan-train` does once its options are read: start a run, or go on with one."""

import json
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

from tfmedgan.cli import console
from tfmedgan.cli.devices import start_devices
from tfmedgan.errors import require


def start(
    arch, preset, classes, conditional, small_data, options, out, place, dry_run, quiet, as_json
) -> None:
    """Train into a new run directory, or with --dry-run only say what would be trained."""
    from tfmedgan.cli.resolve import base_experiment, overridden
    from tfmedgan.recipes import with_small_data_aids

    open_devices = partial(start_devices, place, quiet)
    quiet = quiet or not place.is_chief
    base = base_experiment(arch, preset)
    base = with_small_data_aids(base) if small_data else base
    experiment = overridden(base, _with_determinism(options))
    if arch and options["source"] is None and not quiet:
        console.stderr.print(f"no --data given: training on {experiment.data.source}, drawn images")
    out = out or _default_directory(experiment.name)
    if place.is_chief:
        console.check_new_directory("--out", out)
    experiment, data = _load(experiment, classes, conditional, quiet)
    if dry_run:
        console.start_tensorflow()
        from tfmedgan.cli.dry_run import show

        show(experiment, data, place, as_json)
        return
    distribution = open_devices()
    distribution.check(experiment)
    from tfmedgan.training import train

    if not quiet:
        console.stderr.print(f"{experiment.name}: run directory {out}")
    history = train(experiment, out, data=data, progress=not quiet, distribution=distribution)
    _report(out, history, as_json)


def go_on(path: Path, epochs, others: dict, place, quiet, as_json) -> None:
    """Train a run to its end; `others` are the options that --resume does not go with."""
    from tfmedgan.run_directory import RunDirectory

    open_devices = partial(start_devices, place, quiet)
    quiet = quiet or not place.is_chief
    given = [name for name, value in others.items() if value is not None and name != "epochs"]
    require(
        not given,
        f"--resume goes on with the run's own values; leave out --{', --'.join(given)} "
        "(only --epochs can be raised, and --strategy be another)".replace("_", "-"),
    )
    experiment = RunDirectory.open(path).experiment
    require(
        epochs is None or epochs >= experiment.epochs,
        f"--epochs {epochs}: the run was planned for {experiment.epochs}; give as many or more",
    )
    _, data = _load(experiment, None, False, quiet)
    distribution = open_devices()
    from tfmedgan.training import resume

    history = resume(path, epochs=epochs, data=data, progress=not quiet, distribution=distribution)
    _report(path, history, as_json)


def _load(experiment, classes, conditional, quiet):
    """Open and read the data; everything that can be wrong with it shows here."""
    from tfmedgan.cli.resolve import check_number_of_classes, parse_classes
    from tfmedgan.data.prepare import opened, prepare
    from tfmedgan.training.validation_checks import check, with_classes

    number, names = parse_classes(classes)
    config = replace(experiment.data, classes=names or experiment.data.classes)
    _, images = opened(config, experiment.seed)
    present = images.class_names
    check_number_of_classes(number, present, config.source)
    experiment = with_classes(replace(experiment, data=config), present, conditional)
    with console.counting(quiet) as progress:
        data = prepare(config, experiment.seed, progress=progress)
    check(experiment, data)
    if not quiet:
        _show_losses(data)
    return experiment, data


def _show_losses(data) -> None:
    """Say which images are not trained on, and why; all of it is in data.json, too."""
    console.show_notes(data.notes)
    for name, reason in data.skipped[:5]:
        console.stderr.print(f"skipped: {name}: {reason}", soft_wrap=True, markup=False)
    if len(data.skipped) > 5:
        console.stderr.print(f"skipped: {len(data.skipped) - 5} more, listed in data.json")


def _with_determinism(options: dict) -> dict:
    """Deterministic unless XLA is asked for, which would switch it off silently."""
    if options["deterministic"] is None:
        return {**options, "deterministic": not options["jit"]}
    return options


def _default_directory(name: str) -> Path:
    return Path("runs") / f"{name.replace('/', '-')}-{datetime.now():%Y%m%d-%H%M%S}"


def _report(path: Path, history: list[dict], as_json: bool) -> None:
    if not history:  # of a worker beside the chief
        return
    last = history[-1]
    summary = json.loads((path / "summary.json").read_text())
    if as_json:
        print(json.dumps({"run": str(path), **last, "alarms": summary["alarms"]}))
        return
    numbers = "  ".join(f"{k} {v:.4g}" for k, v in last.items() if k not in ("epoch", "step"))
    console.stdout.print(
        f"{path}: {last['epoch']} epochs, {last['step']} steps  {numbers}", soft_wrap=True
    )
    if summary["stopped"]:
        console.stdout.print(f"stopped early: {summary['stopped']}", soft_wrap=True)
    if summary["generator"]["epoch"] != last["epoch"]:
        chosen = summary["generator"]
        console.stdout.print(f"generator.keras: epoch {chosen['epoch']}, {chosen['chosen by']}")
    for sentence in summary["alarms"].values():
        console.stdout.print(f"ALARM: {sentence}", soft_wrap=True)
    console.stdout.print(f"samples: {sorted((path / 'samples').glob('*.png'))[-1]}", soft_wrap=True)
