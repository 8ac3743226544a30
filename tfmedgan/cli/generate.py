"""tfmedgan-generate: images from a trained run, marked as synthetic."""

from tfmedgan.cli import console, places
from tfmedgan.cli.generate_options import GenerateOptions, check, check_family
from tfmedgan.errors import InputError, require


def generate(options: GenerateOptions) -> None:
    """Write PNG files, one subfolder per class, that say of themselves that they are synthetic.

    Of a run on pairs these are images and their masks, in a folder each.
    """
    check(options)
    from tfmedgan.run_directory import RunDirectory

    run = RunDirectory.finished(options.run)
    check_family(options, run.experiment)
    index = None if options.label is None else _index(options.label, run.class_names)
    out = options.folder
    places.check_new_directory("--out", out)
    console.start_tensorflow()
    from tfmedgan.cli.generate_files import write
    from tfmedgan.cli.generate_styles import said

    with console.counting(options.quiet) as progress:
        files = write(run, options, index, progress)
    if options.as_json:
        console.result_json({"folder": str(out), "files": files})
    elif options.project:
        console.result(f"{out}: {said(out)}")
    elif options.style_mixing:
        console.result(f"{out}: {files[0]}, synthetic images of mixed styles")
    elif options.interpolate:
        console.result(f"{out}: {' and '.join(files)}, synthetic images on a path")
    else:
        masks = " and their masks" if run.experiment.model.has_mask else ""
        console.result(f"{out}: {options.count} synthetic images{masks}")


def _index(label: str, names: tuple[str, ...]) -> int:
    """The class that `--label` means: a name first, else a number."""
    require(bool(names), f"--label {label}: this run is unconditional, it has no labels")
    if label in names:
        return names.index(label)
    if label.isdecimal() and int(label) < len(names):
        return int(label)
    valid = ", ".join(f"{i} ({name})" for i, name in enumerate(names))
    raise InputError(f"--label {label}: no such class; valid: {valid}")


def main() -> None:
    console.run(console.command(generate, GenerateOptions), "tfmedgan-generate")
