"""What a generator has learned from: the data of its run, and of the runs that it started from."""

from pathlib import Path

from tfmedgan.errors import InputError
from tfmedgan.run_directory import RunDirectory


def data_of(run: RunDirectory) -> list[dict]:
    """data.json of a run, then of those that it started from; {} for one that is gone."""
    found = [run.data]
    while run.experiment.start_from:
        try:
            run = RunDirectory.open(Path(run.experiment.start_from.run))
            found.append(run.data)
        except InputError:
            return [*found, {}]
    return found


def card_of(data: dict) -> dict:
    """What is known of a data set: title, licence and so on; {} if nothing is."""
    return data.get("card") or {}


def strictest(data: list[dict]) -> bool | None:
    """Whether images derived from all of them may be handed on; None where that is unknown."""
    rights = [card_of(one).get("redistribution") for one in data]
    return next((known for known in (False, None) if known in rights), True)
