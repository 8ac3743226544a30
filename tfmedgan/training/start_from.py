"""Begin with the networks of another run: what many images taught, for a user with few."""

from dataclasses import fields
from pathlib import Path

import numpy as np

from tfmedgan.config import ModelConfig, StartFrom
from tfmedgan.errors import InputError, require
from tfmedgan.files import file_sha256
from tfmedgan.run_directory import RunDirectory
from tfmedgan.training.checkpoints import CheckpointStore, opened

FREE = (  # fields in which the two may differ: the classes, and how the networks are trained
    "n_classes", "energy_weight", "epoch_images",
    "penalty_weight", "penalty_noise", "penalty_every",
    "critic_steps", "interpolation", "fresh_reals",
    "r1_weight", "r1_every", "path_length_weight", "path_length_every", "style_mixing",
)  # fmt: skip


def start_from(path: Path, model: ModelConfig) -> StartFrom:
    """The best checkpoint of a run by its validation, or else the last, and its digest.

    Args:
        path: a run directory.
        model: configuration of the networks that are to begin with its weights.

    Raises:
        InputError: no run, no checkpoint or a damaged one, or networks of another form.
    """
    run = RunDirectory.open(path)
    differences = _differences(run.experiment.model, model)
    require(
        not differences, f"--start-from {path}: its networks are others ({'; '.join(differences)})"
    )
    checkpoint = _checkpoint(run)
    _state(checkpoint)  # before anything is written of the run that would begin with it
    return StartFrom(str(Path(path).absolute()), checkpoint.name, file_sha256(checkpoint))


def load_weights(start: StartFrom, model) -> None:
    """Weights of generator, discriminator and average; optimizers begin anew.

    A table of label vectors keeps its initial values where the number of classes differs.

    Raises:
        InputError: if the checkpoint is gone or another one than config.json says.
    """
    path = Path(start.run) / "checkpoints" / start.checkpoint
    require(
        path.is_file() and file_sha256(path) == start.sha256,
        f"{path}: is gone or has changed since this run was told to start from it; restore it, "
        "or begin anew with --start-from",
    )
    averaged = RunDirectory.open(Path(start.run)).experiment.ema > 0
    state = _state(path)
    generator, discriminator = len(model.generator.variables), len(model.discriminator.variables)
    networks = generator + discriminator
    _assign(model.generator, state[:generator], path)
    _assign(model.discriminator, state[generator:networks], path)
    if model.ema_generator is not None:
        average = state[networks : networks + generator] if averaged else state[:generator]
        _assign(model.ema_generator, average, path)


def _differences(former: ModelConfig, model: ModelConfig) -> list[str]:
    """What keeps weights of the one network from suiting the other."""
    if type(former) is not type(model):
        return [f"{former.family}, not {model.family}"]
    if former.conditional != model.conditional:
        return ["labels in one of the two only"]
    names = [field.name for field in fields(former) if field.name not in FREE]
    pairs = {name: (getattr(former, name), getattr(model, name)) for name in names}
    return [f"{name} {was}, not {now}" for name, (was, now) in pairs.items() if was != now]


def _checkpoint(run: RunDirectory) -> Path:
    store = CheckpointStore(run.checkpoints)
    if store.best.exists():
        return store.best
    if not store.paths():
        raise InputError(f"--start-from {run.path}: has no checkpoint; train it first")
    return store.paths()[-1]


def _state(checkpoint: Path) -> list[np.ndarray]:
    """The variables of the networks and the optimizers."""
    with opened(checkpoint) as file:
        return [file[key] for key in sorted(file.files) if key.startswith("state/")]


def _assign(network, values: list[np.ndarray], path: Path) -> None:
    from tfmedgan.models.nested import every_layer

    layers = every_layer(network)
    tables = {id(layer.embeddings) for layer in layers if hasattr(layer, "embeddings")}
    for variable, value in zip(network.variables, values, strict=True):
        if tuple(variable.shape) == value.shape:
            variable.assign(value)
        else:
            require(id(variable) in tables, f"{path}: {variable.path} has another shape")
