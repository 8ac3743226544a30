"""Exact checkpoints: every variable of a run in one .npz file, written in one step."""

import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfmedgan.errors import InputError, JobError
from tfmedgan.files import write_bytes

KEPT = 3


@dataclass(frozen=True)
class Position:
    """How far a run has come."""

    epoch: int  # finished epochs
    step: int  # finished steps, over all epochs


class CheckpointStore:
    """The checkpoints of a run, the last three kept."""

    def __init__(self, folder: Path):
        self.folder = Path(folder)

    def save(self, position: Position, model) -> Path:
        """Write networks, optimizers and running means.

        Raises:
            JobError: if a variable is not finite; the former checkpoints stay.
        """
        arrays = {f"state/{i:04d}": np.asarray(v) for i, v in enumerate(model.state)}
        _require_finite(arrays, model.state)
        means = {f"means/{i:04d}": np.asarray(v) for i, v in enumerate(model.metrics_variables)}
        header = json.dumps({"epoch": position.epoch, "step": position.step})
        buffer = io.BytesIO()
        np.savez(buffer, header=np.array(header), **arrays, **means)
        path = self.folder / f"step-{position.step:08d}.npz"
        write_bytes(path, buffer.getvalue())
        for old in self.paths()[:-KEPT]:
            old.unlink()
        return path

    def paths(self) -> list[Path]:
        """Checkpoint files, oldest first."""
        return sorted(self.folder.glob("step-*.npz"))

    def restore(self, model) -> Position:
        """Load the newest checkpoint into `model`; the start if there is none.

        Raises:
            InputError: if the file is damaged or belongs to another model.
        """
        if not self.paths():
            return Position(0, 0)
        path = self.paths()[-1]
        try:
            with np.load(path, allow_pickle=False) as file:
                _assign(model.state, file, "state", path)
                _assign(model.metrics_variables, file, "means", path)
                return Position(**json.loads(str(file["header"])))
        except (zipfile.BadZipFile, ValueError, KeyError, EOFError) as error:
            raise InputError(f"{path}: damaged checkpoint: {error}") from error


def _assign(variables, file, prefix, path) -> None:
    keys = sorted(key for key in file.files if key.startswith(prefix))
    shapes = [tuple(v.shape) for v in variables]
    if shapes != [file[key].shape for key in keys]:
        raise InputError(f"{path}: was made by another model than config.json describes")
    for variable, key in zip(variables, keys, strict=True):
        variable.assign(file[key])


def _require_finite(arrays: dict, variables) -> None:
    for array, variable in zip(arrays.values(), variables, strict=True):
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise JobError(f"{variable.path} is no longer finite")
