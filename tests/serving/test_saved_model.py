"""The SavedModel of every architecture, as a process without the toolkit sees it."""

import contextlib
import io
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import tensorflow as tf
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from PIL import Image
from tensorflow.core.framework import tensor_pb2

from tfmedgan.data.masks import as_bytes, masks_of, without_mask
from tfmedgan.models import sampling
from tfmedgan.serving import saved_model, warmup
from tfmedgan.serving.outputs import largest_difference
from tfmedgan.synthetic_png import encode_png

SEED, COUNT = 2**40 + 7, 5
DIGEST = "0123456789abcdef" * 4

READ_ALL = """
import sys
import numpy as np
import tensorflow as tf
for folder in sys.argv[2:]:
    model = tf.saved_model.load(folder + "/1")
    generate = model.signatures["generate"]
    inputs = {"num": tf.constant(5), "seed": tf.constant(2**40 + 7, tf.int64)}
    if "labels" in generate.structured_input_signature[1]:
        inputs["labels"] = tf.constant([0, 1, 1, 0, 1])
    np.save(folder + "/images.npy", generate(**inputs)["images"])
"""


def sampled(generator, count=COUNT, seed=SEED):
    labels = np.array([0, 1, 1, 0, 1])[:count] if sampling.is_conditional(generator) else None
    return sampling.sample(generator, count, seed, labels)


@pytest.fixture(scope="module")
def exports(generators, classes, tmp_path_factory):
    """All architectures: name → (generator, folder)."""
    made = {}
    for name, generator in generators.items():
        folder = tmp_path_factory.mktemp("export")
        saved_model.write(generator, folder, classes(generator), DIGEST)
        made[name] = generator, folder
    return made


@pytest.fixture(scope="module")
def signatures(exports):
    return tf.saved_model.load(str(exports["cgan"][1] / "1")).signatures


def request(num=3, seed=1, labels=(0, 1, 2)):
    return {
        "num": tf.constant(num),
        "seed": tf.constant(seed, tf.int64),
        "labels": tf.constant(labels, tf.int32),
    }


def test_a_process_without_the_toolkit_makes_the_same_images(exports, alone):
    alone(READ_ALL, *(folder for _, folder in exports.values()))
    for name, (generator, folder) in exports.items():
        expected = without_mask(sampled(generator))
        assert expected.std() > 20, name
        np.testing.assert_array_equal(np.load(folder / "images.npy"), expected, err_msg=name)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"num": 0}, "num is 0; must be 1 to 1024"),
        ({"num": -5}, "num is -5; must be 1 to 1024"),
        ({"num": 1025}, "num is 1025; must be 1 to 1024"),
        ({"num": 2**31 - 1}, "must be 1 to 1024"),
        ({"seed": -1}, "seed is -1; must be 0 to"),
        ({"labels": (0, 1)}, "2 labels for 3 images; give one label for each image"),
        ({"labels": (0, 1, 2, 0)}, "4 labels for 3 images"),
        ({"labels": (0, 1, 3)}, "labels holds 3; valid: 0 (no DR), 1 (mild), 2 (severe)"),
        ({"labels": (-1, 0, 7)}, "labels holds -1; valid: 0 (no DR)"),
    ],
)
@pytest.mark.parametrize("name", ["serving_default", "generate", "generate_png"])
def test_bad_requests_are_told_what_is_wrong(signatures, name, change, message):
    with pytest.raises(tf.errors.InvalidArgumentError) as error:
        signatures[name](**request(**change))
    assert message in str(error.value)


def test_bad_labels_beside_latent_vectors(signatures):
    z = tf.zeros((2, 100))
    generate = signatures["generate_from_latent"]
    with pytest.raises(tf.errors.InvalidArgumentError, match="1 labels for 2 images"):
        generate(z=z, labels=tf.constant([0]))
    with pytest.raises(tf.errors.InvalidArgumentError, match="labels holds 9; valid"):
        generate(z=z, labels=tf.constant([0, 9]))


def test_default_is_generate(signatures):
    images = [signatures[name](**request())["images"] for name in ("serving_default", "generate")]
    np.testing.assert_array_equal(*images)


def test_latent_vectors_give_images_between_minus_one_and_one(exports, signatures):
    z = sampling.latent_vectors(3, 100, seed=4)
    labels = np.array([2, 0, 1], np.int32)
    images = signatures["generate_from_latent"](z=z, labels=tf.constant(labels))["images"]
    assert images.dtype == tf.float32 and images.shape == (3, 32, 32, 3)
    np.testing.assert_array_equal(images, sampling.apply(exports["cgan"][0], z, labels))


@pytest.mark.parametrize("output", [("generate_png", "png"), ("generate_png_rest", "png_bytes")])
def test_png_says_that_it_is_synthetic(signatures, output):
    name, key = output
    images = signatures["generate"](**request())["images"].numpy()
    for png, image in zip(signatures[name](**request())[key].numpy(), images, strict=True):
        Image.open(io.BytesIO(png)).verify()  # checks the sums of all chunks
        opened = Image.open(io.BytesIO(png))
        np.testing.assert_array_equal(np.asarray(opened), image)
        assert opened.text == Image.open(io.BytesIO(encode_png(image, Model=DIGEST))).text
        assert opened.text["Synthetic"].startswith("Synthetic image")


def test_grey_images_become_grey_png(exports):
    generator, folder = exports["dcgan"]
    generate = tf.saved_model.load(str(folder / "1")).signatures["generate_png"]
    (png,) = generate(num=tf.constant(1), seed=tf.constant(3, tf.int64))["png"].numpy()
    image = Image.open(io.BytesIO(png))
    assert image.mode == "L"
    np.testing.assert_array_equal(np.asarray(image), sampled(generator, 1, 3)[0, ..., 0])


