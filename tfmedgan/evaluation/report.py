"""The files of an evaluation: its rows, its verdict on copies, and one page about all of it."""

from datetime import datetime, timezone
from pathlib import Path

from tfmedgan.evaluation import figures
from tfmedgan.evaluation.assessment import Assessment
from tfmedgan.evaluation.audit.membership import RULE, MembershipAudit
from tfmedgan.evaluation.federation import federation_sentence
from tfmedgan.evaluation.inputs import PHANTOM
from tfmedgan.evaluation.metrics import directions, title_of
from tfmedgan.evaluation.rows import Protocol, Row, append_rows
from tfmedgan.evaluation.scorecard import Evidence, score_card
from tfmedgan.evaluation.summary import summary
from tfmedgan.evaluation.verdicts import finding, remove_outdated
from tfmedgan.files import (
    csv_text,
    finite,
    read_json_if_there,
    write_bytes,
    write_json,
    write_text,
)
from tfmedgan.reporting.formatting import number
from tfmedgan.reporting.pages import data_url, render
from tfmedgan.run_directory import LOSSES, OUTPUTS
from tfmedgan.serialization import encode

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


def write(assessment: Assessment, out: Path) -> dict[str, Path]:
    """rows.jsonl (appended), copy_check.json, closest_pairs.png and report.html in `out`; of an
    audit audit.json, audit.csv and audit.svg; of subgroups subgroups.json.

    Each file is replaced in one step. An earlier verdict on copies is removed when there is
    no new one: it would be about other images.
    """
    out.mkdir(parents=True, exist_ok=True)
    paths = {"rows": out / "rows.jsonl", "report": out / "report.html"}
    append_rows(paths["rows"], assessment.rows + assessment.class_rows + assessment.trust_rows)
    paths |= write_copies(assessment, out) | _write_audit(assessment, out)
    paths |= _write_subgroups(assessment, out)
    write_text(paths["report"], page(assessment, out))
    return paths


def write_copies(assessment: Assessment, out: Path) -> dict[str, Path]:
    """copy_check.json and closest_pairs.png; without a check none, not even earlier ones."""
    out.mkdir(parents=True, exist_ok=True)
    check, pairs = out / "copy_check.json", out / "closest_pairs.png"
    if not assessment.copies:
        check.unlink(missing_ok=True)
        pairs.unlink(missing_ok=True)
        return {}
    write_bytes(pairs, figures.closest_pairs(assessment))
    write_json(check, assessment.copies.verdict)
    return {"copies": check, "pairs": pairs}


def _write_audit(assessment: Assessment, out: Path) -> dict[str, Path]:
    """audit.json, audit.csv and audit.svg; earlier ones go unless about the same generator."""
    paths = {name: out / f"audit.{name}" for name in ("json", "csv", "svg")}
    if not assessment.membership:
        remove_outdated(paths.values(), paths["json"], assessment.inputs.generator_sha256)
        return {}
    audit = assessment.membership.audit
    write_bytes(paths["svg"], figures.roc_curves(audit))
    write_text(paths["csv"], csv_text(_audit_table(audit)))
    write_json(paths["json"], finite(audit.to_dict() | _whose(assessment)))
    return {"audit": paths["json"]}


def _write_subgroups(assessment: Assessment, out: Path) -> dict[str, Path]:
    """subgroups.json; an earlier one goes unless about the same generator."""
    path = out / "subgroups.json"
    if not assessment.subgroups:
        remove_outdated([path], path, assessment.inputs.generator_sha256)
        return {}
    write_json(path, finite(assessment.subgroups.to_dict() | _whose(assessment)))
    return {"subgroups": path}


def _whose(assessment: Assessment) -> dict:
    inputs = assessment.inputs
    return {"run": inputs.name, "generator_sha256": inputs.generator_sha256}


def _audit_table(audit: MembershipAudit) -> list[dict]:
    """A line for each attack."""
    parts = ("auc", "control", "difference")
    return [
        {"attack": result.attack, "space": result.space}
        | {
            f"{part}_{end}".removesuffix("_value"): getattr(getattr(result, part), end)
            for part in parts
            for end in ("value", "low", "high")
        }
        | {"alarm": result.alarms}
        for result in audit.results
    ]


