"""Losses of the first steps: python steps_on_replicas.py OUT STRATEGY DEVICES NAME…

A name is an architecture's, with `+ada` or `+diffaug` behind it. Networks are small, the data is
augmented at random, and Adam's epsilon is so large that updates are nearly the gradients: else it
would hide a gradient that is too large by a constant factor.
"""

import sys
from dataclasses import fields, replace
from functools import partial

import keras
import numpy as np

STEPS = 2  # later, a leaky ReLU whose sign hangs on rounding can shift a loss by more;
SEEDS = {"rgan": 4}  # with 3 one does within these steps, and shifts gradients by half a per cent
FEW = {
    "ngf": 8,
    "ndf": 8,
    "lstm_units": 16,
    "label_dim": 8,
    "channel_base": 256,
    "critic_steps": 2,
    "n_classes": 2,
}
BATCH = 16


def small(name: str):
    """The experiment behind a name, made small."""
    from tfmedgan.architectures import ARCHITECTURES
    from tfmedgan.config import AdaptiveAugment, DiffAugment
    from tfmedgan.data.steps import FlipHorizontal, Rotate, adapted

    name, _, augment = name.partition("+")
    base = ARCHITECTURES[name]
    known = {field.name for field in fields(base.model)}
    few = {key: value for key, value in FEW.items() if key in known}
    if base.model.labels == "unused":
        del few["n_classes"]
    side, channels = min(base.model.possible_sizes()), base.model.image_shape[2]
    model = replace(base.model, **few, image_shape=(side, side, channels))
    *steps, last = adapted(base.data.steps, model.image_shape)
    steps = (*steps, FlipHorizontal(), Rotate(10), last)
    quick = AdaptiveAugment(target=0.0, interval=1, images=50)  # so that p moves at once
    return replace(
        base, model=model, batch_size=BATCH, seed=SEEDS.get(name, 3),
        augment={"diffaug": DiffAugment(noise=0.1), "ada": quick, "": base.augment}[augment],
        data=replace(base.data, source="phantom:chest:40", steps=steps),
    )  # fmt: skip


def first_steps(name: str, distribution) -> dict[str, np.ndarray]:
    """The metrics of each step, and all variables after the last."""
    from tfmedgan.config import AdamConfig, PyTorchAdamConfig
    from tfmedgan.data.prepare import prepare
    from tfmedgan.models import create
    from tfmedgan.models.optimizers import build
    from tfmedgan.training.loop import batches

    experiment = small(name)
    data = prepare(experiment.data, experiment.seed)
    distribution.check(experiment)
    with distribution.scope():
        model = create(experiment.model, seed=experiment.seed)
        rate = 1e-5 if hasattr(experiment.model, "critic_steps") else 1e-2
        kinds = AdamConfig, PyTorchAdamConfig
        optimizers = (build(kind(rate, epsilon=1.0)) for kind in kinds)
        model.compile(*optimizers, ema=0.9, augment=experiment.augment)
    rows = []

    def note(batch, logs):
        rows.append([float(logs[metric]) for metric in model.metric_names])
        model.reset_metrics()

    fit = distribution.fit_of(model, distribution.stopper(None, None))
    fit(
        distribution.share(experiment, partial(batches, experiment, data, 0)),
        steps_per_epoch=STEPS,
        callbacks=[keras.callbacks.LambdaCallback(on_train_batch_end=note)],
    )
    state = {f"{name}/{i:03d}": variable.numpy() for i, variable in enumerate(model.state)}
    return {name: np.array(rows), **state}


def main(out: str, strategy: str, devices: str, *names: str) -> None:
    import tensorflow as tf

    logical = [tf.config.LogicalDeviceConfiguration()] * int(devices)
    tf.config.set_logical_device_configuration(tf.config.list_physical_devices("CPU")[0], logical)
    from tfmedgan.training.distribution import distribute

    distribution = distribute(strategy)
    steps = {}
    for name in names:
        steps |= first_steps(name, distribution)
        keras.backend.clear_session()
    if distribution.is_chief:
        np.savez(out, **steps)


if __name__ == "__main__":
    main(*sys.argv[1:])
