"""The machine that something ran on: versions, processor, GPUs; no names of hosts or folders."""

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

import tfmedgan

PROCESSOR = Path("/proc/cpuinfo")
PACKAGES = (
    "tensorflow", "keras", "numpy", "scipy", "opencv-python-headless", "pillow", "simplejpeg",
    "kornia-rs",
)  # fmt: skip


def describe_machine() -> dict:
    """Versions, hardware and the revision of the code when it is a git checkout."""
    return {
        "tfmedgan": tfmedgan.__version__,
        "git_revision": _revision(),
        "python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
        "system": platform.platform(),
        "processor": _processor(),
        "processors": _processors(),
        "gpus": [entry.get("device_name", "unknown") for entry in gpus()],
    }


def gpus() -> list[dict]:
    """What TensorFlow knows of each GPU: its device_name, its compute_capability."""
    import tensorflow as tf

    devices = tf.config.list_physical_devices("GPU")
    return [tf.config.experimental.get_device_details(device) for device in devices]


def processor_flags() -> set[str]:
    """Names of the processor's instruction sets as Linux lists them; empty where it does not."""
    return set(PROCESSOR.read_text().split()) if PROCESSOR.exists() else set()


def multiplies_bfloat16() -> bool:
    """GPUs of compute capability 8 or above do, or processors with AVX-512 BF16 or AMX."""
    if details := gpus():
        return all(entry.get("compute_capability", (0, 0)) >= (8, 0) for entry in details)
    return bool(processor_flags() & {"avx512_bf16", "amx_bf16"})


def _processor() -> str:
    lines = PROCESSOR.read_text().splitlines() if PROCESSOR.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _processors() -> int:
    """Those that this process may use, where the system tells."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _revision() -> str | None:
    folder = Path(__file__).parent
    if not (folder.parent / ".git").exists():
        return None
    command = ["git", "-C", str(folder), "rev-parse", "HEAD"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=5)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() or None
