"""report.html: one page that holds all its pictures and asks nothing of any network."""

import base64
from datetime import datetime, timezone
from functools import cache
from importlib.resources import files

import tfmedgan
from tfmedgan.evaluation import figures
from tfmedgan.evaluation.assessment import Assessment
from tfmedgan.evaluation.inputs import PHANTOM
from tfmedgan.evaluation.metrics import METRICS
from tfmedgan.evaluation.rows import Protocol, Row
from tfmedgan.serialization import encode

LOSSES = {
    "d_loss": "discriminator",
    "critic_loss": "critic",
    "g_loss": "generator",
    "wasserstein": "Wasserstein estimate",
}
SCORES = {
    "d_real": "D(x)",
    "d_fake_before": "D(G(z)) before",
    "d_fake_after": "D(G(z)) after",
}
TITLES = {
    "kid": "KID", "fid": "FID", "fid_infinity": "FID∞", "fid_floor": "FID floor, real against real",
    "fid_over_floor": "FID over floor", "precision": "Precision", "recall": "Recall", "f1": "F1",
    "density": "Density", "coverage": "Coverage", "inception_score": "Inception Score",
    "ms_ssim_fake": "MS-SSIM among generated", "ms_ssim_real": "MS-SSIM among real",
    "psnr": "PSNR, dB", "ssim": "SSIM",
    "iut2023_one_vs_all_psnr": "PSNR of one against all, dB (iut2023)",
    "iut2023_one_vs_all_ssim": "SSIM of one against all (iut2023)",
}  # fmt: skip
NO_DIRECTION = ("fid_floor", "ms_ssim_real")
ARROWS = {"lower": "lower is better", "higher": "higher is better", "closer": "near the real value"}
LIMITS = (
    "Features see what their network was made to see; a good value does not make an image "
    "medically right. Ask a clinician.",
    "Intervals cover the choice of images, not the choice of training seed; one run says nothing "
    "about which method is better.",
    "FID depends on the number of images: compare it only with the floor beside it, and with rows "
    "of the same protocol.",
    "The check for copies compares features, pixels and a perceptual hash. It is not a proof of "
    "privacy: it can miss copies of parts of images.",
    "Generated images are synthetic and not for diagnosis.",
)


def render(assessment: Assessment) -> str:
    """The page as text."""
    inputs = assessment.inputs
    history = inputs.run.history() if inputs.run else []
    return _template().render(
        version=tfmedgan.__version__,
        made=datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        a=assessment,
        inputs=inputs,
        phantom=PHANTOM.capitalize() if inputs.phantom else "",
        verdict=assessment.copies.verdict if assessment.copies else None,
        fakes=_uri(figures.overview(inputs.fake, inputs.class_names)),
        reals=_uri(figures.overview(inputs.reference, inputs.class_names)),
        metrics=[_line(row) for row in assessment.rows],
        protocols=_protocols(assessment.rows),
        classes=_class_table(assessment.class_rows),
        charts=_charts(history),
        distance_charts=_distance_charts(assessment),
        pairs=_uri(figures.closest_pairs(assessment)) if assessment.copies else "",
        experiment=_flat(encode(inputs.run.experiment)) if inputs.run else {},
        card=_flat(inputs.card or {}),
        limits=LIMITS,
    )


def number(value: float | None, digits: int = 4) -> str:
    """A few significant digits, without an exponent where that is readable."""
    if value is None:
        return "–"
    return f"{value:.0f}" if 1000 <= abs(value) < 1e6 else f"{value:.{digits}g}"


@cache
def _template():
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters["number"] = number
    environment.filters["percent"] = lambda share: f"{100 * share:.3g} %"
    text = files("tfmedgan.evaluation").joinpath("report.html").read_text(encoding="utf-8")
    return environment.from_string(text)


def base_name(row: Row) -> str:
    """The metric's name without the extractor's."""
    return row.metric.removesuffix(f"_{row.protocol.extractor}")


def title(name: str) -> str:
    """What the page calls an estimate; metrics that were added need no entry."""
    return TITLES.get(name, name.replace("_", " ").capitalize())


def _line(row: Row) -> dict:
    name = base_name(row)
    better = next(m.better for m in METRICS.values() if name in m.gives)
    direction = "" if name in NO_DIRECTION else ARROWS.get(better, "")
    return {"title": title(name), "row": row, "direction": direction}


def _protocols(rows: list[Row]) -> list[Protocol]:
    return list(dict.fromkeys(row.protocol for row in rows))


def _class_table(rows: list[Row]) -> dict:
    """Metrics down, classes across; the numbers of images of each class first."""
    classes = {row.protocol.classes[0]: row.protocol for row in rows}
    lines: dict[str, dict[str, Row]] = {}
    for row in rows:
        lines.setdefault(title(base_name(row)), {})[row.protocol.classes[0]] = row
    return {"columns": classes, "lines": lines}


def _charts(history: list[dict]) -> list[dict]:
    charts = []
    for title, names in (("Loss", LOSSES), ("Discriminator output", SCORES)):
        present = {k: v for k, v in names.items() if history and all(k in row for row in history)}
        if present:
            source = _uri(figures.curves(history, present, title.lower()), "svg+xml")
            last = ", ".join(f"{v} {number(history[-1][k])}" for k, v in present.items())
            charts.append({"title": title, "source": source, "last": last})
    return charts


def _distance_charts(assessment: Assessment) -> list[dict]:
    spaces = assessment.copies.spaces if assessment.copies else ()
    return [{"space": s.name, "source": _uri(figures.distances(s), "svg+xml")} for s in spaces]


def _uri(content: bytes, kind: str = "png") -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def _flat(data, prefix: str = "") -> dict[str, str]:
    """Nested configuration as dotted names, types left out; lists of parts as one line each."""
    lines = {}
    for key, value in data.items():
        if key == "type":
            continue
        if isinstance(value, dict) and value:
            lines |= _flat(value, f"{prefix}{key}.")
        elif isinstance(value, list | tuple):
            lines[f"{prefix}{key}"] = "; ".join(_inline(item) for item in value) or "–"
        else:
            lines[f"{prefix}{key}"] = _inline(value) or "–"
    return lines


def _inline(value) -> str:
    if not isinstance(value, dict):
        return str(value)
    fields = ", ".join(f"{k} {v}" for k, v in value.items() if k != "type")
    return f"{value.get('type', '')}({fields})"
