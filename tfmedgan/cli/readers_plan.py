"""tfmedgan-readers plan: how many images, before a study is made."""

from dataclasses import dataclass

from tfmedgan.cli import console
from tfmedgan.cli.options import Printing, option
from tfmedgan.cli.tables import Table
from tfmedgan.errors import require

MOST_READERS = 50
SIZES = (20, 50, 100, 200, 400, 1000)


@dataclass(frozen=True, kw_only=True)
class PlanOptions(Printing):
    precision: float = option("Half of the interval that is wanted: 0.05 for ± 0.05.", default=0.05)
    readers: int = option("How many people.", default=3, min=1, max=MOST_READERS)
    accuracy: float = option("That is expected.", default=0.6)
    reader_sd: float = option("How much readers' accuracies differ: their SD.", default=0.05)
    agreement: float = option("Between readers, κ; 0.1 in published studies.", default=0.1)


def plan(options: PlanOptions) -> None:
    """How many images a study needs, before it is made: for other readers and other images."""
    from tfmedgan.reader_study import planning

    require(0 < options.precision < 0.5, f"--precision {options.precision}: must be in (0, 0.5)")
    require(0 < options.accuracy < 1, f"--accuracy {options.accuracy}: must be in (0, 1)")
    require(0 <= options.reader_sd < 0.5, f"--reader-sd {options.reader_sd}: must be in [0, 0.5)")
    require(0 <= options.agreement <= 1, f"--agreement {options.agreement}: must be in [0, 1]")
    assumed = (options.accuracy, options.reader_sd, options.agreement)
    needed = planning.needed_images(options.precision, options.readers, *assumed)
    widths = [
        {
            "images": size,
            "half_width": planning.expected_half_width(options.readers, size, *assumed),
            "half_width_one_reader": planning.one_reader_half_width(size, options.accuracy),
        }
        for size in SIZES
    ]
    if options.as_json:
        console.result_json({"images": needed, "readers": options.readers, "expected": widths})
        return
    rows = [[w["images"], *(f"± {w[k]:.3f}" for k in list(w)[1:])] for w in widths]
    console.stdout.print(Table(["images", f"{options.readers} readers", "one reader"], rows))
    console.result(f"± {options.precision:g} for {_needed(options, needed, assumed)}")


def _needed(options: PlanOptions, images: int | None, assumed: tuple) -> str:
    from tfmedgan.reader_study.planning import needed_images

    if options.readers == 1:
        return f"this reader and other images: {images or 'too many'} images"
    who = "other readers and other images"
    if images:
        return f"{who}: {images} images"
    counts = range(options.readers, MOST_READERS + 1)
    enough = [n for n in counts if needed_images(options.precision, n, *assumed)]
    more = f"{enough[0]} or more" if enough else f"{MOST_READERS} are not enough either"
    return f"{who}: no number of images is enough with {options.readers} readers; {more}"


def expectation(readers: int, images: int) -> str:
    from tfmedgan.reader_study.planning import expected_half_width, one_reader_half_width

    one = f"± {one_reader_half_width(images):.2f} for the accuracy of each reader"
    if readers == 1:
        return f"expected: {one}"
    half = expected_half_width(readers, images)
    return f"expected: {one}, ± {half:.2f} over readers (tfmedgan-readers plan)"
