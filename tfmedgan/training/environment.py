"""How a run used its machine, for environment.json, and the precision that suits a machine."""

from dataclasses import replace
from typing import Any, TypeVar

from tfmedgan.config import Experiment
from tfmedgan.errors import require
from tfmedgan.files import write_json
from tfmedgan.machine import describe_machine, multiplies_bfloat16
from tfmedgan.run_directory import RunDirectory, read_json

Trained = TypeVar("Trained", bound=Any)  # an experiment with a `precision`


def describe(experiment: Experiment, distribution: dict) -> dict:
    """The machine, and how the experiment uses it.

    Args:
        distribution: strategy, workers and replicas.
    """
    return {
        **describe_machine(),
        **distribution,
        "precision": experiment.precision,
        "jit": experiment.jit,
        "deterministic": experiment.deterministic,
    }


def record_continuation(run: RunDirectory, step: int, distribution: dict) -> None:
    """Add to environment.json from which step on a run was distributed in another way."""
    path = run.path / "environment.json"
    environment = read_json(path)
    continued = environment.get("continued", []) if isinstance(environment, dict) else None
    require(
        isinstance(continued, list), f"{path}: is no record of a machine; restore it from a backup"
    )
    last = (continued or [environment])[-1]
    if any(last.get(name, value) != value for name, value in distribution.items()):
        continued = [*continued, {"step": step, **distribution}]
        write_json(path, {**environment, "continued": continued})


def with_precision(experiment: Trained) -> Trained:
    """The experiment with "auto" replaced by what is fast on this machine.

    That is bfloat16 on machines that multiply it and float32 elsewhere; see benchmarks/speed.md
    and quality.md.
    """
    if experiment.precision != "auto":
        return experiment
    return replace(experiment, precision="mixed_bfloat16" if multiplies_bfloat16() else "float32")
