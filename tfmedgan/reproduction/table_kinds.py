"""The kinds of tables that can be measured; another one is another entry here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tfmedgan.evaluation.metrics import bounds_of, directions
from tfmedgan.registry import Registry
from tfmedgan.reproduction import (
    arms,
    authenticity,
    classification,
    downstream,
    segmentation,
    trained,
)
from tfmedgan.run_directory import LOSSES, OUTPUTS

KINDS = Registry("kind of table")
MEASURED = directions()
SHARES = dict.fromkeys(downstream.SCORES, (0.0, 1.0)) | {"false_negatives": (0.0, float("inf"))}


@dataclass(frozen=True)
class Kind:
    """How tables of a kind are measured.

    `jobs` gets the study and its tables of all kinds that share the function, and returns
    what is still to be done: cells (table, row, seed) that are in the log are left out.
    """

    better: Mapping[str, str]  # metric → lower | higher | none; all that a reported figure may name
    jobs: Callable  # (Study, list[Table]) → list[Job]
    provenance: Callable  # (Study, Table, list[Result]) → Provenance, without the images
    differences: Callable | None = None  # (Study, Table) → {(row, metric): Mean} from the baseline
    bounds: Mapping[str, tuple[float, float]] = field(default_factory=dict)  # of values, by metric
    plot: str = (
        "rows"  # rows: a mean and an interval for each; curve: over epochs; dice_against_kid
    )


BOUNDS = {name: bounds_of(name) for name in MEASURED}
CURVE = dict.fromkeys((*LOSSES, *OUTPUTS, "gradient_norm", "penalty"), "none")

KINDS.add("synthesis", Kind(MEASURED, trained.jobs, trained.provenance, bounds=BOUNDS))
KINDS.add("training_curve", Kind(CURVE, trained.jobs, trained.provenance, plot="curve"))
KINDS.add(
    "authenticity",
    Kind(authenticity.BETTER, trained.jobs, trained.provenance, bounds=authenticity.BOUNDS),
)
KINDS.add(
    "downstream",
    Kind(downstream.SCORES, downstream.jobs, downstream.provenance, arms.differences, SHARES),
)
KINDS.add(
    "classification",
    Kind(downstream.SCORES, classification.jobs, classification.provenance, bounds=SHARES),
)
OF_MASKS = {**segmentation.SCORES, **{name: MEASURED[name] for name in segmentation.QUALITY}}
OF_MASKS_BOUNDS = {"dice": (0.0, 1.0), "iou": (0.0, 1.0), "hd95": (0.0, float("inf"))}
KINDS.add(
    "segmentation",
    Kind(
        OF_MASKS, segmentation.jobs, segmentation.provenance, arms.differences,
        OF_MASKS_BOUNDS | {name: BOUNDS[name] for name in segmentation.QUALITY},
        plot="dice_against_kid",
    ),
)  # fmt: skip
