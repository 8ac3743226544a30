"""tfmedgan-readers: can people tell the synthetic images from real ones?"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tfmedgan.cli import console, places
from tfmedgan.cli.options import Printing, add_command, argument, option
from tfmedgan.cli.readers_plan import MOST_READERS, PlanOptions, expectation, plan
from tfmedgan.cli.resolve import folder_name
from tfmedgan.errors import InputError, require

if TYPE_CHECKING:
    from tfmedgan.evaluation.images import ImagePool
    from tfmedgan.evaluation.inputs import EvaluationInputs

ASKS = ("real", "class")
MOST_CLASSES = 26  # a letter each
MOST_SHOWN = 10_000  # images to one reader

app = console.application(
    "Can people tell the synthetic images from real ones? Pages for readers, and their scores."
)


@dataclass(frozen=True, kw_only=True)
class MakeOptions(Printing):
    subject: str = argument("Run directory, or a folder of synthetic images.", metavar="RUN|FOLDER")
    against: str | None = option(
        "Real images, as for --data; a FOLDER needs them, a RUN has held-out ones of its own."
    )
    readers: int = option("How many people; one page each.", default=3, min=1, max=MOST_READERS)
    images: int = option("How many images each sees, half of them real.", default=100)
    ask: str = option("real: real or synthetic? class: which class?", default="real")
    out: Path | None = option("New folder; default: reader-studies/NAME.")
    seed: int = option("Of the choice of images and of their order.", default=0)


@dataclass(frozen=True, kw_only=True)
class ScoreOptions(Printing):
    study: Path = argument("Folder that `make` wrote.")
    answers: list[Path] | None = argument("Files of the readers; STUDY/answers/*.json.", None)
    out: Path | None = option("Where the report goes; default: STUDY/report.")


def make(options: MakeOptions) -> None:
    """Write a study: a page per reader, which needs no network, and the key apart.

    Hand out the files in pages/; keep the rest.
    """
    run = (Path(options.subject) / "config.json").is_file()
    _check(options, run)
    out = options.out or Path("reader-studies") / folder_name(options.subject)
    places.check_new_directory("--out", out)
    if run:
        console.start_tensorflow()
    from tfmedgan.reader_study.pages import write_study
    from tfmedgan.reader_study.selection import select
    from tfmedgan.reader_study.study import new_study

    inputs = _inputs(options, run)
    names = inputs.class_names
    if options.ask == "class":
        _check_classes(options, names)
    reals, fakes = select(
        _reals(options, inputs), inputs.fake, options.images, options.seed,
        len(names) if options.ask == "class" else 0,
    )  # fmt: skip
    study, pictures = new_study(
        reals, fakes, classes=names, ask=options.ask, readers=options.readers, seed=options.seed,
        source=inputs.provenance,
    )  # fmt: skip
    write_study(study, pictures, out)
    console.say(expectation(options.readers, options.images), options.quiet)
    pages = sorted(str(path) for path in (out / "pages").iterdir())
    if options.as_json:
        console.result_json({"folder": str(out), "study": study.digest, "pages": pages})
    else:
        console.result(f"{out}/pages: {len(pages)} pages of {options.images} images to hand out")
        console.result(f"{out}/key.json: which are real; readers must not see it")


def score(options: ScoreOptions) -> None:
    """Read the answers and write a report, with intervals for other readers and images."""
    from tfmedgan.cli.readers_table import tables
    from tfmedgan.reader_study import answers, report, scores
    from tfmedgan.reader_study.study import open_study
    from tfmedgan.reader_study.verdict import verdict

    study = open_study(options.study)
    given = options.answers or sorted((options.study / "answers").glob("*.json"))
    responses = answers.read_answers(study, given)
    missing = [f"reader {reader}: no answers, scored without" for reader in responses.missing]
    console.show_notes(missing, options.quiet)
    rows = scores.score(responses)
    out = options.out or options.study / "report"
    places.check_directory("--out", out)
    paths = report.write_report(responses, rows, options.study / "images", out)
    if options.as_json:
        console.result_json([row.to_dict() for row in rows])
        return
    for table in tables(rows):
        console.stdout.print(table)
    if not options.quiet:
        console.stdout.print(f"· {verdict(rows, study.ask)[1]}")
        console.result(f"report: {paths['report']}")


def _check(options: MakeOptions, run: bool) -> None:
    subject = options.subject
    require(Path(subject).is_dir(), f"{subject}: no such run directory or folder of images")
    require(run or options.against, f"{subject}: is no run directory; add --against SOURCE")
    require(options.ask in ASKS, f"--ask {options.ask}: unknown; valid: {', '.join(ASKS)}")
    require(0 <= options.seed < 2**31, f"--seed {options.seed}: must be in [0, 2^31)")
    require(
        10 <= options.images <= MOST_SHOWN and options.images % 2 == 0,
        f"--images {options.images}: give an even number from 10 to {MOST_SHOWN:,}",
    )


def _check_classes(options: MakeOptions, names: tuple[str, ...]) -> None:
    require(
        2 <= len(names) <= MOST_CLASSES,
        f"--ask class: {options.subject} and the real images have {len(names)} classes in common; "
        f"needed are 2 to {MOST_CLASSES}, of a conditional run or in subfolders",
    )


def _inputs(options: MakeOptions, run: bool) -> "EvaluationInputs":
    from tfmedgan.evaluation import inputs

    with console.counting(options.quiet) as progress:
        if run:
            compared = inputs.run_inputs(
                Path(options.subject), against=options.against, num=2 * options.images,
                seed=options.seed, progress=progress, copies=False,
            )  # fmt: skip
        else:
            compared = inputs.folder_inputs(
                options.subject, options.against, seed=options.seed, progress=progress
            )
    drawn = (inputs.PHANTOM,) if compared.phantom else ()
    console.show_notes((*compared.notes, *drawn), options.quiet)
    return compared


def _reals(options: MakeOptions, inputs: "EvaluationInputs") -> "ImagePool":
    """Held-out images of a run; else all that --against names."""
    if inputs.run is None or inputs.reference_name == f"all of {options.against}":
        return inputs.reference
    if inputs.held_out is None:
        raise InputError(
            f"{options.subject}: no images were held out from training; add --against SOURCE with "
            "others, since readers should not compare with what the generator has seen"
        )
    return inputs.held_out


add_command(app, MakeOptions, make)
add_command(app, PlanOptions, plan)
add_command(app, ScoreOptions, score)


def main() -> None:
    console.run(app, "tfmedgan-readers")
