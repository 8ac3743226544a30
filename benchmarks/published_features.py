"""CMMD and FRD beside other tools, networks in ONNX files beside Keras's, and what they cost.

    TFMEDGAN_DATA=DIR python benchmarks/published_features.py --reference-python PYTHON [--write]

TFMEDGAN_DATA holds `covid_xray3`. PYTHON is an interpreter of another environment, with clip-mmd,
frd-score, PyRadiomics and PyTorch; this one has the extras `features`, `radiomics` and `onnx`.
"""

import json
import os
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
from pages import parser, show, table

from tfmedgan.seeding import rng

HERE = Path(__file__).parent
SIZE = 128
COUNT = 60
DAMAGE = {  # of X-rays that are not among the real ones
    "others": lambda image: image,
    "blurred": lambda image: blurred(image, 1.0),
    "noised": lambda image: np.clip(image + rng(0, "n").normal(0, 10, image.shape), 0, 255),
}
TIMES = ((64, "radiomics"), (128, "radiomics"), (256, "radiomics"), (128, "random"))
LAYERS = 24
VITS = {"clip": (336, 768), "dinov2": (224, None)}  # pixels, and length after a projection


PARTS = ("cmmd", "frd", "onnx", "cost")


def main() -> None:
    options = parser(__doc__, "numpy", "scipy", "keras")
    options.add_argument("--reference-python", required=True, help="of the other environment")
    options.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS, help="all of them")
    arguments = options.parse_args()
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # one core, before threads are made
    measured = {"cmmd": cmmd, "frd": frd, "onnx": onnx_beside_keras, "cost": cost}
    for part in arguments.parts:
        with tempfile.TemporaryDirectory() as folder:
            show(arguments, part, measured[part](Path(folder), arguments))


def xrays() -> np.ndarray:
    """Different chest X-rays in a random order, uint8 (N, SIZE, SIZE, 1)."""
    from tfmedgan.data.sources import open_source
    from tfmedgan.data.steps import run_steps, standard_steps

    source = open_source(str(Path(os.environ["TFMEDGAN_DATA"]) / "covid_xray3" / "images"))
    steps = standard_steps((SIZE, SIZE, 1))
    images = np.unique(np.stack([run_steps(source.read(r), steps) for r in source.records]), axis=0)
    return images[rng(0, "order").permutation(len(images))][: 2 * COUNT]


def blurred(image: np.ndarray, sigma: float) -> np.ndarray:
    from scipy.ndimage import gaussian_filter

    return gaussian_filter(image.astype(float), (sigma, sigma, 0))


def cmmd(folder: Path, arguments) -> str:
    """Ours beside another tool's, which keeps the precision of what it is given."""
    from tfmedgan.evaluation.metrics.mmd import mmd

    sets = unit_vectors()
    for name, pair in sets.items():
        for side, vectors in zip(("real", "fake"), pair, strict=True):
            np.save(folder / f"{name}.{side}.npy", vectors)
    other = reference(folder, arguments.reference_python)
    rows = [
        line(name.replace("_", " "), mmd(*sets[name]), theirs)
        for name, theirs in other["cmmd"].items()
    ]
    heads = ("embeddings", "tfmedgan", "clip-mmd", "relative difference")
    return f"Beside it {other['versions']}.\n\n{table(heads, rows)}"


