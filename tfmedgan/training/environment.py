"""Where a run happened: versions and hardware, for environment.json."""

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

import tfmedgan
from tfmedgan.config import Experiment

PACKAGES = ("tensorflow", "keras", "numpy", "scipy", "opencv-python-headless", "pillow")


def describe(experiment: Experiment) -> dict:
    """Versions, machine, precision and the revision of the code when it is a git checkout."""
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
        "strategy": "none",
        "precision": experiment.precision,
        "jit": experiment.jit,
        "deterministic": experiment.deterministic,
    }


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
