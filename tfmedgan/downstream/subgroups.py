"""What each arm scores for each value of a column of the data, and where that differs most."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from tfmedgan.classifiers.bootstrap import resamples
from tfmedgan.classifiers.score_list import SCORES
from tfmedgan.classifiers.subgroups import enough
from tfmedgan.data.columns import values_of
from tfmedgan.downstream.comparison import figure_of, resampled_seeds, samples_of, score_of
from tfmedgan.downstream.directory import StudyDirectory
from tfmedgan.errors import require
from tfmedgan.evaluation.gaps import Gap, joint_level, largest
from tfmedgan.evaluation.intervals import Figure
from tfmedgan.files import read_json_if_there, write_json
from tfmedgan.seeding import rng


@dataclass(frozen=True)
class StudiedGroups:
    """Scores by arm and value, the largest gap of each arm, and the values with too few images."""

    column: str
    counts: dict[str, int]  # test images of each value that was scored
    scores: dict[str, dict[str, dict[str, Figure]]]  # arm → value → score
    gaps: dict[str, Gap]  # by arm, of the score that decides
    refused: list[str]


def recorded_values(place: StudyDirectory, column: str) -> np.ndarray:
    """The value of each test image; kept in subgroups.json, so that images are read only once.

    Raises:
        InputError: for an unknown column.
    """
    path = place.path / "subgroups.json"
    known = read_json_if_there(path)
    if known.get("column") != column:
        values = values_of(place.study.data.source, column, tuple(place.test["names"]))
        known = {"column": column, "values": values.tolist()}
        write_json(path, known)
    require(
        len(known["values"]) == len(place.test["names"]),
        f"{path}: holds {len(known['values'])} values for {len(place.test['names'])} test images; "
        "remove it",
    )
    return np.array(known["values"])


def studied_groups(place: StudyDirectory, column: str, predicted: dict) -> StudiedGroups:
    """Scores of all arms for each value of a column.

    Args:
        predicted: for each arm a list, over the seeds, of arrays (n, classes).

    Raises:
        InputError: for an unknown column.
    """
    study, labels = place.study, np.array(place.test["labels"])
    groups, refused = enough(
        column, recorded_values(place, column), labels, tuple(place.test["classes"])
    )
    seeds = resampled_seeds(study)
    scores: dict[str, dict] = {arm: {} for arm in predicted}
    parts: dict[str, dict] = {arm: {} for arm in predicted}
    for value, chosen in groups.items():
        own, every = labels[chosen], np.arange(len(chosen))[None]
        stream = rng(study.data_seed, f"downstream/{column}={value}")
        drawn = resamples(own, study.replicates, stream)
        for arm, runs in predicted.items():
            given = [run[chosen] for run in runs]
            point, samples = samples_of(own, given, every), samples_of(own, given, drawn)
            scores[arm][value] = {n: score_of(point[n], samples[n], seeds) for n in SCORES}
            name = study.primary_metric
            parts[arm][value] = point[name], samples[name]
    gaps = {}
    if len(groups) > 1:
        level = joint_level(len(groups), len(predicted))
        gaps = {
            arm: _gap(column, study.primary_metric, arm, values, seeds, level)
            for arm, values in parts.items()
        }
    counts = {value: len(chosen) for value, chosen in groups.items()}
    return StudiedGroups(column, counts, scores, gaps, refused)


def _gap(column: str, name: str, arm: str, parts: dict, seeds: np.ndarray, level: float) -> Gap:
    """The largest gap of an arm."""
    means = {value: float(point.mean()) for value, (point, _) in parts.items()}
    title, gaps = f"{arm}: {SCORES[name].title}", []
    for lower, higher in combinations(sorted(means, key=means.__getitem__), 2):
        point, samples = (low - high for low, high in zip(parts[lower], parts[higher], strict=True))
        apart = figure_of(point, samples, seeds, level)
        ends = means[lower], means[higher]
        gaps.append(Gap(name, title, column, lower, higher, ends, apart))
    return largest(gaps)
