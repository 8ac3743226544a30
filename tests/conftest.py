"""Fixtures that several test files share."""

import os
import resource
from pathlib import Path

import pytest

from tfmedgan.files import locked

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # whichever test imports onnxruntime first
os.environ.pop("TF_CPP_MIN_LOG_LEVEL", None)  # what commands print is what users see without it


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real images named by TFMEDGAN_DATA."""
    folder = os.environ.get("TFMEDGAN_DATA")
    if not folder:
        pytest.skip("TFMEDGAN_DATA is not set")
    return Path(folder)


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory) -> Path:
    """One folder for all processes that run the tests; to be written to with a lock."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def network(shared_folder):
    """A Keras model file: (n, 16, 16, 3) in [0, 255] → 8 features."""
    path = shared_folder / "tiny.keras"
    with locked(shared_folder / "tiny.lock"):
        if not path.exists():
            _tiny_network().save(path)
    return path


def _tiny_network():
    import keras

    return keras.Sequential(
        [
            keras.Input((16, 16, 3)),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Conv2D(8, 5, kernel_initializer=keras.initializers.GlorotUniform(1)),
            keras.layers.ReLU(),
        ]
    )


@pytest.fixture
def processor_seconds():
    """Function: the seconds of processor time that the processes of an action take.

    Unlike the time on the clock they do not grow with what else the machine does.
    """

    def spent() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    def measure(action) -> float:
        before = spent()
        action()
        return spent() - before

    return measure