def test_pairs_are_answered_apart(exports):
    generator, folder = exports["dcgan64 with masks"]
    model = tf.saved_model.load(str(folder / "1")).signatures
    asked = {"num": tf.constant(2), "seed": tf.constant(3, tf.int64)}
    expected = sampled(generator, 2, 3)
    marked = as_bytes(masks_of(expected))
    assert 0.1 < (marked > 0).mean() < 0.9
    answer = model["generate"](**asked)
    np.testing.assert_array_equal(answer["images"], expected[..., :3])
    np.testing.assert_array_equal(answer["masks"], marked)
    z = sampling.latent_vectors(2, 100, 3)
    floats = model["generate_from_latent"](z=z)
    assert floats["images"].shape == (2, 64, 64, 3)
    clear = np.abs(sampling.apply(generator, z)[..., 3]) > 1e-6  # beside 0 bytes are rounded up
    np.testing.assert_array_equal(floats["masks"].numpy()[clear], marked[clear])
    for name, key in (("generate_png", "mask_png"), ("generate_png_rest", "mask_png_bytes")):
        for png, mask in zip(model[name](**asked)[key].numpy(), marked, strict=True):
            opened = Image.open(io.BytesIO(png))
            assert opened.mode == "L" and opened.text["Synthetic"].startswith("Synthetic image")
            np.testing.assert_array_equal(np.asarray(opened), mask)


def test_a_wrong_mask_is_a_difference():
    expected = np.full((1, 2, 2, 4), 0.25, np.float32)
    right = {"images": expected[..., :3], "masks": np.full((1, 2, 2), 255, np.uint8)}
    assert largest_difference(right, expected) == 0
    assert largest_difference(right | {"masks": right["masks"] * 0}, expected) == 0.25


def test_callers_in_sixteen_threads_get_the_images_of_their_seeds(exports, signatures):
    expected = [sampled(exports["cgan"][0], 4, seed) for seed in range(16)]

    def ask(seed):
        return signatures["generate"](**request(4, seed, (0, 1, 1, 0)))["images"].numpy()

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(ask, list(range(16)) * 3))
    for seed, answer in enumerate(answers):
        np.testing.assert_array_equal(answer, expected[seed % 16])


def test_more_images_than_are_computed_at_once(exports, signatures):
    labels = np.arange(130) % 3
    images = signatures["generate"](**request(130, 2, labels))["images"].numpy()
    expected = sampling.sample(exports["cgan"][0], 130, 2, labels)
    np.testing.assert_array_equal(images, expected)


def test_weights_are_stored_once(exports):
    generator, folder = exports["cgan"]
    stored = sum(path.stat().st_size for path in (folder / "1" / "variables").iterdir())
    assert stored < 4 * generator.count_params() * 1.1


def test_saved_model_cli_describes_it(exports, monkeypatch, capfd):
    from tensorflow.python.tools import saved_model_cli

    folder = str(exports["wgan-gp64"][1] / "1")
    monkeypatch.setattr(sys, "argv", ["saved_model_cli", "show", "--all", "--dir", folder])
    with contextlib.suppress(SystemExit):
        saved_model_cli.main()
    printed, faults = capfd.readouterr()
    for text in ("signature_def['generate_png']", "shape: (-1, 64, 64, 3)", "inputs['seed']"):
        assert text in printed
    assert "Concrete Functions:" in printed and "Traceback" not in faults


def prediction_log_class():
    """PredictionLog as far as it is used, from descriptors written after its .proto files."""
    field = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name="test.proto", package="test", syntax="proto3")
    file.dependency.append("tensorflow/core/framework/tensor.proto")

    def message(name, *fields, parent=None):
        kind = (parent.nested_type if parent else file.message_type).add(name=name)
        for number, label, title, type_name in fields:
            added = kind.field.add(name=title, number=number, label=label)
            added.type = field.TYPE_MESSAGE if type_name else field.TYPE_STRING
            if type_name:
                added.type_name = type_name
        return kind

    one, many = field.LABEL_OPTIONAL, field.LABEL_REPEATED
    message("ModelSpec", (1, one, "name", ""), (3, one, "signature_name", ""))
    request = message(
        "PredictRequest",
        (1, one, "model_spec", ".test.ModelSpec"),
        (2, many, "inputs", ".test.PredictRequest.InputsEntry"),
    )
    entry = message(
        "InputsEntry", (1, one, "key", ""), (2, one, "value", ".tensorflow.TensorProto"),
        parent=request,
    )  # fmt: skip
    entry.options.map_entry = True
    message("PredictLog", (1, one, "request", ".test.PredictRequest"))
    message("PredictionLog", (6, one, "predict_log", ".test.PredictLog"))
    assert tensor_pb2.DESCRIPTOR.name == file.dependency[0]
    pool = descriptor_pool.Default()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("test.PredictionLog"))


def test_warm_up_requests_replay(exports, signatures):
    log_class = prediction_log_class()
    path = exports["cgan"][1] / "1" / warmup.FILE
    asked = set()
    for record in tf.data.TFRecordDataset(str(path)):
        request = log_class.FromString(record.numpy()).predict_log.request
        inputs = {name: tf.constant(tf.make_ndarray(t)) for name, t in request.inputs.items()}
        signatures[request.model_spec.signature_name](**inputs)
        asked.add(request.model_spec.signature_name)
    assert asked == set(signatures) - {"__saved_model_init_op"}
