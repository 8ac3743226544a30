"""The experiment: frozen dataclasses, validated on construction, with a JSON round trip.

An `Experiment` says everything needed to repeat a run. Its parts (steps of
preprocessing, architecture, optimizers) are configurations of their own.
"""

import math
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, ClassVar

from tfmedgan.errors import require, require_known
from tfmedgan.serialization import JsonDocument, configuration

BALANCES = ("none", "oversample", "uniform-labels")
PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16", "auto")
FEWEST_VALIDATION_IMAGES = 20
MASKED = (2, 4)  # numbers of channels of which the last is a mask, beside grey or RGB
Range = tuple[float, float]


@configuration
@dataclass(frozen=True)
class AdamConfig:
    """Adam (Kingma & Ba 2015) as Keras has it."""

    learning_rate: float = 2e-4
    beta_1: float = 0.5
    beta_2: float = 0.999
    epsilon: float = 1e-7

    def __post_init__(self) -> None:
        require(self.learning_rate > 0, f"learning rate is {self.learning_rate}; must be above 0")
        for beta in (self.beta_1, self.beta_2):
            require(0 <= beta < 1, f"Adam's beta is {beta}; must be in [0, 1)")


@configuration
@dataclass(frozen=True)
class PyTorchAdamConfig(AdamConfig):
    """Adam as PyTorch has it: another epsilon, in another place."""

    epsilon: float = 1e-8


@configuration
@dataclass(frozen=True)
class DecayingAdamConfig(PyTorchAdamConfig):
    """The same with a rate that falls as 1/√(1 + updates/decay_updates)."""

    decay_updates: float = 1000.0

    def __post_init__(self) -> None:
        super().__post_init__()
        decay = self.decay_updates
        require(0 < decay < math.inf, f"decay_updates is {decay}; must be a number above 0")


@configuration
@dataclass(frozen=True)
class DataConfig:
    """Where the images come from and what is done to them before the network."""

    source: str = ""  # SOURCE of the command line; empty: must be given
    steps: tuple = ()  # preprocessing, in order; see tfmedgan.data.steps
    classes: tuple[str, ...] = ()  # names to keep, in this order; empty: all
    images: int | None = None  # use at most so many training images
    fractions: tuple[float, float, float] = (0.70, 0.15, 0.15)  # train, validation, test
    split_file: str = ""  # a split written before; empty: made from `fractions` and the seed
    balance: str = "none"  # one of BALANCES
    allow_missing: bool = False  # go on when listed images are absent
    skip_bad: bool = False  # go on when images cannot be read, and record them
    masks: bool = False  # read the mask of each image, too, as a further channel; it must have one

    def __post_init__(self) -> None:
        require(
            all(f >= 0 for f in self.fractions)
            and self.fractions[0] > 0
            and abs(sum(self.fractions) - 1) < 1e-9,
            f"split fractions are {self.fractions}; must be non-negative and sum to 1",
        )
        require(
            self.images is None or self.images > 0,
            f"number of images is {self.images}; must be above 0",
        )
        require_known("unknown balance", self.balance, BALANCES)

    @property
    def value_range(self) -> Range:
        """Range of the values that the steps deliver, that of the last `Rescale`, else [0, 255]."""
        ranges = [step.value_range for step in self.steps if hasattr(step, "value_range")]
        return ranges[-1] if ranges else (0.0, 255.0)


