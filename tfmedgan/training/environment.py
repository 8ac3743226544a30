"""Where a run happened: versions and hardware, for environment.json."""

import json
import os
import platform
import subprocess
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import tfmedgan
from tfmedgan.config import Experiment
from tfmedgan.files import write_json
from tfmedgan.run_directory import RunDirectory

PROCESSOR = Path("/proc/cpuinfo")
PACKAGES = ("tensorflow", "keras", "numpy", "scipy", "opencv-python-headless", "pillow")


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
    environment = json.loads(path.read_text())
    continued = environment.get("continued", [])
    last = (continued or [environment])[-1]
    if any(last.get(name, value) != value for name, value in distribution.items()):
        continued = [*continued, {"step": step, **distribution}]
        write_json(path, {**environment, "continued": continued})


def describe_machine() -> dict:
    """Versions, hardware and the revision of the code when it is a git checkout."""
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")
    details = [tf.config.experimental.get_device_details(gpu) for gpu in gpus]
    return {
        "tfmedgan": tfmedgan.__version__,
        "git_revision": _revision(),
        "python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
        "system": platform.platform(),
        "processors": len(os.sched_getaffinity(0)),
        "gpus": [entry.get("device_name", "unknown") for entry in details],
    }


def with_precision(experiment: Experiment) -> Experiment:
    """The experiment with "auto" replaced by what is fast on this machine.

    That is bfloat16 on GPUs of compute capability 8 or above and on processors that multiply it
    (AVX-512 BF16 or AMX), and float32 elsewhere; see benchmarks/speed.md and quality.md.
    """
    if experiment.precision != "auto":
        return experiment
    return replace(experiment, precision="mixed_bfloat16" if _fast_bfloat16() else "float32")


def _fast_bfloat16() -> bool:
    import tensorflow as tf

    if gpus := tf.config.list_physical_devices("GPU"):
        details = [tf.config.experimental.get_device_details(gpu) for gpu in gpus]
        return all(entry.get("compute_capability", (0, 0)) >= (8, 0) for entry in details)
    flags = PROCESSOR.read_text().split() if PROCESSOR.exists() else ()
    return "avx512_bf16" in flags or "amx_bf16" in flags


def _revision() -> str | None:
    folder = Path(__file__).parent.parent
    if not (folder.parent / ".git").exists():
        return None
    command = ["git", "-C", str(folder), "rev-parse", "HEAD"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=5)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() or None
