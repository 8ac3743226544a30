"""The study: what a U-Net learns from in each arm, on which images, how often. No TensorFlow."""

from dataclasses import dataclass

from tfmedgan.config import DataConfig, Experiment
from tfmedgan.downstream.config import CLASSICAL, REAL, added, alone
from tfmedgan.errors import require, require_known
from tfmedgan.segmentation.config import CLASSICAL as CLASSICAL_STEPS
from tfmedgan.segmentation.config import SegmentationExperiment
from tfmedgan.serialization import JsonDocument, configuration

SCORED = ("dice", "iou", "hd95")  # names in `segmentation.scores.SCORES`


def drawn_by_unet(generator: str) -> str:
    """The name of a generator of images alone, whose masks the U-Net of real images draws."""
    return f"{generator}, masks by U-Net"


@configuration
@dataclass(frozen=True)
class PairSource:
    """Where synthetic images with masks come from: an experiment to train, or what is there."""

    name: str
    experiment: Experiment | None = None  # its data is the study's
    place: str = ""  # a run's directory, or a folder of images with masks; used for every seed
    beside_reals: bool = True  # whether an arm adds them to the real images

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
class MaskStudy(JsonDocument):
    """Arms that differ in the training images alone; tested on the same real images."""

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
        require(self.seeds >= 1, f"number of seeds is {self.seeds}; must be at least 1")
        require(
            self.synthetic_ratio > 0,
            f"ratio of synthetic to real images is {self.synthetic_ratio}; must be above 0",
        )
        require(self.replicates >= 100, f"replicates is {self.replicates}; must be at least 100")
        require(self.generator_seeds >= 0, "generator_seeds is below 0; must not be negative")
        require_known("unknown primary metric", self.primary_metric, SCORED)
        names = [source.name for source in self.sources]
        require(len(set(names)) == len(names), f"sources are named {names}; names must differ")

    @property
    def data(self) -> DataConfig:
        return self.unet.data

    @property
    def arms(self) -> tuple[str, ...]:
        """All arms, the baseline first."""
        return (*self.arms_of_reals, *(arm for source in self.sources for arm in source.arms))

    @property
    def arms_of_reals(self) -> tuple[str, ...]:
        return (REAL, CLASSICAL) if self.classical else (REAL,)

    def generator_seed(self, seed: int) -> int:
        """Which training of a generator belongs to a seed of the U-Net."""
        return seed % self.generator_seeds if self.generator_seeds else seed
