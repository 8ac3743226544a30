"""tfmedgan-export: a trained generator for other programs, with a model card."""

import json
from pathlib import Path
from typing import Annotated

import typer

from tfmedgan.cli import console
from tfmedgan.errors import require


def export(
    run: Annotated[Path, typer.Argument(help="Run directory of tfmedgan-train.")],
    format_name: Annotated[
        str, typer.Option("--format", help="savedmodel, onnx or litert.")
    ] = "savedmodel",
    out: Annotated[Path | None, typer.Option(help="New folder; RUN/export/FORMAT.")] = None,
    allow_unchecked: Annotated[
        bool,
        typer.Option(
            "--allow-unchecked",
            help="Export although copies of training images were found, or nobody looked.",
        ),
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print the result only.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the model card as JSON.")] = False,
):
    """Write the generator as SavedModel, ONNX or LiteRT, with MODEL_CARD.md beside it.

    It needs a check for copies of training images, of tfmedgan-evaluate or made now.
    """
    from tfmedgan.run_directory import RunDirectory
    from tfmedgan.serving.formats import check_format

    check_format(format_name)
    source = RunDirectory.open(run)
    require(
        source.generator_path.is_file(),
        f"{source.generator_path}: missing; finish the run with tfmedgan-train --resume {run}",
    )
    out = out or run / "export" / format_name
    console.check_new_directory("--out", out)
    console.start_tensorflow()
    from tfmedgan.serving.copies import permission
    from tfmedgan.serving.export import export as write

    with console.counting(quiet) as progress:
        copies = permission(source, allow_unchecked, progress)
    with console.quiet_tensorflow():
        card = write(source, format_name, out, copies)
    if as_json:
        print(json.dumps(card, allow_nan=False))
        return
    _show(out, card)


def _show(out: Path, card: dict) -> None:
    lines = [
        f"{out}: {card['export']['title']} of {card['model']['architecture']}",
        f"copies of training images: {card['copy_check']['state']}",
        f"card: {out / 'MODEL_CARD.md'}",
    ]
    for line in lines:
        console.stdout.print(line, soft_wrap=True, markup=False)


def main() -> None:
    console.run(console.command(export), "tfmedgan-export")
