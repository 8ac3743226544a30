"""tfmedgan-train: train an architecture or a document's preset on a source of images."""

import json
import os
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from tfmedgan.cli import console
from tfmedgan.cli.devices import start_devices
from tfmedgan.errors import require
from tfmedgan.training.cluster import task


def train(
    arch: Annotated[
        str | None, typer.Option(help="Architecture, with this toolkit's defaults.")
    ] = None,
    preset: Annotated[
        str | None, typer.Option(help="A document's experiment, with its values.")
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(
            help="A folder with one subfolder of images per class, or flat; manifest:NAME:DIR or "
            "a manifest's path; a MedMNIST .npz or a folder of idx files; tfds:NAME; "
            "phantom:fundus, phantom:chest, phantom:foot."
        ),
    ] = None,
    classes: Annotated[str | None, typer.Option(help="How many, or their names: A,B,C.")] = None,
    image_size: Annotated[int | None, typer.Option(help="Height and width in pixels.")] = None,
    channels: Annotated[int | None, typer.Option(help="1 (grey) or 3 (RGB).")] = None,
    latent_dim: Annotated[int | None, typer.Option(help="Length of z.")] = None,
    epochs: Annotated[int | None, typer.Option(help="Passes, as the document counts them.")] = None,
    batch_size: Annotated[int | None, typer.Option()] = None,
    images: Annotated[int | None, typer.Option(help="Use at most so many for training.")] = None,
    balance: Annotated[str | None, typer.Option(help="none, oversample or uniform-labels.")] = None,
    conditional: Annotated[
        bool,
        typer.Option("--conditional", help="Give the labels to a WGAN-GP, which can do without."),
    ] = False,
    augment: Annotated[
        str | None,
        typer.Option(help="What the discriminator sees of all images: none, diffaug or ada."),
    ] = None,
    small_data: Annotated[
        bool,
        typer.Option(
            "--small-data",
            help="For few images: an averaged generator, diffaug, faster rates.",
        ),
    ] = False,
    ema: Annotated[
        float | None,
        typer.Option(help="Decay of an averaged generator, e.g. 0.99; 0 for none."),
    ] = None,
    validate_every: Annotated[
        int | None,
        typer.Option(help="Epochs between KID on the validation images; keeps the best. 0: never."),
    ] = None,
    patience: Annotated[
        int | None, typer.Option(help="Stop when FID has not improved for so many epochs.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Decides everything that is random.")] = None,
    out: Annotated[Path | None, typer.Option(help="New run directory.")] = None,
    resume: Annotated[Path | None, typer.Option(help="Go on with this run.")] = None,
    precision: Annotated[
        str | None, typer.Option(help="float32, mixed_bfloat16, mixed_float16, or auto.")
    ] = None,
    jit: Annotated[
        bool | None, typer.Option("--jit/--no-jit", help="Compile with XLA; not deterministic.")
    ] = None,
    strategy: Annotated[
        str,
        typer.Option(
            help="Devices: none (one), mirrored (all GPUs here), multiworker (see TF_CONFIG)."
        ),
    ] = "none",
    deterministic: Annotated[
        bool | None,
        typer.Option("--deterministic/--no-deterministic", help="On unless --jit is given."),
    ] = None,
    allow_missing: Annotated[
        bool,
        typer.Option("--allow-missing", help="Go on without images that are listed but absent."),
    ] = False,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Go on without images that cannot be read.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be trained, and train nothing.")
    ] = False,
    list_names: Annotated[bool, typer.Option("--list", help="Architectures and presets.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print the result only.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
):
    """Train a GAN on medical images: --arch cgan --data DIR, or --preset iut2023/cgan."""
    options = {
        "image_size": image_size, "channels": channels, "latent_dim": latent_dim,
        "epochs": epochs, "batch_size": batch_size, "images": images, "balance": balance,
        "ema": ema, "augment": augment, "every": validate_every, "patience": patience,
        "seed": seed, "precision": precision,
        "jit": jit, "deterministic": deterministic,
        "allow_missing": allow_missing or None, "skip_bad": skip_bad or None, "source": data,
    }  # fmt: skip
    if list_names:
        from tfmedgan.cli.listing import print_names

        print_names(as_json)
        return
    place = task(strategy, os.environ)
    if resume:
        others = {
            "arch": arch, "preset": preset, "classes": classes, "out": out,
            "conditional": conditional or None, "small-data": small_data or None, **options,
        }  # fmt: skip
        _resume(resume, epochs, others, place, quiet, as_json)
    else:
        _train(
            arch, preset, classes, conditional, small_data, options, out, place, dry_run,
            quiet, as_json,
        )  # fmt: skip


def _train(
    arch, preset, classes, conditional, small_data, options, out, place, dry_run, quiet, as_json
) -> None:
    from tfmedgan.cli.resolve import base_experiment, overridden
    from tfmedgan.small_data import with_small_data_aids

    start = partial(start_devices, place, quiet)
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
    distribution = start()
    distribution.check(experiment)
    from tfmedgan.training import train

    if not quiet:
        console.stderr.print(f"{experiment.name}: run directory {out}")
    history = train(experiment, out, data=data, progress=not quiet, distribution=distribution)
    _report(out, history, as_json)


def _resume(path: Path, epochs, others: dict, place, quiet, as_json) -> None:
    from tfmedgan.run_directory import RunDirectory

    start = partial(start_devices, place, quiet)
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
    distribution = start()
    from tfmedgan.training import resume

    history = resume(path, epochs=epochs, data=data, progress=not quiet, distribution=distribution)
    _report(path, history, as_json)


def _load(experiment, classes, conditional, quiet):
    """Open and read the data; everything that can be wrong with it shows here."""
    from tfmedgan.cli.resolve import check_number_of_classes, parse_classes
    from tfmedgan.data.prepare import prepare
    from tfmedgan.data.sources import open_source
    from tfmedgan.training.contract import check, with_classes

    number, names = parse_classes(classes)
    config = replace(experiment.data, classes=names or experiment.data.classes)
    found = open_source(config.source, allow_missing=config.allow_missing, seed=experiment.seed)
    present = config.classes or found.class_names
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
    for warning in data.split.warnings:
        console.stderr.print(f"note: {warning}", soft_wrap=True, markup=False)
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


def main() -> None:
    console.run(console.command(train), "tfmedgan-train")
