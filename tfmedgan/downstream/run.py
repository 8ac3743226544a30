"""Running a study in a folder; killed half-way, it goes on where it was."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tfmedgan.data.records import Progress
from tfmedgan.downstream.classifiers import Trainings
from tfmedgan.downstream.config import ArmStudy, DownstreamStudy, MaskStudy
from tfmedgan.downstream.trainings import ArmTrainings
from tfmedgan.downstream.unets import MaskTrainings

TRAININGS: dict[type, type[ArmTrainings]] = {DownstreamStudy: Trainings, MaskStudy: MaskTrainings}


def run_study(
    study: ArmStudy,
    out: Path,
    synthesise: Callable | None = None,
    progress: Progress | None = None,
    trained: Progress | None = None,
) -> Any:
    """Train every arm with every seed and keep what it scores on the test images.

    A study that is finished is left as it is, and its images are not asked for.

    Args:
        synthesise: instead of `synthesis.synthesise` or `synthesise_pairs`, with its
            arguments and result.
        progress: called while images are read, as in `prepare`.
        trained: called with (trainings done, trainings in all, what comes next).

    Returns:
        The folder: a `StudyDirectory`, or a `MaskStudyDirectory`.

    Raises:
        InputError: for data that leaks or does not suffice, or a folder with another study.
    """
    kind = TRAININGS[type(study)]
    place = kind.folder(out)
    if place.is_finished(study):
        place.begin(study)
        return place
    trainings = kind.begin(study, out, synthesise, progress, trained)
    for seed in range(study.seeds):
        for number in range(len(study.arms_by_source)):
            trainings.arms_of(number, seed)
    return place
