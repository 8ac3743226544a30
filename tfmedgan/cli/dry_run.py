"""What tfmedgan-train --dry-run shows: the experiment, its data, its size and its time."""

import json
import statistics
import time
from itertools import pairwise

import keras
import yaml

from tfmedgan.config import Experiment
from tfmedgan.configuration import encode
from tfmedgan.run_directory import data_record
from tfmedgan.training.loop import batches, build, steps_per_epoch

TIMED_STEPS = 5


def show(experiment: Experiment, data, as_json: bool) -> None:
    """Print everything that is known before training; train nothing."""
    model = build(experiment)
    per_epoch = steps_per_epoch(experiment, data)
    steps = per_epoch * experiment.epochs
    seconds = _seconds_per_step(model, batches(experiment, data)) * steps
    facts = {
        "experiment": encode(experiment),
        "images": data_record(data)["counts"],
        "parameters": {
            "generator": model.generator.count_params(),
            "discriminator": model.discriminator.count_params(),
        },
        "steps": {"per epoch": per_epoch, "in all": steps},
        "estimated minutes": round(seconds / 60, 1),
    }
    if as_json:
        print(json.dumps(facts))
    else:
        text = yaml.safe_dump(facts, sort_keys=False, default_flow_style=None, width=100)
        print(text, end="")


def _seconds_per_step(model, dataset) -> float:
    """Median time between the ends of steps, of a throw-away model; the first is traced."""
    ends = []
    note = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: ends.append(time.perf_counter())
    )
    model.fit(dataset, steps_per_epoch=TIMED_STEPS + 1, callbacks=[note], verbose=0, shuffle=False)
    return statistics.median(end - start for start, end in pairwise(ends))
