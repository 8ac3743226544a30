"""ONNX and LiteRT of every architecture beside the Keras model.

Sums are taken in another order, so float32 differs in the last bits: by 1e-6 to 1e-5 of a
range of 2 after a dozen layers. A grey level is 0.0078.
"""

import sys

import numpy as np
import pytest

from tfmedgan.errors import InputError
from tfmedgan.models import sampling
from tfmedgan.serving.export import difference
from tfmedgan.serving.formats import check_format

CLOSE = 5e-5


def test_onnx_gives_the_same_images(architecture, generators, classes, tmp_path):
    pytest.importorskip("tf2onnx")
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    from tfmedgan.serving import onnx_model

    generator = generators[architecture]
    names = classes(generator)
    onnx_model.write(generator, tmp_path, names, "digest")
    assert difference(generator, onnx_model.load(tmp_path)) < CLOSE
    model = onnx.load(tmp_path / "generator.onnx")
    facts = {item.key: item.value for item in model.metadata_props}
    assert facts["model"] == "digest" and facts["synthetic"].startswith("Synthetic image")
    assert [i.name for i in model.graph.input] == (["z", "labels"] if names else ["z"])


def test_litert_gives_the_same_images(architecture, generators, tmp_path):
    pytest.importorskip("ai_edge_litert")
    from tfmedgan.serving import litert_model

    generator = generators[architecture]
    litert_model.write(generator, tmp_path, (), "")
    answer = litert_model.load(tmp_path)
    assert difference(generator, answer) < CLOSE
    assert [path.name for path in tmp_path.iterdir()] == ["generator.tflite"]
    assert not any(getattr(layer, "unroll", False) for layer in generator.layers)
    z = np.zeros((3, sampling.latent_dim(generator)), np.float32)
    labels = np.zeros(3, np.int32) if sampling.is_conditional(generator) else None
    assert all(len(values) == 3 for values in answer(z, labels).values())  # any number of images
    assert set(answer(z, labels)) == {"images", *(["masks"] if "masks" in architecture else [])}


@pytest.mark.parametrize(("name", "package"), [("onnx", "tf2onnx"), ("litert", "ai_edge_litert")])
def test_a_missing_extra_is_named(monkeypatch, name, package):
    monkeypatch.setitem(sys.modules, package, None)
    advice = rf"--format {name} needs .*{package}.*: pip install 'tfmedgan\[{name}\]'"
    with pytest.raises(InputError, match=advice):
        check_format(name)
