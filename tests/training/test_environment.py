"""What `--precision auto` takes on which machine."""

from dataclasses import replace

import pytest
import tensorflow as tf

from tfmedgan import machine
from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.training import environment


@pytest.fixture
def processor(tmp_path, monkeypatch):
    """Sets the flags of /proc/cpuinfo on a machine without GPU."""
    path = tmp_path / "cpuinfo"
    monkeypatch.setattr(machine, "PROCESSOR", path)
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind=None: [])
    return lambda flags: path.write_text(f"model name\t: any\nflags\t\t: {flags}\n")


@pytest.mark.parametrize(
    ("flags", "precision"),
    [
        ("fpu avx2 avx512f", "float32"),
        ("fpu avx512f avx512_bf16", "mixed_bfloat16"),
        ("fpu amx_bf16 amx_tile", "mixed_bfloat16"),
    ],
)
def test_auto_is_bfloat16_where_the_processor_multiplies_it(processor, flags, precision):
    processor(flags)
    wanted = replace(ARCHITECTURES["cgan"], precision="auto")
    assert environment.with_precision(wanted).precision == precision
    given = replace(wanted, precision="float32")
    assert environment.with_precision(given) == given


def test_auto_is_float32_where_nothing_is_known(processor):
    wanted = replace(ARCHITECTURES["cgan"], precision="auto")
    assert environment.with_precision(wanted).precision == "float32"


@pytest.mark.parametrize(
    ("capability", "precision"), [((7, 5), "float32"), ((8, 0), "mixed_bfloat16")]
)
def test_auto_goes_by_the_gpus_where_there_are_any(processor, monkeypatch, capability, precision):
    processor("avx512_bf16")
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind=None: ["one"])
    details = {"compute_capability": capability}
    monkeypatch.setattr(tf.config.experimental, "get_device_details", lambda gpu: details)
    wanted = replace(ARCHITECTURES["cgan"], precision="auto")
    assert environment.with_precision(wanted).precision == precision
