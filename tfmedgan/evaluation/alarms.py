"""Signs that something went wrong, as sentences for the reader of a report."""

from collections.abc import Callable, Sequence

from tfmedgan.evaluation.own_names import own_title
from tfmedgan.evaluation.rows import Row

DOMINANT_FAKE, DOMINANT_REAL, DOMINANT_EPOCHS = 0.01, 0.99, 3
ALIKE, DIVERSE = 3.0, 2.5  # how many times closer to 1 the MS-SSIM of samples is than that of reals
COLLAPSE_CHECKS = 3  # healthy runs on few real images were alike in two checks and then recovered
LEARNED = 1000  # updates after which samples should differ
EXPLODED, EXPLODED_EPOCHS = 20.0, 3  # loss of a generator that is judged by cross-entropy
RATIO = 3.0  # FID that many times the floor
UNCOVERED = 0.1  # upper end of the interval of coverage
CLIPPED, CLIPPED_AT_LEAST = 2.0, 0.01  # times the reals' share, and a share that is seen
DEVIATES = 1.1  # times the reals' standard deviation, or the reverse
CHEQUERED = 1.2  # times as strongly as reals do pixels alternate before that is a sign


def alarms(
    history: list[dict], rows: list[Row], verdict: dict | None, diversity: Sequence[dict] = ()
) -> list[str]:
    """One sentence for each sign found in the logs of the training and in the rows."""
    signs = training_alarms(history, diversity)
    return [*signs.values(), *_row_alarms(rows), *_copy_alarms(verdict)]


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


def _row_alarms(rows: list[Row]) -> list[str]:
    signs = []
    by_name = {row.metric: row for row in rows if row.protocol.classes == ("all",)}
    fake, real = by_name.get("ms_ssim_fake"), by_name.get("ms_ssim_real")
    if fake and real and fake.ends[0] > real.ends[1]:
        signs.append(
            f"Little diversity: generated images are more alike (MS-SSIM {fake.value:.3f}) than "
            f"real ones ({real.value:.3f}); a sign of mode collapse."
        )
    signs += _contrast_alarms(by_name) + _chequer_alarms(by_name)
    for row in by_name.values():
        fid = own_title("FID", row.protocol.extractor)
        if row.estimate == "fid_over_floor" and row.value > RATIO:
            signs.append(
                f"Far from real: {fid} is {row.value:.1f} times that between two halves of the "
                "real images."
            )
        if row.estimate == "coverage" and row.ends[1] < UNCOVERED:
            signs.append(
                f"Hardly any real image has a generated one near it (coverage {row.value:.3f})."
            )
    few = {
        f"Few images: {row.note.partition('; ')[0]}; read KID rather than "
        f"{own_title('FID', row.protocol.extractor)}."
        for row in by_name.values()
        if "singular" in row.note
    }
    return signs + sorted(few)


def _contrast_alarms(rows: dict[str, Row]) -> list[str]:
    """Where samples are clipped more than reals, or vary less or more, beyond both intervals."""
    signs = []
    fake, real = rows.get("clipped_fake"), rows.get("clipped_real")
    if fake and real and fake.ends[0] > max(CLIPPED * real.ends[1], CLIPPED_AT_LEAST):
        signs.append(
            f"Black and white pictures: {fake.value:.1%} of the generated values are clipped, "
            f"{real.value:.1%} of the real ones."
        )
    fake, real = rows.get("deviation_fake"), rows.get("deviation_real")
    if fake and real:
        for name, beyond in (
            ("Little variety", fake.ends[1] < real.ends[0] / DEVIATES),
            ("Too much contrast", fake.ends[0] > real.ends[1] * DEVIATES),
        ):
            if beyond:
                signs.append(
                    f"{name}: over the generated images a pixel deviates by {fake.value:.1f} grey "
                    f"levels, over the real ones by {real.value:.1f}."
                )
    return signs


def _chequer_alarms(rows: dict[str, Row]) -> list[str]:
    """Where single pixels alternate more than in reals, beyond both intervals."""
    fake, real = rows.get("chequers_fake"), rows.get("chequers_real")
    if not fake or not real or fake.ends[0] <= CHEQUERED * real.ends[1]:
        return []
    return [
        f"Chequers: single pixels alternate by {fake.value:.2g} grey levels, in the real images by "
        f"{real.value:.2g}."
    ]


def _copy_alarms(verdict: dict | None) -> list[str]:
    if verdict is None:
        return ["Copies were not checked."]
    if verdict["passed"] is False:
        return [f"Copies of training images were found ({', '.join(verdict['reasons'])})."]
    return []
