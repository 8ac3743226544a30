"""Where a study was made: processor, memory and versions; no names of hosts or folders."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

import tfmedgan

PACKAGES = ("tensorflow", "keras", "numpy")


def describe_machine() -> dict[str, str]:
    """What a reader needs to judge times and rounding."""
    import tensorflow as tf

    gpus = [
        tf.config.experimental.get_device_details(gpu).get("device_name", "unknown GPU")
        for gpu in tf.config.list_physical_devices("GPU")
    ]
    return {
        "processor": _processor(),
        "cores": str(len(os.sched_getaffinity(0))),
        "GPU": ", ".join(gpus) or "none",
        "Python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
        "tfmedgan": tfmedgan.__version__,
    }


def _processor() -> str:
    listing = Path("/proc/cpuinfo")
    lines = listing.read_text().splitlines() if listing.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
