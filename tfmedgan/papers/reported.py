"""What a document reports and how it is measured again: figures, tables, scales."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tfmedgan.config import ValidationConfig
from tfmedgan.downstream.config import CLASSICAL, OVERSAMPLED, REAL, added, alone
from tfmedgan.registry import Registry

SCALES = ("smoke", "small", "paper")
DEFAULT_SCALE = "smoke"
TABLES = Registry("table")
FLOOR = "real against real"  # first row of kind "synthesis": real images instead of generated ones
LOSS_CURVE = ("d_loss", "g_loss", "d_real", "d_fake_before", "d_fake_after")
DOWNSTREAM_NOTE = (
    "Differences are from real images alone, resampled over test images and seeds together; their "
    "intervals hold for all rows of the table at once. Test and validation images are real in "
    "every row."
)


@dataclass(frozen=True)
class ReportedFigure:
    """A figure that a document reports, and whether another run can be held against it."""

    metric: str  # as the kind of its table names it
    value: float
    where: str  # place in the document
    tolerance: float | None = None  # largest difference, either way, that confirms the figure
    not_comparable: str = ""  # why no difference would say anything
    printed: str = ""  # as the document prints it, where that is not just the value

    def __post_init__(self) -> None:
        if (self.tolerance is None) == (not self.not_comparable):
            raise ValueError(f"{self.where}: {self.metric} needs a tolerance or a reason for none")


@dataclass(frozen=True)
class TableRow:
    """One line of a table: an experiment, or one epoch of its log."""

    label: str
    preset: str = ""  # name in PRESETS; empty where the kind trains something else
    reported: tuple[ReportedFigure, ...] = ()
    epoch: int = 0  # of the log, for kind "training_curve": number of finished epochs
    classifier: str = ""  # name in CLASSIFIERS, for kind "classification"
    made_grey: bool = False  # measured with the mean of its colour channels, for kind "synthesis"
    site: str = ""  # whose images held out the row is measured on, for kind "synthesis"; empty: all

    @property
    def view(self) -> tuple[str, bool]:
        """On what a generator is measured; rows of one training differ in it."""
        return self.site, self.made_grey


@dataclass(frozen=True)
class Scale:
    """What is made smaller than in the document, and on which images; empty: nothing."""

    source: str = ""  # images, unless the user names others; empty: the document's own
    fractions: tuple[float, float, float] | None = None  # train, validation, test
    allow_missing: bool = False  # go on when listed images are absent
    sizes: Mapping[int, int] = field(default_factory=dict)  # document's image size → this one's
    width: float = 1.0  # factor on the numbers of filters and LSTM units
    batch_size: int | None = None
    critic_steps: int | None = None
    images: float = 1.0  # factor on the document's number of training images
    at_most: int | None = None  # training images, where the document takes all
    epochs: float = 1.0  # factor
    local_steps: int | None = None  # of a federation
    model: Mapping[str, float] = field(default_factory=dict)  # other values of fields it has
    validation: ValidationConfig | None = None  # where the document validates
    fakes: int = 1000  # generated images for each measurement
    projected: int = 100  # images of each kind, for kind "authenticity"
    classifier: str = ""  # name in CLASSIFIERS; empty: the document's
    classifier_size: int | None = None  # pixels a side
    classifier_epochs: int | None = None
    kimg: float = 0.0  # thousands of images shown to each generator, of kind "segmentation"; 0: all
    one_generator: bool = False  # for all seeds of the U-Net, of kind "segmentation"
    unet_width: int | None = None  # filters of its first level
    unet_depth: int | None = None  # halvings
    unet_epochs: int | None = None  # at most
    precision: str = "auto"  # of training, as for tfmedgan-train --precision
    seeds: int = 5
    minutes: str = ""  # what it took on two cores that had other work, too


@dataclass(frozen=True)
class Table:
    """A table of a document, as it is measured again."""

    key: str  # document/table
    title: str
    kind: str  # name in tfmedgan.reproduction.KINDS
    rows: tuple[TableRow, ...]
    metrics: tuple[str, ...]  # columns
    scales: Mapping[str, Scale]
    baseline: str = ""  # label of the row that the others are compared with; empty: none
    compared: tuple[str, ...] = ()  # metrics of that comparison
    classes: tuple[tuple[str, ...], ...] = ()  # classes to use, the first that a source has
    question: str = ""  # that it answers, in plain words
    note: str = ""  # what a reader has to know
    classifier: str = ""  # the document's, of kind "downstream"
    generators: tuple[tuple[str, str], ...] = ()  # (name, preset), "downstream", "segmentation"; of
    # the critic

    @property
    def document(self) -> str:
        return self.key.partition("/")[0]

    @property
    def name(self) -> str:
        """What --table takes."""
        return self.key.partition("/")[2]


def tabulate(*tables: Table) -> None:
    """Add a document's tables to `TABLES`."""
    for table in tables:
        TABLES.add(table.key, table)


def arm_rows(reported: Mapping[str, tuple[ReportedFigure, ...]]) -> tuple[TableRow, ...]:
    """Rows of kind "downstream": the arms of real images, and two for each generator.

    Args:
        reported: by generator, what the document reports of real and synthetic images together.
    """
    real = [TableRow(arm) for arm in (REAL, CLASSICAL, OVERSAMPLED)]
    pairs = [(TableRow(added(g), reported=c), TableRow(alone(g))) for g, c in reported.items()]
    return (*real, *(row for pair in pairs for row in pair))
