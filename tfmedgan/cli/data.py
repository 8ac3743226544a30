"""tfmedgan-data: look at data sets, check them, split them and prepare them once for all."""

from dataclasses import dataclass
from pathlib import Path

import typer

from tfmedgan.cli import console
from tfmedgan.cli.options import Printing, Reading, add_command, argument, option, required, switch

app = console.application(
    "Look at image data sets, check them, split them, and prepare them for training."
)


@dataclass(frozen=True, kw_only=True)
class ShowOptions(Printing):
    name: str = argument("One that `list` names.", metavar="NAME")


@dataclass(frozen=True, kw_only=True)
class SourceOptions(Printing):
    source: str = argument(
        "A folder of images, a .csv of paths and labels, manifest:NAME[:DIR], a manifest's path, "
        "tfds:NAME, a .npz, a folder of idx files, phantom:fundus, phantom:chest or phantom:foot.",
        metavar="SOURCE",
    )
    masks: bool = switch("--masks", "Read the mask beside each image, too.")
    seed: int = option("Decides everything that is random.", default=0)


@dataclass(frozen=True, kw_only=True)
class VerifyOptions(SourceOptions):
    allow_missing: bool = switch("--allow-missing", "Listed but absent images are no failure.")
    download: bool = switch("--download", "Let TFDS fetch tfds:NAME.")


@dataclass(frozen=True, kw_only=True)
class StepsOptions(SourceOptions):
    chain: str = option("Steps of a document, as vuw-covid/64.", default="")
    image_size: int | None = option("Without --chain: height and width in pixels; default: 64.")
    channels: int | None = option("Without --chain: 1 (grey) or 3 (RGB); default: 3.")


@dataclass(frozen=True, kw_only=True)
class PreviewOptions(StepsOptions):
    out: Path = required("New folder for the contact sheets.")
    columns: int = option("Images per row.", default=8, min=1, max=20)


@dataclass(frozen=True, kw_only=True)
class SplitOptions(SourceOptions, Reading):
    out: Path = required("New JSON file for the split.")
    fractions: str = option("Train, validation and test; 70:15:15.", default="")
    classes: str = option("Names of the classes to keep: A,B,C.", default="")


@dataclass(frozen=True, kw_only=True)
class PrepareOptions(StepsOptions, SplitOptions):
    out: Path = required("TFDS data folder to write to.")
    name: str = option("Name of the prepared set.", default="prepared")
    split_file: str = option("A split written before by `split`.", default="")
    file_format: str = option(
        "tfrecord (tfds.load), or array_record (tfds.data_source; larger than memory).",
        "--format",
        default="tfrecord",
    )


def list_sets(options: Printing) -> None:
    """The data sets that are described here."""
    from tfmedgan.cli.data_tables import print_sets

    print_sets(options.as_json)


def show(options: ShowOptions) -> None:
    """All that is known of one data set: licence, citation, classes, how to get it."""
    from tfmedgan.cli.data_tables import print_manifest
    from tfmedgan.data.manifest_file import find_manifest

    name = options.name.removeprefix("manifest:").partition(":")[0]
    print_manifest(find_manifest(name), options.as_json)


def verify(options: VerifyOptions) -> None:
    """Read every image and report what is there, what is damaged, and what is doubled.

    Exit status 1 when a listed image is missing or one cannot be read; with --masks also when an
    image lacks its mask. Masks that a manifest names are looked at in any case.
    """
    from tfmedgan.cli.data_jobs import inspected
    from tfmedgan.cli.data_tables import print_inspection

    inspection, _ = inspected(options, options.download)
    print_inspection(inspection, options.as_json)
    masks = inspection.masks if options.masks else None
    missing = bool(inspection.missing or (masks and masks.lacking)) and not options.allow_missing
    if missing or (masks and masks.unclear) or inspection.bad or inspection.skipped:
        raise typer.Exit(1)


def preview(options: PreviewOptions) -> None:
    """Draw a contact sheet per class, before and after the steps, and one of near-duplicates."""
    from tfmedgan.cli.data_jobs import write_preview
    from tfmedgan.cli.data_tables import print_inspection

    inspection, files = write_preview(options)
    print_inspection(inspection, options.as_json, files)


def split(options: SplitOptions) -> None:
    """Divide a data set once; patients and near-duplicates are never on both sides.

    A publisher's own split is kept, and only cleared of copies.
    """
    from tfmedgan.cli.data_jobs import write_split
    from tfmedgan.cli.data_tables import print_split

    print_split(*write_split(options), options.out, options.as_json)


def prepare(options: PrepareOptions) -> None:
    """Run the steps once and write a TFDS data set, for --data tfds:NAME:OUT and plain tfds."""
    from tfmedgan.cli.data_jobs import write_prepared
    from tfmedgan.cli.data_tables import print_prepared

    print_prepared(write_prepared(options), options.as_json)


add_command(app, Printing, list_sets, "list")
add_command(app, ShowOptions, show)
add_command(app, VerifyOptions, verify)
add_command(app, PreviewOptions, preview)
add_command(app, SplitOptions, split)
add_command(app, PrepareOptions, prepare)


def main() -> None:
    console.run(app, "tfmedgan-data")
