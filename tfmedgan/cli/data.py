"""tfmedgan-data: look at data sets, check them, split them and prepare them once for all."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from tfmedgan.cli import console
from tfmedgan.cli.options import AllowMissing, AsJson, Quiet, SkipBad, add_command
from tfmedgan.errors import require

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Look at image data sets, check them, split them, and prepare them for training.",
)

Source = Annotated[
    str,
    typer.Argument(
        metavar="SOURCE",
        help="A folder of images, manifest:NAME[:DIR], a manifest's path, tfds:NAME, a .npz, "
        "a folder of idx files, phantom:fundus, phantom:chest or phantom:foot.",
    ),
]
Classes = Annotated[str, typer.Option(help="Names of the classes to keep: A,B,C.")]
Fractions = Annotated[str, typer.Option(help="Train, validation and test; 70:15:15.")]
SplitFile = Annotated[str, typer.Option(help="A split written before by `split`.")]
Seed = Annotated[int, typer.Option(help="Decides everything that is random.")]
Download = Annotated[bool, typer.Option("--download", help="Let TFDS fetch tfds:NAME.")]
Chain = Annotated[str, typer.Option(help="Steps of a document, as vuw-covid/64.")]
ImageSize = Annotated[
    int | None, typer.Option(help="Without --chain: height and width in pixels; 64.")
]
Channels = Annotated[int | None, typer.Option(help="Without --chain: 1 (grey) or 3 (RGB); 3.")]


@dataclass(frozen=True)
class ListOptions:
    as_json: AsJson = False


def list_sets(options: ListOptions) -> None:
    """The data sets that are described here."""
    from tfmedgan.cli.data_tables import print_sets

    print_sets(options.as_json)


@dataclass(frozen=True)
class ShowOptions:
    name: Annotated[str, typer.Argument(metavar="NAME")]
    as_json: AsJson = False


def show(options: ShowOptions) -> None:
    """All that is known of one data set: licence, citation, classes, how to get it."""
    from tfmedgan.cli.data_tables import print_manifest
    from tfmedgan.data.manifest import find_manifest

    name = options.name.removeprefix("manifest:").partition(":")[0]
    print_manifest(find_manifest(name), options.as_json)


@dataclass(frozen=True)
class VerifyOptions:
    source: Source
    allow_missing: AllowMissing = False
    download: Download = False
    seed: Seed = 0
    quiet: Quiet = False
    as_json: AsJson = False


def verify(options: VerifyOptions) -> None:
    """Read every image and report what is there, what is damaged, and what is doubled.

    Exit status 1 when a listed image is missing or one cannot be read.
    """
    from tfmedgan.cli.data_jobs import inspected
    from tfmedgan.cli.data_tables import print_inspection

    inspection, _ = inspected(options.source, options.download, options.seed, options.quiet)
    print_inspection(inspection, options.as_json)
    missing = bool(inspection.missing) and not options.allow_missing
    if missing or inspection.bad or inspection.skipped:
        raise typer.Exit(1)


@dataclass(frozen=True)
class PreviewOptions:
    source: Source
    out: Annotated[Path, typer.Option(help="New folder for the contact sheets.")]
    chain: Chain = ""
    image_size: ImageSize = None
    channels: Channels = None
    columns: Annotated[int, typer.Option(min=1, max=20, help="Images per row.")] = 8
    seed: Seed = 0
    quiet: Quiet = False
    as_json: AsJson = False


def preview(options: PreviewOptions) -> None:
    """Draw a contact sheet per class, before and after the steps, and one of near-duplicates."""
    from tfmedgan.cli.data_jobs import chosen_steps, write_preview
    from tfmedgan.cli.data_tables import print_inspection

    steps = chosen_steps(options)
    inspection, files = write_preview(
        options.source, options.out, steps, options.columns, options.seed, options.quiet
    )
    print_inspection(inspection, options.as_json, files)


@dataclass(frozen=True)
class SplitOptions:
    source: Source
    out: Annotated[Path, typer.Option(help="New JSON file for the split.")]
    fractions: Fractions = ""
    classes: Classes = ""
    seed: Seed = 0
    allow_missing: AllowMissing = False
    skip_bad: SkipBad = False
    quiet: Quiet = False
    as_json: AsJson = False


def split(options: SplitOptions) -> None:
    """Divide a data set once; patients and near-duplicates are never on both sides.

    A publisher's own split is kept, and only cleared of copies.
    """
    from tfmedgan.cli.data_jobs import data_config, write_split
    from tfmedgan.cli.data_tables import print_split

    out = options.out
    require(not out.exists(), f"--out {out}: exists already; choose another")
    made = write_split(data_config(options, ()), out, options.seed, options.quiet)
    print_split(*made, options.as_json)


@dataclass(frozen=True)
class PrepareOptions:
    source: Source
    out: Annotated[Path, typer.Option(help="TFDS data folder to write to.")]
    name: Annotated[str, typer.Option(help="Name of the prepared set.")] = "prepared"
    chain: Chain = ""
    image_size: ImageSize = None
    channels: Channels = None
    classes: Classes = ""
    fractions: Fractions = ""
    split_file: SplitFile = ""
    file_format: Annotated[
        str,
        typer.Option(
            "--format",
            help="tfrecord (tfds.load), or array_record (tfds.data_source; larger than memory).",
        ),
    ] = "tfrecord"
    seed: Seed = 0
    allow_missing: AllowMissing = False
    skip_bad: SkipBad = False
    quiet: Quiet = False
    as_json: AsJson = False


def prepare(options: PrepareOptions) -> None:
    """Run the steps once and write a TFDS data set, for --data tfds:NAME:OUT and plain tfds."""
    from tfmedgan.cli.data_jobs import chosen_steps, data_config, write_prepared
    from tfmedgan.cli.data_tables import print_prepared

    config = data_config(options, chosen_steps(options))
    written = write_prepared(
        config, options.out, options.name, options.file_format, options.seed, options.quiet
    )
    print_prepared(written, options.as_json)


add_command(app, ListOptions, list_sets, "list")
add_command(app, ShowOptions, show)
add_command(app, VerifyOptions, verify)
add_command(app, PreviewOptions, preview)
add_command(app, SplitOptions, split)
add_command(app, PrepareOptions, prepare)


def main() -> None:
    console.run(app, "tfmedgan-data")
