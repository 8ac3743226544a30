"""tfmedgan-export: a trained generator for other programs, with a model card."""

from dataclasses import dataclass
from pathlib import Path

from tfmedgan.cli import console, places
from tfmedgan.cli.options import Printing, argument, option, switch


@dataclass(frozen=True, kw_only=True)
class ExportOptions(Printing):
    """What `tfmedgan-export --help` lists."""

    run: Path = argument("Run directory of tfmedgan-train.")
    format_name: str = option("savedmodel, onnx or litert.", "--format", default="savedmodel")
    out: Path | None = option("New folder; default: RUN/export/FORMAT.")
    allow_unchecked: bool = switch(
        "--allow-unchecked",
        "Export although copies of training images were found, or nobody looked.",
    )


def export(options: ExportOptions) -> None:
    """Write the generator as SavedModel, ONNX or LiteRT, with MODEL_CARD.md beside it.

    It needs a check for copies of training images, of tfmedgan-evaluate or made now.
    """
    from tfmedgan.run_directory import RunDirectory
    from tfmedgan.serving.formats import check_format

    check_format(options.format_name)
    run = RunDirectory.finished(options.run)
    out = options.out or run.path / "export" / options.format_name
    places.check_new_directory("--out", out)
    console.start_tensorflow()
    from tfmedgan.serving.copies import permission
    from tfmedgan.serving.export import export as write

    with console.counting(options.quiet) as progress:
        copies = permission(run, options.allow_unchecked, progress)
    with console.quiet_tensorflow():
        card = write(run, options.format_name, out, copies)
    if options.as_json:
        console.result_json(card)
        return
    console.result(f"{out}: {card['export']['title']} of {card['model']['architecture']}")
    console.result(f"copies of training images: {card['copy_check']['state']}")
    console.result(f"card: {out / 'MODEL_CARD.md'}")


def main() -> None:
    console.run(console.command(export, ExportOptions), "tfmedgan-export")
