"""tfmedgan-generate: images from a trained run, marked as synthetic."""

import json
from pathlib import Path
from typing import Annotated

import typer

from tfmedgan.cli import console
from tfmedgan.errors import InputError, require


def generate(
    run: Annotated[Path, typer.Argument(help="Run directory of tfmedgan-train.")],
    num: Annotated[int, typer.Option(help="How many images.")] = 16,
    label: Annotated[
        str | None, typer.Option(help="Class, by name or number; the default takes them in turn.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same images.")] = 0,
    out: Annotated[
        Path | None, typer.Option(help="New folder; default RUN/generated-SEED.")
    ] = None,
    grid: Annotated[
        bool, typer.Option("--grid", help="Write one picture of them all, too.")
    ] = False,
    arrays: Annotated[
        bool, typer.Option("--npz", help="Write images.npz, too, for NumPy.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print the result only.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
):
    """Write PNG files, one subfolder per class, that say of themselves that they are synthetic."""
    from tfmedgan.run_directory import RunDirectory

    require(num >= 1, f"--num {num}: must be at least 1")
    require(0 <= seed < 2**63, f"--seed {seed}: must be in [0, 2^63)")
    source = RunDirectory.open(run)
    require(
        source.generator_path.is_file(),
        f"{source.generator_path}: missing; finish the run with tfmedgan-train --resume {run}",
    )
    names = source.class_names
    index = None if label is None else _index(label, names)
    out = out or run / f"generated-{seed}"
    console.check_new_directory("--out", out)
    console.start_tensorflow()
    from tfmedgan.cli.generate_files import write

    with console.counting(quiet) as progress:
        files = write(source, out, num, index, names, seed, grid, arrays, progress)
    if as_json:
        print(json.dumps({"folder": str(out), "files": files}))
    else:
        console.stdout.print(f"{out}: {num} synthetic images", soft_wrap=True)


def _index(label: str, names: tuple[str, ...]) -> int:
    """The class that `--label` means: a name first, else a number."""
    require(bool(names), f"--label {label}: this run is unconditional, it has no labels")
    if label in names:
        return names.index(label)
    if label.isdigit() and int(label) < len(names):
        return int(label)
    valid = ", ".join(f"{i} ({name})" for i, name in enumerate(names))
    raise InputError(f"--label {label}: no such class; valid: {valid}")


def main() -> None:
    console.run(console.command(generate), "tfmedgan-generate")
