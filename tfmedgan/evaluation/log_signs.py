"""Signs in the logs of a run that something went wrong, as sentences for its user."""

from collections.abc import Callable, Sequence

DOMINANT_FAKE, DOMINANT_REAL, DOMINANT_EPOCHS = 0.01, 0.99, 3
ALIKE, DIVERSE = 3.0, 2.5  # how many times closer to 1 the MS-SSIM of samples is than that of reals
COLLAPSE_CHECKS = 3  # healthy runs on few real images were alike in two checks and then recovered
LEARNED = 1000  # updates after which samples should differ
EXPLODED, EXPLODED_EPOCHS = 20.0, 3  # loss of a generator that is judged by cross-entropy


def training_alarms(history: list[dict], diversity: Sequence[dict] = ()) -> dict[str, str]:
    """Signs in the logs of a run: a short name and a sentence for each.

    Args:
        history: rows of metrics.csv.
        diversity: rows of diversity.csv.
    """
    signs = {}
    if (epoch := dominated(history)) is not None:
        signs["discriminator dominance"] = (
            f"Discriminator dominance: from epoch {epoch} D(x) was above {DOMINANT_REAL} and "
            f"D(G(z)) below {DOMINANT_FAKE} for {DOMINANT_EPOCHS} epochs; a low discriminator loss "
            "there is no progress."
        )
    if (epoch := collapsed(diversity)) is not None:
        signs["mode collapse"] = (
            f"Mode collapse: from epoch {epoch} samples were much alike; their MS-SSIM was "
            f"{ALIKE:g} times closer to 1 than that of real images."
        )
    if (epoch := exploded(history)) is not None:
        signs["exploding loss"] = (
            f"Exploding loss: from epoch {epoch} the generator's loss was above {EXPLODED:g} for "
            f"{EXPLODED_EPOCHS} epochs; the learning rates may be too high."
        )
    if any(value != value for row in history for value in row.values()):
        signs["not finite"] = "The training log holds values that are not numbers."
    return signs


def absent_sites(rounds: Sequence[dict]) -> dict[str, str]:
    """Sites of a federation that were left out of a round.

    Args:
        rounds: lines of rounds.jsonl.
    """
    missed: dict[str, list[dict]] = {}
    for row in rounds:
        for site in row["left_out"]:
            missed.setdefault(site, []).append(row)
    return {
        f"site {site} left out": (
            f"Site left out: {site}, of {len(rows)} of {len(rounds)} rounds, first of round "
            f"{rows[0]['round']}: it {rows[0]['left_out'][site]}."
        )
        for site, rows in missed.items()
    }


def dominated(history: list[dict]) -> int | None:
    """The first epoch of three in a row in which D(x) > 0.99 and D(G(z)) < 0.01, or None."""
    return _first_streak(
        [row for row in history if "d_real" in row and "d_fake_before" in row],
        lambda row: row["d_real"] > DOMINANT_REAL and row["d_fake_before"] < DOMINANT_FAKE,
        DOMINANT_EPOCHS,
    )


def exploded(history: list[dict]) -> int | None:
    """The first epoch of three in a row with a generator loss above 20, or None.

    That is D(G(z)) below 2·10⁻⁹ on average; Wasserstein losses have no scale of their own.
    """
    return _first_streak(
        [row for row in history if "d_real" in row and "g_loss" in row],
        lambda row: row["g_loss"] > EXPLODED,
        EXPLODED_EPOCHS,
    )


def collapsed(diversity: Sequence[dict]) -> int | None:
    """The first epoch of three checks in a row in which samples are much alike, or None.

    A generator that has learned little yet makes one image for all z, so it counts only after
    samples have differed once, or after a thousand updates; and where they have differed in three
    checks in a row since, as those of a slow average do in time, it counts no more.
    """
    differed, alike = False, None
    streak: list[dict] = []
    diverse = 0
    for row in diversity:
        ratio = (1 - row["ms_ssim_real"]) / max(1 - row["ms_ssim_fake"], 1e-9)
        differed = differed or ratio < DIVERSE
        diverse = diverse + 1 if ratio < DIVERSE else 0
        due = differed or row["step"] >= LEARNED
        streak = [*streak, row] if due and ratio > ALIKE else []
        if diverse == COLLAPSE_CHECKS:
            alike = None
        elif len(streak) == COLLAPSE_CHECKS and alike is None:
            alike = int(streak[0]["epoch"])
    return alike


def _first_streak(rows: list[dict], holds: Callable[[dict], bool], length: int) -> int | None:
    """Epoch of the first row of the first streak of `length` rows that hold."""
    streak: list[dict] = []
    for row in rows:
        streak = [*streak, row] if holds(row) else []
        if len(streak) == length:
            return int(streak[0]["epoch"])
    return None
