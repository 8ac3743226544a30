"""Small untrained generators with full contrast, and run directories that hold them."""

import subprocess
import sys
from dataclasses import replace

import pytest

from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.files import file_sha256, write_json
from tfmedgan.run_directory import RunDirectory

NARROW = {
    "cgan": {"n_classes": 3},
    "dcgan": {},
    "dcgan64 with masks": {"ngf": 4, "image_shape": (64, 64, 4)},
    "cgan64": {"ngf": 4, "n_classes": 2},
    "dcgan-k16": {"ngf": 4},
    "rgan": {"ngf": 4, "ndf": 4},
    "rgan with labels": {"ngf": 4, "ndf": 4, "n_classes": 3},
    "wgan-gp64": {"ngf": 4, "noise_factor": 0.5},
    "wgan-gp64 with labels": {"ngf": 4, "n_classes": 3},
    "wgan-gp128": {"ngf": 2},
    "wgan-gp-lstm": {"ngf": 2, "lstm_units": 8},
}
NAMES = ("no DR", "mild", "severe")

ALONE = """
import runpy, sys
class NoToolkit:
    def find_spec(self, name, *_):
        if name.split(".")[0] == "tfmedgan":
            raise ImportError("this process has no tfmedgan")
sys.meta_path.insert(0, NoToolkit())
runpy.run_path(sys.argv[1])
assert "tfmedgan" not in sys.modules
"""


def model_config(name: str):
    return replace(ARCHITECTURES[name.split()[0]].model, **NARROW[name])


def build_generator(name: str, precision: str = "float32"):
    """A generator whose images have a standard deviation of about a half, not of 0.001."""
    import numpy as np

    from tfmedgan import models
    from tfmedgan.models import sampling

    generator = models.create(model_config(name), precision=precision).generator
    labels = np.zeros(8, np.int32) if sampling.is_conditional(generator) else None
    z = sampling.latent_vectors(8, sampling.latent_dim(generator), seed=5)
    spread = float(np.std(sampling.apply(generator, z, labels)))
    last = [layer for layer in generator.layers if layer.weights][-1]
    last.kernel.assign(last.kernel * 0.7 / spread)
    return generator


def write_run(path, name: str, verdict: dict | None = None, card: dict | None = None):
    """The directory of a run that was never trained; `verdict` goes to copy_check.json."""
    base = ARCHITECTURES[name.split()[0]]
    model = model_config(name)
    classes = list(NAMES[: model.n_classes])
    data = {
        "source": "photographs",
        "digest": "d" * 64,
        "classes": classes,
        "counts": {"train": {"all": 70}, "test": {"all": 15}},
        "split": {},
        "card": card or {},
    }
    source = replace(base.data, source="photographs", masks=model.has_mask)
    experiment = replace(base, model=model, data=source)
    run = RunDirectory.create(path, experiment, data, {})
    build_generator(name).save(run.generator_path)
    if verdict is not None:
        run.evaluation.mkdir()
        recorded = {"generator_sha256": file_sha256(run.generator_path), **verdict}
        write_json(run.evaluation / "copy_check.json", recorded)
    return run


PASSED = {
    "verdict": "no copies found", "passed": True, "reasons": [], "n_fake": 1000, "n_training": 70,
    "compared_with": "held-out real images", "rule": "failed where p < 0.05/3",
    "caveat": "a check for copies; not a proof of privacy",
}  # fmt: skip
FAILED = PASSED | {"verdict": "copies found", "passed": False, "reasons": ["3 exact copies"]}


@pytest.fixture(scope="session", params=NARROW)
def architecture(request) -> str:
    """Each architecture in turn."""
    return request.param


@pytest.fixture(scope="session")
def generators() -> dict:
    """All architectures: name → generator."""
    return {name: build_generator(name) for name in NARROW}


@pytest.fixture(scope="session")
def build():
    """`build_generator`, for tests that need one of their own."""
    return build_generator


@pytest.fixture(scope="session")
def mixed_generator():
    """Conditional GAN in mixed precision."""
    return build_generator("cgan", "mixed_bfloat16")


@pytest.fixture(scope="session")
def classes():
    """Names of a generator's classes."""
    from tfmedgan.models.sampling import n_classes

    return lambda generator: NAMES[: n_classes(generator)]


@pytest.fixture
def make_run(tmp_path):
    """Write a run directory: architecture, verdict "passed" or "failed" or none, card."""
    verdicts = {"passed": PASSED, "failed": FAILED, None: None}
    return lambda name, verdict=None, card=None: write_run(
        tmp_path / "run", name, verdicts[verdict], card
    )


@pytest.fixture
def alone(tmp_path):
    """Run a script in a fresh process that cannot import this package; returns its stdout."""

    def run_alone(script: str, *arguments) -> str:
        path = tmp_path / "script.py"
        path.write_text(script)
        command = [sys.executable, "-I", "-c", ALONE, str(path), *map(str, arguments)]
        result = subprocess.run(
            command, capture_output=True, text=True, cwd=tmp_path, timeout=120, check=False
        )
        assert result.returncode == 0, result.stderr
        return result.stdout

    return run_alone
