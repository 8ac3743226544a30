"""Exact checkpoints: every variable of a run in one .npz file, written in one step."""

import io
import json
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from tfmedgan.errors import Diverged, InputError, require
from tfmedgan.files import write_bytes

KEPT = 3
PATTERN = "step-*.npz"
DAMAGE = (  # what reading a file of other bytes raises; RuntimeError of zip's versions and flags
    zipfile.BadZipFile, zlib.error, ValueError, KeyError, EOFError, TypeError, AttributeError,
    RuntimeError,
)  # fmt: skip


@dataclass(frozen=True)
class Position:
    """How far a run has come."""

    epoch: int  # finished epochs
    step: int  # finished steps, over all epochs


class Stateful(Protocol):
    """What a checkpoint holds: an `AdversarialModel`, or a classifier's `TrainingState`."""

    @property
    def state(self) -> list:
        """Variables of the networks and the optimizers, in a fixed order."""

    @property
    def metrics_variables(self) -> Sequence:
        """Running means of an epoch that is not finished."""


class CheckpointStore:
    """The checkpoints of a run, the last three kept."""

    def __init__(self, folder: Path):
        self.folder = Path(folder)
        self.saved_best: Position | None = None  # by this process, last

    def save(self, position: Position, model: Stateful) -> None:
        """Write networks, optimizers and running means; drop all but the last three.

        Raises:
            Diverged: if a variable is not finite; the former checkpoints stay.
        """
        self.folder.mkdir(exist_ok=True)
        path = self.folder / f"step-{position.step:08d}.npz"
        _write(path, position, model)
        for old in self.paths()[:-KEPT]:
            old.unlink()

    @property
    def best(self) -> Path:
        """Where the checkpoint with the best validation is, if there is one."""
        return self.folder / "best.npz"

    def save_best(self, position: Position, model: Stateful) -> None:
        _write(self.best, position, model)
        self.saved_best = position

    def paths(self) -> list[Path]:
        """Checkpoint files, oldest first."""
        return sorted(self.folder.glob(PATTERN))

    def last(self) -> Position:
        """Where the newest checkpoint was made; the start if there is none."""
        return _position(self.paths()[-1]) if self.paths() else Position(0, 0)

    def restore(self, model: Stateful) -> Position:
        """Load the newest checkpoint into `model`; the start if there is none.

        Raises:
            InputError: if the file is damaged or belongs to another model.
        """
        return _read(self.paths()[-1], model) if self.paths() else Position(0, 0)

    def restore_best(self, model: Stateful) -> Position:
        return _read(self.best, model)


class ReadOnlyStore(CheckpointStore):
    """The chief's checkpoints, for a worker that trains beside it."""

    def save(self, position: Position, model: Stateful) -> None:
        """Nothing: the chief saves."""


def _write(path: Path, position: Position, model: Stateful) -> None:
    arrays: dict[str, Any] = {f"state/{i:04d}": np.asarray(v) for i, v in enumerate(model.state)}
    _require_finite(arrays, model.state)
    arrays |= {f"means/{i:04d}": np.asarray(v) for i, v in enumerate(model.metrics_variables)}
    header = json.dumps({"epoch": position.epoch, "step": position.step})
    buffer = io.BytesIO()
    np.savez(buffer, header=np.array(header), **arrays)
    write_bytes(path, buffer.getvalue())


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """The arrays of a checkpoint, by name.

    Raises:
        InputError: if the file is damaged.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            yield file
    except InputError:
        raise
    except DAMAGE as error:
        raise InputError(f"{path}: damaged checkpoint; {_instead(path)}") from error


def _instead(path: Path) -> str:
    """What to do without a checkpoint."""
    if any(other != path for other in path.parent.glob(PATTERN)):
        return "remove it, and another of this folder is taken"
    return "it is the only one; restore it from a backup, or train anew"


def _position(path: Path) -> Position:
    with opened(path) as file:
        header = json.loads(str(file["header"]))
        known = isinstance(header, dict) and set(header) == {"epoch", "step"}
        require(
            known and all(isinstance(number, int) for number in header.values()),
            f"{path}: its header is not that of a checkpoint; {_instead(path)}",
        )
        return Position(**header)


def _read(path: Path, model: Stateful) -> Position:
    position = _position(path)
    with opened(path) as file:
        state = model.state
        if _lacks_count(file, state):
            state.pop().assign(position.step)
        _assign(state, file, "state", path)
        _assign(model.metrics_variables, file, "means", path)
    return position


def _lacks_count(file: Any, state: Sequence) -> bool:
    """Whether it is of a float16 run from before updates tried had a count of their own."""
    saved = sum(key.startswith("state/") for key in file.files)
    return saved == len(state) - 1 and state[-1].name == "updates"


def _assign(variables: Sequence, file: Any, prefix: str, path: Path) -> None:
    keys = sorted(key for key in file.files if key.startswith(prefix))
    shapes = [tuple(v.shape) for v in variables]
    if shapes != [file[key].shape for key in keys]:
        raise InputError(f"{path}: was made by another model than config.json describes")
    for variable, key in zip(variables, keys, strict=True):
        variable.assign(file[key])


def _require_finite(arrays: dict, variables: Sequence) -> None:
    for array, variable in zip(arrays.values(), variables, strict=True):
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise Diverged(f"{variable.path} is no longer finite")
