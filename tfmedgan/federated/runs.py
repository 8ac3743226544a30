"""`train`, `resume` and `finish` of a federation on one machine; see `tfmedgan.training`."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from tfmedgan.config import Experiment
from tfmedgan.data.prepare import PreparedData, prepare
from tfmedgan.errors import require
from tfmedgan.federated import sites as of_sites
from tfmedgan.federated.flower import require_flower
from tfmedgan.files import write_text
from tfmedgan.run_directory import RunDirectory, data_record
from tfmedgan.training import callbacks as cb
from tfmedgan.training import runs as central
from tfmedgan.training.alarms import similarity_of_reals
from tfmedgan.training.checkpoints import CheckpointStore
from tfmedgan.training.continuing import require_same_images, require_whole
from tfmedgan.training.environment import describe, with_precision
from tfmedgan.training.validation_checks import check

RECORD = {"strategy": "federated, simulated by Flower", "workers": 1, "replicas": 1}


def train(
    experiment: Experiment,
    run_dir: Path,
    *,
    data: PreparedData | None = None,
    progress: bool = True,
) -> list[dict]:
    """Train sites together from the start and write a new run directory.

    Args:
        experiment: with `federation`.
        data: what `prepare` made of `experiment.data`, if it is at hand.

    Returns:
        The history: one dictionary of metrics per round.

    Raises:
        InputError: as `tfmedgan.training.train`; without Flower; for a patient at two sites.
        JobError: when no site takes part in a round; the rounds before it are saved.
        Interrupted: after Ctrl-C; the run can be resumed.
    """
    require_flower()
    experiment = with_precision(experiment)
    data = data or prepare(experiment.data, experiment.seed)
    check(experiment, data)
    divided = _divided(experiment, data)
    record = data_record(data) | {"sites": of_sites.record_of(divided)}
    run = RunDirectory.create(run_dir, experiment, record, describe(experiment, RECORD))
    with run.alone():
        return _fit(run, experiment, divided, progress)


def resume(
    run_dir: Path,
    *,
    rounds: int | None = None,
    data: PreparedData | None = None,
    progress: bool = True,
) -> list[dict]:
    """Go on with a federation; the result equals an uninterrupted one, bit for bit.

    Args:
        rounds: a new total number of rounds, to train longer than planned.
    """
    require_flower()
    run = RunDirectory.open(run_dir)
    require_whole(run)
    experiment = run.experiment
    data = data or prepare(experiment.data, experiment.seed)
    require_same_images(run, data)
    divided = _divided(experiment, data)
    require(
        of_sites.record_of(divided) == run.data["sites"],
        f"{experiment.data.source}: images have gone from one site to another since {run_dir} "
        "began; restore its table",
    )
    with run.alone():
        if rounds:
            experiment = replace(experiment, epochs=rounds)
            write_text(run.config_path, experiment.to_json())
        return _fit(run, experiment, divided, progress)


def finish(
    experiment: Experiment, run_dir: Path, data: PreparedData, *, progress: bool = True
) -> RunDirectory:
    """The whole run of an experiment, federated or not: found, gone on with, or begun."""
    if experiment.federation is None:
        return central.finish(experiment, run_dir, data, progress=progress)
    if not run_dir.exists():
        train(experiment, run_dir, data=data, progress=progress)
    elif not RunDirectory.open(run_dir).is_finished(experiment.epochs):
        resume(run_dir, rounds=experiment.epochs, data=data, progress=progress)
    return RunDirectory.open(run_dir)


def _divided(experiment: Experiment, data: PreparedData) -> dict[str, PreparedData]:
    """The data of each site, which must be enough for a batch."""
    assert experiment.federation is not None, "the caller has looked"
    divided = of_sites.divided(experiment.federation, experiment.data, data, experiment.seed)
    of_sites.require_enough(divided, experiment.batch_size)
    return divided


def _fit(
    run: RunDirectory, experiment: Experiment, divided: dict[str, PreparedData], progress: bool
) -> list[dict]:
    """Train on from the newest checkpoint, if there is one; the history.

    Sites are on this machine: a disk that fails one of them ends the training.
    """
    from tfmedgan.federated.client import client_app
    from tfmedgan.federated.coordinator import Coordinator, heed
    from tfmedgan.federated.exchange import Exchange
    from tfmedgan.federated.simulation import simulate
    from tfmedgan.federated.site import Site

    names = list(divided)
    history: list[dict] = []
    with cb.StopOnRequest(run, CheckpointStore(run.checkpoints)) as stop:
        coordinator = Coordinator(run, experiment, stop)
        there: list[Site] = []
        failures: list[OSError] = []
        for number, (name, own) in enumerate(divided.items(), 1):
            heed(stop, coordinator.position.epoch + 1)
            folder = run.path / "sites" / f"{number:02d}"
            there.append(Site(name, experiment, own.parts["train"], folder))
        app = client_app(
            lambda _, context: there[context.node_config["partition-id"]],
            given_up=lambda: stop.requested or bool(failures),
            own_disk=failures.append,
        )
        of_reals = mean_similarity(divided, experiment.seed, experiment.model.conditional)
        classes = next(iter(divided.values())).class_names

        def main(grid, nodes) -> None:
            exchange = Exchange(grid, nodes)

            def round_of(number, arrays):
                result = exchange(number, arrays)
                if failures:
                    raise failures[0]
                return result

            history.extend(coordinator.lead(round_of, of_reals, classes, progress))

        simulate(names, app, main)
    return history


def mean_similarity(divided: dict[str, PreparedData], seed: int, conditional: bool) -> float:
    """How alike real images are, each site's own among themselves, weighted by their numbers."""
    parts = [data.parts["train"] for data in divided.values()]
    values = [similarity_of_reals(arrays, seed, conditional) for arrays in parts]
    return round(float(np.average(values, weights=[len(arrays) for arrays in parts])), 6)
