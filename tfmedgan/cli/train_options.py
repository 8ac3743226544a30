"""The options of tfmedgan-train."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from tfmedgan.cli.options import AllowMissing, AsJson, Quiet, SkipBad

HOW = (  # all others are values of the experiment
    "arch", "preset", "classes", "conditional", "small_data", "out", "resume", "strategy",
    "dry_run", "list_names", "quiet", "as_json",
)  # fmt: skip


@dataclass(frozen=True)
class TrainOptions:
    """What `tfmedgan-train --help` lists; None: the experiment's own value."""

    arch: Annotated[
        str | None, typer.Option(help="Architecture, with this toolkit's defaults.")
    ] = None
    preset: Annotated[
        str | None, typer.Option(help="A document's experiment, with its values.")
    ] = None
    data: Annotated[
        str | None,
        typer.Option(
            help="A folder with one subfolder of images per class, or flat; manifest:NAME:DIR or "
            "a manifest's path; a MedMNIST .npz or a folder of idx files; tfds:NAME; "
            "phantom:fundus, phantom:chest, phantom:foot."
        ),
    ] = None
    classes: Annotated[str | None, typer.Option(help="How many, or their names: A,B,C.")] = None
    image_size: Annotated[int | None, typer.Option(help="Height and width in pixels.")] = None
    channels: Annotated[int | None, typer.Option(help="1 (grey) or 3 (RGB).")] = None
    latent_dim: Annotated[int | None, typer.Option(help="Length of z.")] = None
    epochs: Annotated[int | None, typer.Option(help="Passes, as the document counts them.")] = None
    batch_size: Annotated[int | None, typer.Option()] = None
    images: Annotated[int | None, typer.Option(help="Use at most so many for training.")] = None
    balance: Annotated[str | None, typer.Option(help="none, oversample or uniform-labels.")] = None
    conditional: Annotated[
        bool,
        typer.Option("--conditional", help="Give the labels to a WGAN-GP, which can do without."),
    ] = False
    augment: Annotated[
        str | None,
        typer.Option(help="What the discriminator sees of all images: none, diffaug or ada."),
    ] = None
    small_data: Annotated[
        bool,
        typer.Option(
            "--small-data",
            help="For few images: an averaged generator, diffaug, faster rates.",
        ),
    ] = False
    ema: Annotated[
        float | None,
        typer.Option(help="Decay of an averaged generator, e.g. 0.99; 0 for none."),
    ] = None
    validate_every: Annotated[
        int | None,
        typer.Option(help="Epochs between KID on the validation images; keeps the best. 0: never."),
    ] = None
    patience: Annotated[
        int | None, typer.Option(help="Stop when FID has not improved for so many epochs.")
    ] = None
    seed: Annotated[int | None, typer.Option(help="Decides everything that is random.")] = None
    out: Annotated[Path | None, typer.Option(help="New run directory.")] = None
    resume: Annotated[Path | None, typer.Option(help="Go on with this run.")] = None
    precision: Annotated[
        str | None, typer.Option(help="float32, mixed_bfloat16, mixed_float16, or auto.")
    ] = None
    jit: Annotated[
        bool | None, typer.Option("--jit/--no-jit", help="Compile with XLA; not deterministic.")
    ] = None
    strategy: Annotated[
        str,
        typer.Option(
            help="Devices: none (one), mirrored (all GPUs here), multiworker (see TF_CONFIG)."
        ),
    ] = "none"
    deterministic: Annotated[
        bool | None,
        typer.Option("--deterministic/--no-deterministic", help="On unless --jit is given."),
    ] = None
    allow_missing: AllowMissing = False
    skip_bad: SkipBad = False
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be trained, and train nothing.")
    ] = False
    list_names: Annotated[bool, typer.Option("--list", help="Architectures and presets.")] = False
    quiet: Quiet = False
    as_json: AsJson = False
