"""tfmedgan-generate: images from a trained run, marked as synthetic."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tfmedgan.cli import console
from tfmedgan.cli.options import Printing, argument, option, switch
from tfmedgan.errors import InputError, require

if TYPE_CHECKING:
    from tfmedgan.run_directory import RunDirectory


@dataclass(frozen=True, kw_only=True)
class GenerateOptions(Printing):
    """What `tfmedgan-generate --help` lists."""

    run: Path = argument("Run directory of tfmedgan-train.")
    num: int = option("How many images.", default=16)
    label: str | None = option("Class, by name or number; the default takes them in turn.")
    seed: int = option("The same seed gives the same images.", default=0)
    out: Path | None = option("New folder; default RUN/generated-SEED.")
    grid: bool = switch("--grid", "Write one picture of them all, too.")
    arrays: bool = switch("--npz", "Write images.npz, too, for NumPy.")


def generate(options: GenerateOptions) -> None:
    """Write PNG files, one subfolder per class, that say of themselves that they are synthetic."""
    num, seed = options.num, options.seed
    require(num >= 1, f"--num {num}: must be at least 1")
    require(0 <= seed < 2**63, f"--seed {seed}: must be in [0, 2^63)")
    run = finished_run(options.run)
    names = run.class_names
    index = None if options.label is None else _index(options.label, names)
    out = options.out or run.path / f"generated-{seed}"
    console.check_new_directory("--out", out)
    console.start_tensorflow()
    from tfmedgan.cli.generate_files import write

    with console.counting(options.quiet) as progress:
        files = write(run, out, num, index, names, seed, options.grid, options.arrays, progress)
    if options.as_json:
        console.result_json({"folder": str(out), "files": files})
    else:
        console.result(f"{out}: {num} synthetic images")


def finished_run(path: Path) -> "RunDirectory":
    """The run directory, which has a generator."""
    from tfmedgan.run_directory import RunDirectory

    run = RunDirectory.open(path)
    require(
        run.generator_path.is_file(),
        f"{run.generator_path}: missing; finish the run with tfmedgan-train --resume {path}",
    )
    return run


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
    console.run(console.command(generate, GenerateOptions), "tfmedgan-generate")
