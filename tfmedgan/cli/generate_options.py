"""What tfmedgan-generate takes, and what of it cannot be together."""

from dataclasses import dataclass
from math import inf
from pathlib import Path

from tfmedgan.cli.options import MOST_IMAGES, Printing, argument, option, refuse, switch
from tfmedgan.config import Experiment
from tfmedgan.data.masks import image_channels
from tfmedgan.errors import require

IMAGES, VECTORS, STEPS = 16, 4, 8  # unless the user says otherwise
LEAST_TRUNCATION = 0.01  # below, all images of a class are the same one
MOST_FRAMES = 1000


@dataclass(frozen=True, kw_only=True)
class GenerateOptions(Printing):
    """What `tfmedgan-generate --help` lists."""

    run: Path = argument("Run directory of tfmedgan-train.")
    num: int | None = option(
        f"How many images, default {IMAGES}; with --interpolate how many latent vectors, "
        f"default {VECTORS}."
    )
    label: str | None = option(
        "Class, by name or number; the default takes them in turn, with --interpolate all."
    )
    seed: int = option("The same seed gives the same images.", default=0)
    truncation: float | None = option(
        "Cut the normal distribution of z off at ± this: 2 a little, 0.5 much; of stylegan2, draw "
        "styles towards their average, to 0.7 of the distance or so; for images that are more "
        "typical and less diverse."
    )
    grey: bool = switch(
        "--grey",
        "Write the mean of the colour channels, where grey images were learned in three: an "
        'evaluation says "Tinted" of them.',
    )
    out: Path | None = option(
        "New folder; default: RUN/generated-SEED, interpolation-SEED, mixing-SEED or "
        "projection-IMAGE."
    )
    grid: bool = switch("--grid", "Write one picture of them all, too.")
    nearest: str | None = option(
        "Write a picture of them beside their nearest training images, too: by pixels, or by the "
        "features multiscale, random, inception, classifier, radiomics, or of a Keras model file "
        "or SavedModel."
    )
    arrays: bool = switch("--npz", "Write images.npz, too, for NumPy.")
    interpolate: bool = switch(
        "--interpolate",
        "Write the path between latent vectors, as a strip and as an animation, instead.",
    )
    steps: int | None = option(
        f"Of --interpolate, from one latent vector to the next; default: {STEPS}."
    )
    style_mixing: bool = switch(
        "--style-mixing",
        "Of stylegan2, write what the styles of each resolution change, as a strip, instead.",
    )
    project: Path | None = option(
        "Of stylegan2, look for the image nearest to this one, and write both side by side, "
        "instead."
    )

    @property
    def count(self) -> int:
        """How many latent vectors are drawn."""
        default = VECTORS if self.interpolate or self.style_mixing else IMAGES
        return default if self.num is None else self.num

    @property
    def steps_between(self) -> int:
        return STEPS if self.steps is None else self.steps

    @property
    def folder(self) -> Path:
        if self.project:
            return self.out or self.run / f"projection-{self.project.stem}"
        kind = "interpolation" if self.interpolate else "generated"
        kind = "mixing" if self.style_mixing else kind
        return self.out or self.run / f"{kind}-{self.seed}"


def check(options: GenerateOptions) -> None:
    """Refuse what can be seen to be wrong without the run.

    Raises:
        InputError: naming the option.
    """
    num, seed, truncation = options.num, options.seed, options.truncation
    require(
        num is None or 1 <= num <= MOST_IMAGES, f"--num {num}: must be from 1 to {MOST_IMAGES:,}"
    )
    require(0 <= seed < 2**63, f"--seed {seed}: must be in [0, 2^63)")
    require(
        truncation is None or LEAST_TRUNCATION <= truncation < inf,
        f"--truncation {truncation}: must be at least {LEAST_TRUNCATION}, and finite",
    )
    if options.project:
        refuse(
            options, "--project writes one image only", "num", "grid", "nearest", "arrays",
            "interpolate", "style_mixing", "truncation", "steps", "seed", "grey",
        )  # fmt: skip
        require(options.project.is_file(), f"--project {options.project}: no such file")
    if options.style_mixing:
        _check_mixing(options)
    if options.interpolate:
        _check_path(options)
    else:
        refuse(options, "only --interpolate has steps", "steps")
    if options.nearest is not None:
        _check_space(options.nearest)


def _check_path(options: GenerateOptions) -> None:
    refuse(options, "--interpolate writes a path only", "grid", "nearest", "arrays")
    steps = options.steps_between
    require(options.count >= 2, f"--num {options.num}: a path needs at least 2 latent vectors")
    require(steps >= 1, f"--steps {steps}: must be at least 1")
    frames = options.count * steps
    require(
        frames <= MOST_FRAMES,
        f"--num {options.count} --steps {steps}: {frames} images a class; at most {MOST_FRAMES}",
    )


def _check_mixing(options: GenerateOptions) -> None:
    refuse(
        options, "--style-mixing writes a strip only", "grid", "nearest", "arrays", "interpolate",
        "steps", "grey",
    )  # fmt: skip
    require(options.count >= 2, f"--num {options.num}: mixing needs at least 2 latent vectors")


def _check_space(space: str) -> None:
    from tfmedgan.evaluation.features import NAMES
    from tfmedgan.evaluation.nearest_training import PIXELS

    require(
        space in (PIXELS, *NAMES) or Path(space).exists(),
        f"--nearest {space}: unknown; valid: {PIXELS}, {', '.join(NAMES)}, or the path of a Keras "
        "model file or SavedModel",
    )


def check_family(options: GenerateOptions, experiment: Experiment) -> None:
    """Refuse what the generator cannot do.

    Raises:
        InputError: for styles of a generator without; for a truncation where a generator uses the
            direction of z alone; for one above 1 of styles.
    """
    model, truncation = experiment.model, options.truncation
    if not model.has_styles:
        refuse(options, f"{model.family} has no styles, stylegan2 has", "style_mixing", "project")
    if image_channels(model.image_shape[2]) == 1:
        refuse(options, f"{options.run} makes grey images as they are", "grey")
    if experiment.data.masks:
        refuse(options, "strips and projections are of images alone", "style_mixing", "project")
    require(
        truncation is None or not model.has_styles or truncation <= 1,
        f"--truncation {truncation}: the share of the distance from the average style that is left "
        f"by {model.family}; must be in [{LEAST_TRUNCATION}, 1]",
    )
    require(
        truncation is None or model.has_styles or not model.direction_only,
        f"--truncation {truncation}: {model.family} brings z to one length and "
        "uses its direction alone, and no direction is nearer the average than another; "
        "leave it out",
    )
