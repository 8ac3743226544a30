"""The study: what is compared, on which images, how often. No TensorFlow."""

from dataclasses import dataclass

from tfmedgan.classifiers.config import ClassifierExperiment
from tfmedgan.classifiers.score_list import SCORES
from tfmedgan.config import DataConfig, Experiment
from tfmedgan.data.steps import Contrast, FlipHorizontal, Rotate, Zoom
from tfmedgan.errors import require, require_known
from tfmedgan.serialization import JsonDocument, configuration

REAL = "real"
CLASSICAL = "real + classical augmentation"
OVERSAMPLED = "real + oversampling"


def added(generator: str) -> str:
    """The arm that adds a generator's images to the real ones."""
    return f"real + synthetic ({generator})"


def alone(generator: str) -> str:
    """The arm of a generator's images alone."""
    return f"synthetic only ({generator})"


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


@configuration
@dataclass(frozen=True)
class DownstreamStudy(JsonDocument):
    """Arms that differ in the training images alone; tested on the same real images."""

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
        require_known("unknown primary metric", self.primary_metric, SCORES)
        names = [arm.name for arm in self.generators]
        require(len(set(names)) == len(names), f"generators are named {names}; names must differ")

    @property
    def arms(self) -> tuple[str, ...]:
        """All arms, the baseline first."""
        synthetic = [name for arm in self.generators for name in (arm.added, arm.alone)]
        return (REAL, CLASSICAL, OVERSAMPLED, *synthetic)
