"""The kinds of tables that can be measured; another one is another entry here."""

from tfmedgan.evaluation.metrics import bounds_of, directions
from tfmedgan.reproduction import classification, downstream, trained
from tfmedgan.reproduction.jobs import KINDS, Kind
from tfmedgan.reproduction.provenance import provenance

LOGGED = (
    "d_loss", "g_loss", "d_real", "d_fake_before", "d_fake_after", "critic_loss", "wasserstein",
    "gradient_norm", "penalty",
)  # fmt: skip

MEASURED = directions()

SHARES = dict.fromkeys(downstream.SCORES, (0.0, 1.0)) | {"false_negatives": (0.0, float("inf"))}

KINDS.add(
    "synthesis",
    Kind(MEASURED, trained.jobs, provenance, bounds={name: bounds_of(name) for name in MEASURED}),
)
KINDS.add(
    "training_curve", Kind(dict.fromkeys(LOGGED, "none"), trained.jobs, provenance, plot="curve")
)
KINDS.add(
    "downstream",
    Kind(
        downstream.SCORES, downstream.jobs, downstream.provenance, downstream.differences,
        bounds=SHARES,
    ),
)  # fmt: skip
KINDS.add(
    "classification",
    Kind(downstream.SCORES, classification.jobs, classification.provenance, bounds=SHARES),
)
