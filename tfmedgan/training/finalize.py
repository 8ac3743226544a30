"""What the end of a run leaves: generator.keras and summary.json."""

import keras

from tfmedgan.evaluation.federation import federation_facts
from tfmedgan.files import replacing, write_json
from tfmedgan.models.base import AdversarialModel
from tfmedgan.models.fast_layers import plain
from tfmedgan.run_directory import RunDirectory
from tfmedgan.training.alarms import Alarms
from tfmedgan.training.checkpoints import CheckpointStore


def finalize(
    run: RunDirectory, store: CheckpointStore, model: AdversarialModel, alarms: Alarms, stopped: str
) -> None:
    """generator.keras, the best by validation or the last, and summary.json."""
    history = run.history()
    epochs = len(history)
    best = store.restore_best(model) if store.best.exists() else None
    save_generator(model.sampler, run)
    summary = {
        "epochs": epochs,
        "steps": history[-1]["step"] if history else 0,
        "stopped": stopped or None,
        "generator": {
            "epoch": best.epoch if best else epochs,
            "chosen by": "KID on the validation images" if best else "the end of training",
        },
        "alarms": alarms.raised,
        "metrics": history[-1] if history else {},
    }
    if facts := federation_facts(run.rounds()):
        summary["federation"] = facts
    write_json(run.summary_path, summary)


def save_generator(generator: keras.Model, run: RunDirectory) -> None:
    """Write generator.keras, of Keras's own layers, in one step."""
    with replacing(run.generator_path, ".keras") as temporary:
        plain(generator).save(temporary)
