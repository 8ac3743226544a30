"""The rounds of a federation, and everything that a run writes after each.

What carries the weights to the sites and back is given, so that a simulation, processes on other
machines and a test write the same run directory.
"""

from collections.abc import Callable, Sequence

import keras
import numpy as np

from tfmedgan.config import Experiment
from tfmedgan.errors import Interrupted, JobError
from tfmedgan.federated import weights
from tfmedgan.federated.averaging import Round, mean_metrics, weighted_mean
from tfmedgan.run_directory import RunDirectory
from tfmedgan.run_logs import append_line
from tfmedgan.training import callbacks as cb
from tfmedgan.training.alarms import Alarms, Diversity
from tfmedgan.training.checkpoints import CheckpointStore
from tfmedgan.training.finalize import finalize
from tfmedgan.training.loop import build
from tfmedgan.training.progress import ProgressBar
from tfmedgan.training.start_from import load_weights

RoundOf = Callable[[int, Sequence[np.ndarray]], Round]  # (number from 1, weights) → what came back


class Coordinator:
    """The averaged networks, and the log of the rounds."""

    def __init__(self, run: RunDirectory, experiment: Experiment, stop: cb.StopOnRequest):
        assert experiment.federation is not None, "a federation is what it coordinates"
        self.run, self.experiment, self.stop = run, experiment, stop
        self.local_steps = experiment.federation.local_steps
        self.model = build(experiment)
        self.store = CheckpointStore(run.checkpoints)
        self.position = self.store.restore(self.model)
        if experiment.start_from and not self.store.paths():
            load_weights(experiment.start_from, self.model)
        run.rewind(self.position.epoch, self.position.step)
        run.summary_path.unlink(missing_ok=True)  # it tells how the run ended before
        self.alarms = Alarms(run)

    def lead(
        self, round_of: RoundOf, of_reals: float, class_names: tuple[str, ...], progress: bool
    ) -> list[dict]:
        """All rounds that are left; the history.

        Args:
            of_reals: as in `Diversity`, the sites' mean.

        Raises:
            JobError: when no site takes part in a round; the rounds before it are saved.
            Interrupted: after Ctrl-C; likewise.
        """
        experiment = self.experiment
        seed, rounds = experiment.seed, experiment.epochs
        bar = ProgressBar(rounds, 1, self.position.epoch, self.alarms, "round")
        watchers = [
            cb.SampleGrids(self.run, class_names, rounds, seed),
            cb.MetricsLogger(self.run),
            Diversity(self.run, of_reals, rounds, seed),
            self.alarms,
            cb.Checkpoints(self.store),
            cb.TensorBoardLog(self.run, self.alarms),
            *([bar] if progress else []),
            self.stop,
        ]
        calls = keras.callbacks.CallbackList(watchers, model=self.model, epochs=rounds, steps=1)
        try:
            calls.on_train_begin()
            for epoch in range(self.position.epoch, rounds):
                calls.on_epoch_begin(epoch)
                logs = self._round(round_of, epoch + 1)
                calls.on_train_batch_end(0, logs)
                calls.on_epoch_end(epoch, logs)
            calls.on_train_end()
        except Interrupted:
            finalize(self.run, self.store, self.model, self.alarms, "on request")
            raise
        finally:
            bar.close()
        finalize(self.run, self.store, self.model, self.alarms, "")
        return self.run.history()

    def _round(self, round_of: RoundOf, number: int) -> dict[str, float]:
        """Send, receive, average and write down; the metrics."""
        variables = weights.shared(self.model)
        heed(self.stop, number)
        result = round_of(number, weights.values(variables))
        if result.left_out:
            heed(self.stop, number)
        if not result.updates:
            reasons = "; ".join(f"{site} {why}" for site, why in sorted(result.left_out.items()))
            raise JobError(
                f"round {number}: no site took part: {reasons}; the rounds before it are saved, go "
                f"on with: {self.stop.how_to_go_on}"
            )
        weights.assign(variables, weighted_mean(result.updates))
        # No update was made here; it counts the steps of a site.
        self.model.generator_optimizer.iterations.assign(number * self.local_steps)
        append_line(self.run.rounds_jsonl, _line(number, number * self.local_steps, result))
        return mean_metrics(result.updates)


def heed(stop: cb.StopOnRequest, number: int) -> None:
    """Raise `Interrupted` in round `number` if it was asked for."""
    if stop.requested:
        raise Interrupted(
            f"stopped in round {number}; the rounds before it are saved, go on with: "
            f"{stop.how_to_go_on}"
        )


def _line(number: int, step: int, result: Round) -> dict:
    return {
        "round": number,
        "step": step,
        "images": dict(sorted((update.site, update.images) for update in result.updates)),
        "left_out": dict(sorted(result.left_out.items())),
        "bytes_to_sites": result.bytes_to_sites,
        "bytes_from_sites": result.bytes_from_sites,
    }
