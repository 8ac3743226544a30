"""The studies: what is compared, on which images, how often. No TensorFlow."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from tfmedgan.classifiers.config import ClassifierExperiment
from tfmedgan.classifiers.score_list import SCORES
from tfmedgan.config import DataConfig, Experiment
from tfmedgan.data.steps import Contrast, FlipHorizontal, Rotate, Zoom
from tfmedgan.errors import require, require_known
from tfmedgan.segmentation.config import CLASSICAL as CLASSICAL_STEPS
from tfmedgan.segmentation.config import SegmentationExperiment
from tfmedgan.serialization import JsonDocument, configuration

REAL = "real"
CLASSICAL = "real + classical augmentation"
OVERSAMPLED = "real + oversampling"
MASK_SCORES = ("dice", "iou", "hd95")  # names in `segmentation.scores.SCORES`


def added(generator: str) -> str:
    """The arm that adds a generator's images to the real ones."""
    return f"real + synthetic ({generator})"


def alone(generator: str) -> str:
    """The arm of a generator's images alone."""
    return f"synthetic only ({generator})"


def drawn_by_unet(generator: str) -> str:
    """The name of a generator of images alone, whose masks the U-Net of real images draws."""
    return f"{generator}, masks by U-Net"


def plain(name: str) -> str:
    """A name for files."""
    return "".join(c if c.isalnum() else "-" for c in name).strip("-")


class ArmStudy(JsonDocument):
    """Arms that differ in the training images alone; tested on the same real images.

    Both kinds are dataclasses that name the fields of `check` alike.
    """

    seeds: Any  # how often each arm is trained
    arms_of_reals: Any  # names, the baseline first
    sources: Any  # of synthetic images, each with a `name` and `arms`

    @property
    def arms_by_source(self) -> tuple[tuple[str, ...], ...]:
        """The arms of real images, then those of each source."""
        return (self.arms_of_reals, *(source.arms for source in self.sources))

    @property
    def arms(self) -> tuple[str, ...]:
        """All arms, the baseline first."""
        return tuple(arm for arms in self.arms_by_source for arm in arms)

    def check(self: Any, scores: Collection[str], kind: str) -> None:
        """Raise `InputError` unless the study can be; any of the scores may decide."""
        require(self.seeds >= 1, f"number of seeds is {self.seeds}; must be at least 1")
        require(
            self.synthetic_ratio > 0,
            f"ratio of synthetic to real images is {self.synthetic_ratio}; must be above 0",
        )
        require(self.replicates >= 100, f"replicates is {self.replicates}; must be at least 100")
        require_known("unknown primary metric", self.primary_metric, scores)
        names = [source.name for source in self.sources]
        require(
            len(set(map(plain, names))) == len(names),
            f"{kind} are named {names}; names must differ in their letters or digits",
        )


@configuration
@dataclass(frozen=True)
class GeneratorArm:
    """A generator whose images are added to the real ones, or used alone."""

    name: str
    experiment: Experiment  # its data is the study's
    updates: int = 0  # of the generator, of each class; 0: as the experiment's epochs say

    @property
    def added(self) -> str:
        return added(self.name)

    @property
    def alone(self) -> str:
        return alone(self.name)

    arms = property(lambda self: (self.added, self.alone))
    folder = property(lambda self: self.name)  # of its trainings


@configuration
@dataclass(frozen=True)
class DownstreamStudy(ArmStudy):
    """Arms of a classifier."""

    data: DataConfig  # steps end before Rescale; `split_file` and `fractions` as always
    classifier: ClassifierExperiment
    generators: tuple[GeneratorArm, ...]
    classical: tuple = (FlipHorizontal(), Rotate(10.0), Zoom(0.1), Contrast(0.2))
    synthetic_ratio: float = 1.0  # synthetic images added, for each real one
    subsample: tuple[tuple[str, int], ...] = ()  # class, training images to keep
    seeds: int = 5
    primary_metric: str = "auroc"  # the score that decides
    replicates: int = 1000  # resamples behind each interval
    shuffle_labels: bool = False  # a check: without a signal no arm may win
    data_seed: int = 0  # of the split, of phantoms, of what is kept of subsampled classes
    untinted: bool = False  # whether synthetic images are made grey where the real ones are; older
    # studies and documents take them as they come
    name: str = ""
    paper: str = ""
    deviations: tuple[str, ...] = ()

    arms_of_reals = (REAL, CLASSICAL, OVERSAMPLED)
    sources = property(lambda self: self.generators)

    def __post_init__(self) -> None:
        self.check(SCORES, "generators")


@configuration
@dataclass(frozen=True)
class PairSource:
    """Where synthetic images with masks come from: an experiment to train, or what is there."""

    name: str
    experiment: Experiment | None = None  # its data is the study's
    place: str = ""  # a run's directory, or a folder of images with masks; used for every seed
    beside_reals: bool = True  # whether an arm adds them to the real images

    folder = property(lambda self: self.name.replace(", ", "-").replace(" ", "-"))

    def __post_init__(self) -> None:
        require(
            (self.experiment is None) != (not self.place),
            f"source {self.name}: needs an experiment or a place, and not both",
        )

    @property
    def arms(self) -> tuple[str, ...]:
        own = (alone(self.name),)
        return (added(self.name), *own) if self.beside_reals else own


@configuration
@dataclass(frozen=True)
class MaskStudy(ArmStudy):
    """Arms of a U-Net."""

    unet: SegmentationExperiment  # its data are the study's real images
    sources: tuple[PairSource, ...]
    classical: tuple = CLASSICAL_STEPS  # random steps of the second arm; empty: there is none
    synthetic_ratio: float = 1.0  # synthetic images added, for each real one
    seeds: int = 5
    generator_seeds: int = 0  # trainings of each generator, taken in turn; 0: one for each seed
    primary_metric: str = "dice"  # the score that decides
    replicates: int = 1000  # resamples behind each interval
    features: str = "random"  # extractor for KID and FID; empty: they are not measured
    fakes: int = 500  # synthetic images for these, at most
    data_seed: int = 0  # of the split and of phantoms
    name: str = ""
    paper: str = ""
    deviations: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.check(MASK_SCORES, "sources")
        require(self.generator_seeds >= 0, "generator_seeds is below 0; must not be negative")

    @property
    def data(self) -> DataConfig:
        return self.unet.data

    @property
    def arms_of_reals(self) -> tuple[str, ...]:
        return (REAL, CLASSICAL) if self.classical else (REAL,)

    def generator_seed(self, seed: int) -> int:
        """Which training of a generator belongs to a seed of the U-Net."""
        return seed % self.generator_seeds if self.generator_seeds else seed
