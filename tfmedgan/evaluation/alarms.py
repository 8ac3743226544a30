"""Signs in the logs and in the rows, as sentences for the reader of a report."""

from collections.abc import Sequence

from tfmedgan.evaluation.log_signs import training_alarms
from tfmedgan.evaluation.own_names import own_title
from tfmedgan.evaluation.rows import Row

RATIO = 3.0  # FID that many times the floor
UNCOVERED = 0.1  # upper end of the interval of coverage
CLIPPED, CLIPPED_AT_LEAST = 2.0, 0.01  # times the reals' share, and a share that is seen
DEVIATES = 1.1  # times the reals' standard deviation, or the reverse
GREY = 0.5  # grey levels between the channels of images that are grey, at most
CHEQUERED = 1.2  # times as strongly as reals do pixels alternate before that is a sign


def alarms(
    history: list[dict], rows: list[Row], verdict: dict | None, diversity: Sequence[dict] = ()
) -> list[str]:
    """One sentence for each sign found in the logs of the training and in the rows."""
    signs = training_alarms(history, diversity)
    return [*signs.values(), *_row_alarms(rows), *_copy_alarms(verdict)]


def _row_alarms(rows: list[Row]) -> list[str]:
    signs = []
    by_name = {row.metric: row for row in rows if row.protocol.classes == ("all",)}
    fake, real = by_name.get("ms_ssim_fake"), by_name.get("ms_ssim_real")
    if fake and real and fake.ends[0] > real.ends[1]:
        signs.append(
            f"Little diversity: generated images are more alike (MS-SSIM {fake.value:.3f}) than "
            f"real ones ({real.value:.3f}); a sign of mode collapse."
        )
    signs += _contrast_alarms(by_name) + _tint_alarms(by_name) + _chequer_alarms(by_name)
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


def _tint_alarms(rows: dict[str, Row]) -> list[str]:
    """Where the real images are grey and the generated ones are not."""
    fake, real = rows.get("tint_fake"), rows.get("tint_real")
    if not fake or not real or real.value > GREY or fake.ends[0] <= GREY:
        return []
    return [
        f"Tinted: the real images are grey, and in the generated ones colours are {fake.value:.1f} "
        "grey levels away from it, which distances of features take for much; train with "
        "--channels 1."
    ]


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
