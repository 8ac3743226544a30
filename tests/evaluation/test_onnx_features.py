"""Networks in ONNX files: equal to Keras's, layouts read from the file, refusals."""

import os

import numpy as np
import pytest

from tfmedgan.errors import InputError
from tfmedgan.evaluation import onnx_network
from tfmedgan.evaluation.features import check_name, extract, open_extractor
from tfmedgan.evaluation.images import array_pool

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
F = onnx.TensorProto.FLOAT


def write(path, image=("n", 3, 16, 16), output=("n", 3), axes=(2, 3), inputs=1, kind=F, **more):
    """A file that gives twice the mean of images over their pixels."""
    h = onnx.helper
    values = [h.make_tensor_value_info(f"in{i}", kind, image) for i in range(inputs)]
    numbers = np.array([2], h.tensor_dtype_to_np_dtype(kind))
    weight = onnx.numpy_helper.from_array(numbers, "weight")
    over = onnx.numpy_helper.from_array(np.int64(axes))
    nodes = [
        h.make_node("Constant", [], ["axes"], value=over),
        h.make_node("ReduceMean", ["in0", "axes"], ["mean"], keepdims=0),
        h.make_node("Mul", ["mean", "weight"], ["out"]),
    ]
    out = h.make_tensor_value_info("out", kind, output)
    graph = h.make_graph(nodes, "g", values, [out], [weight])
    model = h.make_model(graph, opset_imports=[h.make_opsetid("", 18)], ir_version=9)
    onnx.save(model, path, **more)
    return path


@pytest.fixture
def pool():
    images = np.random.default_rng(0).integers(0, 256, (12, 16, 16, 3), np.uint8)
    return array_pool(images, "x")


def test_equal_to_keras_on_the_same_weights(network, images, tmp_path):
    tf2onnx = pytest.importorskip("tf2onnx")
    import keras
    import tensorflow as tf

    model = keras.saving.load_model(network)
    call = tf.function(lambda x: model(x, training=False))
    signature = [tf.TensorSpec((None, 16, 16, 3), tf.float32)]
    path = tmp_path / "tiny.onnx"
    tf2onnx.convert.from_function(call, input_signature=signature, opset=18, output_path=path)

    ours, keras_own = open_extractor(path, scaling="bytes"), open_extractor(network)
    assert (ours.name, ours.size, ours.channels) == ("tiny", (16, 16), 3)
    assert ours.sha256 != keras_own.sha256
    pool = array_pool(images, "x")
    values, expected = extract(ours, pool).values, extract(keras_own, pool).values
    assert values.shape == (60, 8)  # maps are averaged
    # sums of float32 in another order
    np.testing.assert_allclose(values, expected, rtol=1e-5, atol=1e-6)


def test_layout_and_values_are_as_the_file_and_the_user_say(pool, tmp_path):
    expected = 2 * pool.stack(range(12)).mean((1, 2)) / 255
    for name, image, axes in (
        ("first", ("n", 3, 16, 16), (2, 3)),
        ("last", ("n", 16, 16, 3), (1, 2)),
        ("single", (1, 3, 16, 16), (2, 3)),
    ):
        path = write(tmp_path / f"{name}.onnx", image, axes=axes)
        values = extract(open_extractor(path, scaling="unit"), pool, batch_size=5).values
        np.testing.assert_allclose(values, expected, rtol=1e-5)


def test_a_known_network_of_any_size_takes_its_own(tmp_path):
    from tfmedgan.evaluation.onnx_network import from_onnx

    path = write(tmp_path / "any.onnx", ("batch", "num_channels", "height", "width"))
    extractor = from_onnx(path, size=224)
    assert (extractor.size, extractor.channels) == ((224, 224), 3)
    with pytest.raises(InputError, match=r"any: gives \(1, 3\) of one image; DINOv2"):
        open_extractor(path, protocol="dinov2")
    with pytest.raises(InputError, match="1 or 3 channels must come second or last"):
        open_extractor(path, scaling="unit")


def test_onnxruntime_is_told_to_report_to_nobody(monkeypatch):
    monkeypatch.delenv("ORT_DISABLE_TELEMETRY", raising=False)
    assert onnx_network.runtime().__name__ == "onnxruntime"
    assert os.environ["ORT_DISABLE_TELEMETRY"] == "1"


def test_the_digest_counts_weights_in_other_files(tmp_path):
    options = {"save_as_external_data": True, "location": "w.data", "size_threshold": 0}
    path = write(tmp_path / "split.onnx", **options)
    first = open_extractor(path, scaling="unit").sha256
    weights = tmp_path / "w.data"
    weights.write_bytes(
        weights.read_bytes().replace(np.float32(2).tobytes(), np.float32(3).tobytes())
    )
    assert open_extractor(path, scaling="unit").sha256 != first
    weights.unlink()
    with pytest.raises(InputError, match=r"its weights are in w\.data, which is not beside it"):
        open_extractor(path, scaling="unit")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        ({"image": ("n", 5, 16, 16)}, "1 or 3 channels must come second or last"),
        ({"image": ("n", 3, "h", "w")}, "images of any size; export it for one"),
        ({"image": (4, 3, 16, 16)}, "export it for one image or for any number"),
        ({"image": ("n", 48), "axes": (1,)}, r"it must take float images, \(n, channels"),
        ({"kind": onnx.TensorProto.DOUBLE}, r"takes tensor\(double\)"),
        ({"inputs": 2}, "takes in0 .*, in1 .*; it must take images alone"),
        ({"output": ("n", 3, 16), "axes": (3,)}, "must give one vector an image"),
    ],
)
def test_files_that_do_not_fit_are_refused(make, message, tmp_path):
    path = write(tmp_path / "net.onnx", **make)
    with pytest.raises(InputError, match=message):
        open_extractor(path, scaling="unit")


def test_what_is_no_network_and_what_is_not_said(tmp_path):
    bad = tmp_path / "bad.onnx"
    bad.write_bytes(b"no network")
    with pytest.raises(InputError, match=r"bad\.onnx: not an ONNX file that this onnxruntime"):
        open_extractor(bad, scaling="unit")
    for more, message in (
        ({}, r"does not say how it wants its values; .* --scaling bytes\|unit"),
        ({"scaling": "x"}, "--scaling x: valid: bytes, unit, signed, imagenet, clip"),
        ({"protocol": "x"}, "--protocol x: valid: clip, dinov2"),
        ({"protocol": "clip", "scaling": "clip"}, "leave out --scaling"),
    ):
        with pytest.raises(InputError, match=message):
            check_name(bad, **more)
    with pytest.raises(InputError, match="--protocol is for the network of a file"):
        check_name("random", protocol="clip")
