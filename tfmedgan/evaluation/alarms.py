"""Signs that something went wrong, as sentences for the reader of a report."""

from tfmedgan.evaluation.rows import Row

DOMINANT_FAKE, DOMINANT_REAL, DOMINANT_EPOCHS = 0.01, 0.99, 3
RATIO = 3.0  # FID that many times the floor
UNCOVERED = 0.1  # upper end of the interval of coverage


def alarms(history: list[dict], rows: list[Row], verdict: dict | None) -> list[str]:
    """One sentence for each sign found in the log of the training and in the rows."""
    return [*_training_alarms(history), *_row_alarms(rows), *_copy_alarms(verdict)]


def dominated(history: list[dict]) -> int | None:
    """The first epoch of three in a row in which D(x) > 0.99 and D(G(z)) < 0.01, or None."""
    streak = 0
    for row in history:
        real, fake = row.get("d_real"), row.get("d_fake_before")
        if real is None or fake is None:
            return None
        streak = streak + 1 if real > DOMINANT_REAL and fake < DOMINANT_FAKE else 0
        if streak == DOMINANT_EPOCHS:
            return int(row["epoch"]) - DOMINANT_EPOCHS + 1
    return None


def _training_alarms(history: list[dict]) -> list[str]:
    found = []
    epoch = dominated(history)
    if epoch is not None:
        found.append(
            f"Discriminator dominance: from epoch {epoch} D(x) was above {DOMINANT_REAL} and "
            f"D(G(z)) below {DOMINANT_FAKE} for {DOMINANT_EPOCHS} epochs; a low discriminator loss "
            "there is no progress."
        )
    if any(value != value for row in history for value in row.values()):
        found.append("The training log holds values that are not numbers.")
    return found


def _row_alarms(rows: list[Row]) -> list[str]:
    found = []
    by_name = {row.metric: row for row in rows if row.protocol.classes == ("all",)}
    fake, real = by_name.get("ms_ssim_fake"), by_name.get("ms_ssim_real")
    if fake and real and fake.low > real.high:
        found.append(
            f"Little diversity: generated images are more alike (MS-SSIM {fake.value:.3f}) than "
            f"real ones ({real.value:.3f}); a sign of mode collapse."
        )
    for name, row in by_name.items():
        if name.startswith("fid_over_floor") and row.value > RATIO:
            found.append(
                f"Far from real: FID is {row.value:.1f} times that between two halves of the real "
                "images."
            )
        if name.startswith("coverage") and row.high < UNCOVERED:
            found.append(
                f"Hardly any real image has a generated one near it (coverage {row.value:.3f})."
            )
    notes = {row.note for row in by_name.values() if "singular" in row.note}
    return found + [f"Few images: {note}; read KID rather than FID." for note in sorted(notes)]


def _copy_alarms(verdict: dict | None) -> list[str]:
    if verdict is None:
        return ["Copies were not checked."]
    if not verdict["passed"]:
        return [f"Copies of training images were found ({', '.join(verdict['reasons'])})."]
    return []
