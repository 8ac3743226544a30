"""The model card: what a person should know before using images of an exported generator.

The headings follow Mitchell et al. 2019, "Model Cards for Model Reporting".
"""

from dataclasses import asdict, replace
from datetime import datetime, timezone
from pathlib import Path

import tfmedgan
from tfmedgan.config import Experiment
from tfmedgan.data.masks import image_channels
from tfmedgan.evaluation.alarms import alarms
from tfmedgan.evaluation.data_sets import card_of, data_of, strictest
from tfmedgan.evaluation.log_signs import absent_sites
from tfmedgan.evaluation.metrics import title_of
from tfmedgan.evaluation.rows import Row, read_rows
from tfmedgan.evaluation.scorecard import Evidence, score_card
from tfmedgan.evaluation.titles import AUDITED
from tfmedgan.evaluation.verdicts import finding
from tfmedgan.reporting import pages
from tfmedgan.reporting.formatting import public_name
from tfmedgan.run_directory import RunDirectory
from tfmedgan.serialization import encode

INTENDED = (
    "Research on image synthesis, on augmentation of small training sets, and teaching.",
    "Showing what a generator makes, with every picture called synthetic.",
)
NOT_INTENDED = (
    "Diagnosis, treatment, or any other decision about a patient.",
    "Passing images off as real, or counting them as patients in a study.",
    "Test sets: what is claimed of real images has to be measured on real images.",
    "Handing on in place of data that may not be handed on: it is no means of anonymisation.",
)
OF_MASKS = (
    "A mask says what the generator would mark; no clinician has drawn or confirmed it. It may be "
    "missing where a lesion is seen, and lie where there is none."
)
LIMITS = (
    "Images are synthetic and no new patients: what the training images lack, they lack too, and "
    "rare findings and small lesions first of all.",
    "A label says what the generator was asked for; no clinician has confirmed that it is seen.",
    "The check for copies can miss copies of parts of images. It is not a proof of privacy.",
    "Nothing here is validated for clinical use.",
)
RIGHTS = {
    True: "yes, under the terms of this licence; name the source for derived images, too",
    False: "not without asking: the data set itself may not be handed on",
    None: "unknown: nothing was recorded; ask the owner of the images first",
}


def model_card(run: RunDirectory, copies: dict, export: dict) -> dict:
    """The content of model_card.json.

    Args:
        copies: as `tfmedgan.serving.copies.permission` returns it.
        export: facts of the exported files: title, inputs, difference from the Keras model.
    """
    rows = _newest(run)
    history, diversity = run.logs
    digest = copies["generator_sha256"]
    audit, groups = (finding(run.evaluation / f"{n}.json", digest) for n in ("audit", "subgroups"))
    signs = alarms(history, rows, copies["verdict"], diversity)
    signs += absent_sites(run.rounds()).values()
    signs += [audit["sentence"]] if audit and audit["alarm"] else []
    signs += [text for text in groups["sentences"] if "gap: " in text] if groups else []
    data = data_of(run)
    known = card_of(run.data) | {"redistribution": strictest(data)}
    return {
        "name": run.path.resolve().name,
        "synthetic": True,
        "made_by": f"tfmedgan {tfmedgan.__version__}",
        "exported": datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "export": export,
        "model": _model(run, copies["generator_sha256"]),
        "data": _data(data),
        "training": _training(run),
        "metrics": [
            asdict(row) | {"title": title_of(row.estimate, row.protocol.extractor)} for row in rows
        ],
        "metrics_note": _metrics_note(run, rows),
        "copy_check": copies,
        "membership_audit": audit,
        "subgroups": groups,
        "score_card": [
            asdict(line)
            for line in score_card(
                Evidence(rows, run.class_names, copies["verdict"], audit, groups, known)
            )
        ],
        "alarms": signs,
        "limits": [*LIMITS, *([OF_MASKS] if run.experiment.model.has_mask else [])],
        "intended_use": list(INTENDED),
        "not_intended_use": list(NOT_INTENDED),
    }


def render(card: dict) -> str:
    """MODEL_CARD.md of a card."""
    listed = [row for row in card["metrics"] if not row["metric"].startswith(AUDITED)]
    whole = [row for row in listed if row["protocol"]["classes"] == ("all",)]
    protocols = list({str(row["protocol"]): row["protocol"] for row in whole}.values())
    return pages.render(
        "serving/MODEL_CARD.md.jinja",
        card=card,
        rows=[(row, protocols.index(row["protocol"]) + 1) for row in whole],
        protocols=protocols,
        per_class=len(listed) > len(whole),
    )


def _newest(run: RunDirectory) -> list[Row]:
    """The last row of each metric and class that tfmedgan-evaluate has written."""
    path = run.evaluation / "rows.jsonl"
    rows = read_rows(path) if path.exists() else []
    return list({(row.metric, row.protocol.classes): row for row in rows}.values())


def _metrics_note(run: RunDirectory, rows: list[Row]) -> str:
    if not rows:
        return "Quality was not measured (tfmedgan-evaluate was not run)."
    written = (run.evaluation / "rows.jsonl").stat().st_mtime
    if written < run.generator_path.stat().st_mtime:
        return "These figures are older than the generator, and may be about an earlier one."
    return ""


def _model(run: RunDirectory, digest: str) -> dict:
    model = run.experiment.model
    return {
        "sha256": digest,
        "architecture": run.experiment.name or model.family,
        "document": run.experiment.paper,
        "image_shape": [*model.image_shape[:2], image_channels(model.image_shape[2])],
        "masks": model.has_mask,
        "latent_dim": model.latent_dim,
        "classes": list(run.class_names),
    }


def _data(data: list[dict]) -> dict:
    """The data set of the run, and below "started_from" those of the runs that it started from.

    Images may be handed on only where all of them allow it.
    """
    own, *former = map(_data_set, data)
    derived = {"redistribution_of_derived_images": RIGHTS[strictest(data)]}
    drawn = all(one["drawn"] for one in (own, *former))
    return own | derived | {"drawn": drawn, "started_from": former}


def _data_set(data: dict) -> dict:
    """As data.json has it; not the path, which tells of the user's machine."""
    known = card_of(data)
    return {
        "title": known.get("title") or "unknown",
        "drawn": data.get("source", "").startswith("phantom:"),
        "homepage": known.get("homepage") or "",
        "citation": known.get("citation") or "",
        "licence": known.get("licence") or "unknown",
        "redistribution": known.get("redistribution"),
        "counts": data.get("counts", {}),
        "sha256": data.get("digest", ""),
        "split_sha256": data.get("split", {}).get("digest", ""),
    }


def _training(run: RunDirectory) -> dict:
    summary, experiment = run.summary, run.experiment
    return {
        "epochs": summary.get("epochs"),
        "updates": summary.get("steps"),
        "stopped_early": summary.get("stopped"),
        "generator_of_epoch": summary.get("generator", {}).get("epoch"),
        "generator_chosen_by": summary.get("generator", {}).get("chosen by"),
        "seed": experiment.seed,
        "averaged_weights": experiment.ema,
        "deviations": list(experiment.deviations),
        "experiment": encode(_without_places(experiment)),
    }


def _without_places(experiment: Experiment) -> Experiment:
    """The experiment without the folders of this machine."""
    data, start = experiment.data, experiment.start_from
    split_file = Path(data.split_file).name if data.split_file else ""
    data = replace(data, source=public_name(data.source), split_file=split_file)
    start = replace(start, run=Path(start.run).name) if start else start
    return replace(experiment, data=data, start_from=start)
