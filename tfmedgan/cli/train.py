"""tfmedgan-train: train an architecture or a document's preset on a source of images."""

import os
from pathlib import Path
from typing import Annotated

import typer

from tfmedgan.cli import console
from tfmedgan.cli.train_jobs import go_on, start
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
        go_on(resume, epochs, others, place, quiet, as_json)
    else:
        start(
            arch, preset, classes, conditional, small_data, options, out, place, dry_run,
            quiet, as_json,
        )  # fmt: skip


def main() -> None:
    console.run(console.command(train), "tfmedgan-train")
