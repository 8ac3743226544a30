"""The experiment: all that is needed to repeat a run."""

from dataclasses import dataclass, is_dataclass
from typing import Any

from tfmedgan.config.data import DataConfig
from tfmedgan.config.federation import Federation
from tfmedgan.config.model import ModelConfig
from tfmedgan.config.optimizers import AdamConfig
from tfmedgan.config.validation import ValidationConfig
from tfmedgan.errors import require, require_known
from tfmedgan.serialization import JsonDocument, configuration

PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16", "auto")


@configuration
@dataclass(frozen=True)
class StartFrom:
    """Another run whose networks a training begins with, instead of initial weights."""

    run: str  # its directory
    checkpoint: str  # name of the file in it
    sha256: str  # of that file


@configuration
@dataclass(frozen=True)
class Experiment(JsonDocument):
    """A whole training run, in the order in which papers print their tables."""

    data: DataConfig
    model: ModelConfig
    generator_optimizer: AdamConfig = AdamConfig()
    discriminator_optimizer: AdamConfig = AdamConfig()  # the critic's, for Wasserstein GANs
    batch_size: int = 64
    epochs: int = 100
    seed: int = 0
    ema: float = 0.0  # decay of the averaged generator that samples are taken from; 0: off
    augment: Any = None  # what the discriminator sees; DiffAugment, AdaptiveAugment or None
    validation: ValidationConfig = ValidationConfig()
    start_from: StartFrom | None = None
    label_fade: tuple[int, int] = (0, 0)  # generator updates between which labels begin to count
    federation: Federation | None = None  # sites that share no images; None: all in one place
    precision: str = "float32"
    jit: bool = False
    deterministic: bool = True
    name: str = ""  # architecture or preset it came from
    paper: str = ""  # document and section
    unstated: tuple[str, ...] = ()  # fields whose values the paper leaves out
    deviations: tuple[str, ...] = ()  # departures from the paper, each with its reason

    def __post_init__(self) -> None:
        require(self.batch_size >= 2, f"batch size is {self.batch_size}; must be at least 2")
        require(self.epochs >= 1, f"number of epochs is {self.epochs}; must be at least 1")
        require(0 <= self.ema < 1, f"decay of the average is {self.ema}; must be in [0, 1)")
        first, last = self.label_fade
        require(
            0 <= first < last or (first, last) == (0, 0),
            f"labels fade in from update {first} to {last}; the second must be above the first",
        )
        require(
            not last or self.model.conditional,
            "labels can only fade in where the networks take them; leave --fade-labels out",
        )
        require(0 <= self.seed < 2**31, f"seed is {self.seed}; must be in [0, 2^31)")
        require_known("unknown precision", self.precision, PRECISIONS)
        require(
            self.augment is None or is_dataclass(self.augment),
            f"augment is {self.augment!r}; give DiffAugment() or AdaptiveAugment() of "
            "tfmedgan.config, or None",
        )
        require(
            not (self.federation and self.validation.every),
            "sites that share no images show none for validation either; give --validate-every 0",
        )
        require(
            not (self.jit and self.deterministic),
            "--jit and --deterministic exclude each other: TensorFlow's deterministic "
            "operations switch XLA off; choose one",
        )
        require(
            self.data.masks == self.model.has_mask,
            f"image shape is {self.model.image_shape}, and masks are {self.data.masks}; with masks "
            "images have 2 channels or 4, the last of them the mask, and else 1 or 3",
        )
        require(
            self.data.value_range == self.model.value_range,
            f"images in {list(self.data.value_range)} do not fit a generator that delivers "
            f"{list(self.model.value_range)}; end the steps with Rescale{self.model.value_range}",
        )
