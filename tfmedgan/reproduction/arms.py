"""What tables of arms share: the folder of their study, its jobs, and differences between arms."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import lru_cache, partial
from itertools import product
from pathlib import Path
from typing import Any

from tfmedgan.config import Experiment
from tfmedgan.downstream.config import ArmStudy
from tfmedgan.downstream.directory import MaskStudyDirectory, StudyDirectory
from tfmedgan.files import locked
from tfmedgan.papers.reported import Table
from tfmedgan.reproduction.provenance import precision_of
from tfmedgan.reproduction.statistics import Mean
from tfmedgan.reproduction.study import Job, Result, Study

FOLDERS = {"downstream": StudyDirectory, "segmentation": MaskStudyDirectory}


def place_of(study: Study, table: Table) -> Any:
    """The folder of the table's study of arms."""
    return FOLDERS[table.kind](study.path / table.kind / table.name)


def jobs_of(
    study: Study, table: Table, planned: ArmStudy, results_of: Callable[..., Iterable[Result]],
    seconds: float, more: float,
) -> list[Job]:  # fmt: skip
    """Per seed, one job for the arms of real images and one for each source of synthetic ones.

    Args:
        results_of: (table, planned, folder, number of the source, arm, seed) → its results.
        seconds: of a training, roughly.
        more: that a source takes to make its images.
    """
    left, todo = study.cells_left([table]), []
    for seed, number in product(range(study.plan.seeds), range(len(planned.arms_by_source))):
        arms = planned.arms_by_source[number]
        cells = frozenset((table.key, arm, seed) for arm in arms)
        if cells & left:
            work = seconds * len(arms) + (more if number else 0)
            run = partial(_run, study, table, planned, results_of, number, seed)
            todo.append(Job(f"{table.key}, {arms[0]}, seed {seed}", work, run, cells))
    return todo


def _run(study: Study, table: Table, planned: ArmStudy, results_of, number: int, seed: int):
    """Train the arms of a job; the last job of all writes the study's own report, too."""
    from tfmedgan.downstream.report import write_report

    with locked(study.path / "claims" / f"{table.name}.lock"):
        trainings = _trainings(planned, place_of(study, table).path)
    trainings.arms_of(number, seed)
    place, arms = trainings.place, planned.arms_by_source[number]
    results = [r for arm in arms for r in results_of(table, planned, place, number, arm, seed)]
    if place.is_finished(planned):
        write_report(place)
    return results


@lru_cache(maxsize=1)
def _trainings(planned: ArmStudy, path: Path):
    """The study in work; kept for the next job, with its images and its traced U-Net."""
    from tfmedgan.downstream.run import TRAININGS

    return TRAININGS[type(planned)].begin(planned, path)


def differences(study: Study, table: Table) -> dict[tuple[str, str], Mean]:
    """Paired differences from real images alone, resampled over test images and seeds.

    Their intervals hold for all arms of the table together; one seed has none. Nothing is said
    before the study is finished.
    """
    from tfmedgan.downstream.report import findings_of

    place, seeds = place_of(study, table), study.plan.seeds
    if not place.is_finished(replace(place.study, seeds=seeds)):
        return {}
    means = {}
    for result in findings_of(place).results:
        for metric, figure in result.joint.items():
            low, high = (figure.low, figure.high) if seeds > 1 else (None, None)
            means[result.arm, metric] = Mean(figure.value, low, high, seeds)
    return means


def as_trained(place, source, document: Experiment) -> Experiment:
    """A source's experiment in the precision of its trainings, on the document's images."""
    precision = precision_of(place.path / "generators" / source.folder)
    return replace(source.experiment, data=document.data, precision=precision)


def tested_on(place) -> dict:
    """What is said of the test images."""
    test = place.test
    return {"test images": f"{len(test['names'])}, SHA-256 {test['sha256'][:16]}"}