@configuration
@dataclass(frozen=True)
class ModelConfig:
    """What every architecture has; the families in `tfmedgan.architectures` add to it."""

    image_shape: tuple[int, int, int] = (32, 32, 3)  # height, width, channels
    latent_dim: int = 100
    n_classes: int = 0  # 0: unconditional

    family = ""  # module of tfmedgan.models that builds it
    loss = "non_saturating"  # name in tfmedgan.losses; a field where a family has several
    labels = "unused"  # unused | optional | required
    direction_only = False  # whether the generator brings z to one length
    has_styles = False  # whether it turns z into styles, whose average truncation draws towards
    possible_channels: ClassVar[tuple[int, ...]] = (1, 2, 3, 4)  # 2 and 4: with a mask
    value_range = (-1.0, 1.0)  # what the generator's tanh delivers

    def __post_init__(self) -> None:
        height, width, channels = self.image_shape
        require(height == width, f"image shape is {self.image_shape}; images must be square")
        valid = ", ".join(map(str, self.possible_channels))
        known = channels in self.possible_channels
        require(known, f"number of channels is {channels}; valid: {valid}")
        require(self.latent_dim >= 1, f"latent dimension is {self.latent_dim}; must be at least 1")
        sizes = ", ".join(map(str, self.possible_sizes()))
        require(
            height in self.possible_sizes(),
            f"image size {height} is not possible for {self.family}; possible: {sizes}",
        )
        none, several = self.n_classes == 0, self.n_classes >= 2
        allowed, rule = {
            "unused": (none, "0, it uses no labels"),
            "optional": (none or several, "0 (no labels), 2 or more"),
            "required": (several, "2 or more"),
        }[self.labels]
        require(allowed, f"number of classes is {self.n_classes}; {self.family} takes {rule}")

    def require_least(self, least: int, *names: str) -> None:
        """Raise `InputError` for one of these fields that is below."""
        rule = f"be at least {least}" if least else "not be negative"
        for name in names:
            value = getattr(self, name)
            require(value >= least, f"{name} is {value}; must {rule}")

    @property
    def conditional(self) -> bool:
        """Whether the networks take labels."""
        return self.n_classes > 0

    @property
    def has_mask(self) -> bool:
        """Whether the last channel of images is a mask."""
        return self.image_shape[2] in MASKED

    def possible_sizes(self) -> tuple[int, ...]:
        """Image sizes, in pixels, that the architecture can make."""
        raise NotImplementedError

    def images_per_step(self, batch_size: int) -> int:
        """Real images that one training step takes from the pipeline."""
        return batch_size

    @property
    def batches_per_step(self) -> int:
        """Equal parts of a step's real images that are seen one after the other."""
        return 1

    def steps_per_epoch(self, n_images: int, batch_size: int) -> int:
        """Training steps that the paper counts as one epoch, full batches only."""
        return max(1, n_images // self.images_per_step(batch_size))


@configuration
@dataclass(frozen=True)
class DiffAugment:
    """Differentiable augmentation (Zhao et al. 2020), always on: colour, translation, cutout.

    Real and generated images pass through the same random transformations before the
    discriminator judges them, so it cannot learn few real images by heart, and the generator
    does not learn the transformations; the operations are in `tfmedgan.models.augmentation`.
    The defaults are the ranges of the paper's code; 0 leaves a transformation out.
    """

    translation: float = 1 / 8  # largest shift, as a share of the image's side
    cutout: float = 1 / 2  # side of the square that is blanked, as a share of the image's side
    cutout_probability: float = 1.0  # share of the images that lose a square
    brightness: float = 1 / 2  # largest amount added to pixels in [-1, 1]
    saturation: float = 1.0  # largest change of the factor 1
    contrast: float = 1 / 2  # likewise

    def __post_init__(self) -> None:
        for field in fields(self):
            share = getattr(self, field.name)
            require(0 <= share <= 1, f"{field.name} is {share}; must be in [0, 1]")


@configuration
@dataclass(frozen=True)
class AdaptiveAugment:
    """Adaptive discriminator augmentation (Karras et al. 2020): as strong as overfitting demands.

    Each transformation happens with probability p, which rises while the discriminator is
    right about more than `target` of the real images, and falls otherwise.
    """

    target: float = 0.6  # of r_t = E[sign(D(real))]
    interval: int = 4  # discriminator updates between changes of p
    images: int = 100_000  # in which p can rise from 0 to 1; 500,000 in the paper

    def __post_init__(self) -> None:
        require(-1 < self.target < 1, f"target of r_t is {self.target}; must be in (-1, 1)")
        for name in ("interval", "images"):
            value = getattr(self, name)
            require(value >= 1, f"{name} of adaptive augmentation is {value}; must be at least 1")


AUGMENTATIONS = {"none": None, "diffaug": DiffAugment(), "ada": AdaptiveAugment()}  # --augment


@configuration
@dataclass(frozen=True)
class ValidationConfig:
    """How often the generator is compared with validation images, and what follows from it."""

    every: int = 0  # epochs between comparisons; 0: never
    features: str = "random"  # extractor for KID and FID
    images: int = 500  # at most so many are generated, and as many reals taken
    patience: int = 0  # stop when FID has not improved for so many epochs; 0: go on
    loss_patience: int = 0  # stop when the validation loss has risen for so many; 0: go on

    def __post_init__(self) -> None:
        for name in ("every", "patience", "loss_patience"):
            value = getattr(self, name)
            require(value >= 0, f"{name} of the validation is {value}; must not be negative")
        fewest = FEWEST_VALIDATION_IMAGES
        require(
            self.images >= fewest, f"images of the validation is {self.images}; at least {fewest}"
        )
        require(
            self.every > 0 or not (self.patience or self.loss_patience),
            "stopping early needs validation; give --validate-every N",
        )


@configuration
@dataclass(frozen=True)
class StartFrom:
    """Another run whose networks a training begins with, instead of initial weights."""

    run: str  # its directory
    checkpoint: str  # name of the file in it
    sha256: str  # of that file


@configuration
@dataclass(frozen=True)
class Federation:
    """Sites that share no images, but the weights that each has trained (McMahan et al. 2017).

    An epoch of the experiment is then a round: every site makes so many local steps, and the
    weights are averaged.
    """

    sites: str  # the column that names the site of each image, or the number of sites
    local_steps: int = 100  # between two averages, as in Carrasco Limeros et al. 2022
    only: str = ""  # the one site that trains, to compare with; empty: all

    def __post_init__(self) -> None:
        require(self.sites.strip(), "--sites is empty; name a column, or give a number of sites")
        require(
            self.number != 1 and self.sites != "0",
            f"--sites {self.sites}: a federation has two or more",
        )
        steps = self.local_steps
        require(steps >= 1, f"number of local steps is {steps}; must be at least 1")

    @property
    def number(self) -> int:
        """How many sites patients are dealt out to; 0: a column says who is where."""
        return int(self.sites) if self.sites.isascii() and self.sites.isdigit() else 0


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