def page(assessment: Assessment, out: Path) -> str:
    """report.html: it holds all its pictures and asks nothing of any network.

    Args:
        out: folder with earlier findings about the same generator, for the score card.
    """
    inputs = assessment.inputs
    audit = assessment.membership.audit if assessment.membership else None
    history = inputs.run.history() if inputs.run else []
    return render(
        "evaluation/report.html",
        made=datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        a=assessment,
        inputs=inputs,
        phantom=PHANTOM.capitalize() if inputs.phantom else "",
        verdict=assessment.copies.verdict if assessment.copies else None,
        fakes=data_url(figures.overview(inputs.fake, inputs.class_names, synthetic=True)),
        reals=data_url(figures.overview(inputs.reference, inputs.class_names, synthetic=False)),
        summary=summary(assessment),
        score_card=score_card(_evidence(assessment, out)),
        audit=audit,
        rule=RULE,
        roc=data_url(figures.roc_curves(audit), "svg") if audit else "",
        groups=assessment.subgroups,
        group_table=_class_table(assessment.subgroups.rows if assessment.subgroups else []),
        metrics=[_line(row) for row in assessment.rows],
        protocols=_protocols(assessment.rows),
        classes=_class_table(assessment.class_rows),
        charts=_charts(history),
        federation=federation_sentence(inputs.run.rounds()) if inputs.run else "",
        distance_charts=_distance_charts(assessment),
        pairs=data_url(figures.closest_pairs(assessment)) if assessment.copies else "",
        experiment=_flat(encode(inputs.run.experiment)) if inputs.run else {},
        card=_flat(inputs.card or {}),
        limits=LIMITS,
    )


def _evidence(assessment: Assessment, out: Path) -> Evidence:
    """What this evaluation found and, of the same generator, what earlier ones did."""
    inputs, digest = assessment.inputs, assessment.inputs.generator_sha256
    if inputs.run:
        command = f"tfmedgan-evaluate {inputs.name}"
    else:
        command = f"tfmedgan-evaluate {inputs.name} --against SOURCE"
    findings = {}
    for name, part in (("audit", assessment.membership), ("subgroups", assessment.subgroups)):
        findings[name] = read_json_if_there(out / f"{name}.json") if part else None
        findings[name] = findings[name] or finding(out / f"{name}.json", digest)
    return Evidence(
        assessment.rows + assessment.class_rows,
        inputs.class_names,
        assessment.copies.verdict if assessment.copies else None,
        data=inputs.card,
        evaluate=command,
        **findings,
    )


def _line(row: Row) -> dict:
    direction = ARROWS.get(directions().get(row.estimate, ""), "")
    return {
        "title": title_of(row.estimate, row.protocol.extractor),
        "row": row,
        "direction": direction,
    }


def _protocols(rows: list[Row]) -> list[Protocol]:
    return list(dict.fromkeys(row.protocol for row in rows))


def _class_table(rows: list[Row]) -> dict:
    """Metrics down, classes across; the numbers of images of each class first."""
    classes = {row.protocol.classes[0]: row.protocol for row in rows}
    lines: dict[str, dict[str, Row]] = {row.estimate: {} for row in rows}
    for row in rows:
        lines[row.estimate][row.protocol.classes[0]] = row
    titles = {row.estimate: title_of(row.estimate, row.protocol.extractor) for row in rows}
    return {"columns": classes, "titles": titles, "lines": lines}


def _charts(history: list[dict]) -> list[dict]:
    charts = []
    for title, names in (("Losses", LOSSES), ("Discriminator output", OUTPUTS)):
        present = {k: v for k, v in names.items() if history and all(k in row for row in history)}
        if present:
            source = data_url(figures.curves(history, present, title.lower()), "svg")
            last = ", ".join(f"{v} {number(history[-1][k])}" for k, v in present.items())
            charts.append({"title": title, "source": source, "last": last})
    return charts


def _distance_charts(assessment: Assessment) -> list[dict]:
    spaces = assessment.copies.spaces if assessment.copies else ()
    return [{"space": s.name, "source": data_url(figures.distances(s), "svg")} for s in spaces]


def _flat(data, prefix: str = "") -> dict[str, str]:
    """Nested configuration as dotted names, types left out; lists of parts as one line each."""
    lines: dict[str, str] = {}
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
