"""What the trainings of a table ask for, before any of them: updates, and hours at its own scale.

Nothing is known of data sets whose number of images is not published by class.
"""

import json
from dataclasses import replace

from tfmedgan.config import Experiment
from tfmedgan.costs import PFLOP_AN_HOUR, petaflops, published_counts, training_images, updates
from tfmedgan.papers import PRESETS
from tfmedgan.papers.reported import Scale, Table
from tfmedgan.reproduction.scaling import scaled, scaled_epochs, what_trains


def planned_updates(table: Table, scale: Scale) -> int | None:
    """Updates of the generators of all rows, of one seed; None where that is not known."""
    planned = _trainings(table, scale)
    counts = [updates(experiment, images) for experiment, images in planned]
    return sum(counts) if planned and all(images for _, images in planned) else None


def paper_hours(table: Table) -> float | None:
    """Of one seed's generators on two cores, at the document's own scale; None where not known."""
    scale = table.scales["paper"]
    planned = _of_arms(table, scale) if table.kind == "downstream" else _trainings(table, scale)
    costs = [petaflops(experiment, images) for experiment, images in planned]
    if not planned or not all(costs):
        return None
    return sum(filter(None, costs)) / PFLOP_AN_HOUR


def _trainings(table: Table, scale: Scale) -> list[tuple[Experiment, int]]:
    """Experiments with the number of their images; rows that share a training are the longest."""
    longest: dict[str, tuple[Experiment, int]] = {}
    for row in table.rows:
        if not row.preset:
            continue
        experiment = scaled(PRESETS[row.preset], scale)
        if row.epoch:
            experiment = replace(experiment, epochs=scaled_epochs(row.epoch, scale))
        key = json.dumps(what_trains(experiment), sort_keys=True)
        if key not in longest or longest[key][0].epochs < experiment.epochs:
            longest[key] = experiment, training_images(experiment, _classes(table, experiment))
    return list(longest.values())


def _of_arms(table: Table, scale: Scale) -> list[tuple[Experiment, int]]:
    """Generators that add to a classifier's images: one a class, unless it learns all at once."""
    trainings = []
    for _, preset in table.generators:
        experiment = scaled(PRESETS[preset], scale)
        model, classes = experiment.model, _classes(table, experiment)
        at_once = model.labels == "required" or model.conditional
        trainings += [(experiment, training_images(experiment))] * (
            1 if at_once else max(1, len(classes))
        )
    return trainings


def _classes(table: Table, experiment: Experiment) -> tuple[str, ...]:
    """The first of the table's choices that the data set has; empty: all of it."""
    known = published_counts(experiment.data.source)
    return next((c for c in table.classes if set(c) <= set(known)), ())