def unit_vectors() -> dict[str, tuple[np.ndarray, ...]]:
    """Pairs of sets like CLIP's: 768 numbers of unit length around a common direction."""
    draw = rng(0, "embeddings")
    centre = draw.standard_normal(768)
    sets = {}
    for name, shift in (("alike", 0.0), ("apart", 0.5)):
        moved = centre + shift * draw.standard_normal(768)
        both = (centre + draw.standard_normal((600, 768)), moved + draw.standard_normal((500, 768)))
        for kind in (np.float64, np.float32):
            sets[f"{name},_{kind.__name__}"] = tuple(
                (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(kind) for x in both
            )
    return sets


def frd(folder: Path, arguments) -> str:
    """X-rays, and damaged ones, from the pictures on."""
    from PIL import Image

    from tfmedgan.evaluation import evaluate, open_extractor

    images, radiomics = xrays(), open_extractor("radiomics")
    real = images[:COUNT]
    sets = {
        name: np.stack([change(image).astype(np.uint8) for image in images[COUNT:]])
        for name, change in DAMAGE.items()
    }
    for name, pictures in {"real": real, **sets}.items():
        (folder / name).mkdir()
        for index, picture in enumerate(pictures):
            Image.fromarray(picture[..., 0]).save(folder / name / f"{index:03d}.png")
    (folder / "frd.txt").write_text(" ".join(sets))
    other = reference(folder, arguments.reference_python)
    values = {name: evaluate(s, real, ("frd",), radiomics)[0].value for name, s in sets.items()}
    rows = [line(name, float(np.log(values[name])), other["frd"][name]) for name in sets]
    ours, theirs = radiomics.network(real[:5].astype(np.float32))[0], np.array(other["features"])
    unequal = np.abs(ours - theirs) / np.maximum(
        np.abs(theirs), 1e-6 * np.abs(theirs).max(0) + 1e-9
    )
    heads = (
        f"{COUNT} X-rays against as many",
        "log d², tfmedgan",
        "frd-score",
        "relative difference",
    )
    return (
        f"Beside it {other['versions']}.\n\n"
        f"{table(heads, rows)}\n\n{ours.shape[1]} features of five X-rays differ by "
        f"{unequal.max():.1e} of their value at most (kept as float32)."
    )


def line(what: str, ours: float, theirs: float) -> tuple:
    return what, f"{ours:.9g}", f"{theirs:.9g}", f"{abs(ours - theirs) / abs(theirs):.1e}"


def reference(folder: Path, python: str) -> dict:
    script = [python, HERE / "published_features_reference.py", folder]
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(script, check=True, stdout=subprocess.PIPE, text=True, env=environment)
    return json.loads(done.stdout.splitlines()[-1])


def onnx_beside_keras(folder: Path, arguments) -> str:
    """The same weights in two files."""
    import keras

    from tfmedgan.evaluation import open_extractor
    from tfmedgan.evaluation.features import extract
    from tfmedgan.evaluation.images import array_pool

    def small() -> keras.Model:
        convolutions = [
            layer
            for filters in (16, 32, 64)
            for layer in (keras.layers.Conv2D(filters, 3, 2), keras.layers.ReLU())
        ]
        return keras.Sequential([keras.Input((64, 64, 3)), *convolutions])

    def inception() -> keras.Model:
        return keras.applications.InceptionV3(
            weights=None, include_top=False, pooling="avg", input_shape=(128, 128, 3)
        )

    keras.utils.set_random_seed(0)
    pool, rows = array_pool(xrays()[:32], "X-rays"), []
    for name, build in (("three convolutions", small), ("InceptionV3, untrained", inception)):
        model = build()
        model.save(folder / "net.keras")
        to_onnx(model, folder / "net.onnx")
        ours, theirs = (
            extract(open_extractor(folder / f"net.{kind}", scaling="signed"), pool).values
            for kind in ("onnx", "keras")
        )
        largest = np.abs(theirs).max()
        rows.append((name, ours.shape[1], f"{np.abs(ours - theirs).max() / largest:.1e}"))
    return table(("network", "features", "largest difference over largest feature"), rows, 2)


def to_onnx(model, path: Path) -> None:
    import tensorflow as tf
    import tf2onnx

    signature = [tf.TensorSpec((None, *model.inputs[0].shape[1:]), tf.float32)]
    call = tf.function(lambda images: model(images, training=False))
    tf2onnx.convert.from_function(call, input_signature=signature, opset=18, output_path=str(path))


def cost(folder: Path, arguments) -> str:
    """Seconds of processor time per image; the process has one core."""
    from tfmedgan.evaluation import open_extractor
    from tfmedgan.evaluation.resize import resize

    images, rows = xrays(), []
    for size, name in TIMES:
        extractor = open_extractor(name)
        grey = np.stack([resize(image, (size, size)) for image in images[:8]])
        batch = grey.repeat(extractor.channels, axis=3)
        rows.append((f"`{name}`, images of {size}×{size}", seconds(extractor, batch)))
    for protocol, (size, _) in VITS.items():
        grey = np.stack([resize(image, (size, size)) for image in images[:2]])
        few, more = (
            seconds(vit_extractor(protocol, folder, layers), grey.repeat(3, axis=3))
            for layers in (1, 3)
        )
        whole = few + (LAYERS - 1) * (more - few) / 2
        rows.append((f"`--protocol {protocol}`, reckoned from 1 and 3 of {LAYERS} layers", whole))
    rows = [(what, f"{value:.2g}") for what, value in rows]
    return table(("features", "seconds per image"), rows, 1)


def seconds(extractor, batch: np.ndarray) -> float:
    extractor.network(batch[:1])
    best = np.inf
    for _ in range(3):
        started = time.process_time()
        extractor.network(batch)
        best = min(best, (time.process_time() - started) / len(batch))
    return best


def vit_extractor(protocol: str, folder: Path, layers: int):
    """A ViT-L/14 of the protocol's size with so many layers, through an ONNX file."""
    from tfmedgan.evaluation import open_extractor

    path = folder / f"{protocol}.onnx"
    to_onnx(vit(*VITS[protocol], layers), path)
    return open_extractor(path, protocol=protocol)


def vit(pixels: int, projected: int | None, depth: int):
    """Layers of 16 heads on vectors of 1,024, with drawn weights; the first token's is given."""
    import keras
    from keras import layers, ops

    def gelu(x):  # Keras's own has an operation that ONNX lacks
        return x * (1 + ops.erf(x / 2**0.5)) / 2

    width, tokens = 1024, (pixels // 14) ** 2
    images = keras.Input((pixels, pixels, 3))
    patches = layers.Reshape((tokens, width))(layers.Conv2D(width, 14, 14)(images))
    x = layers.Lambda(lambda p: ops.pad(p, ((0, 0), (1, 0), (0, 0))))(patches)
    for _ in range(depth):
        normed = layers.LayerNormalization()(x)
        x = x + layers.MultiHeadAttention(16, 64)(normed, normed)
        hidden = layers.Dense(4 * width, gelu)(layers.LayerNormalization()(x))
        x = x + layers.Dense(width)(hidden)
    token = layers.LayerNormalization()(x[:, 0])
    return keras.Model(images, layers.Dense(projected)(token) if projected else token)


if __name__ == "__main__":
    main()
