# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Export and serve
#
# A trained generator for other programs: a TensorFlow SavedModel that makes images from a seed, with a model card, and that
# loads where this toolkit is not installed.
#
# It begins with a run. Name one of yours, from another notebook, or let it train a small one on phantoms, drawn retinas.

# %%
import os
import subprocess
import sys

if "google.colab" in sys.modules:  # elsewhere the toolkit is installed already
    TOOLKIT = "/content/tfmedgan"  # this repository: clone it or upload it to that folder
    subprocess.check_call([sys.executable, "-m", "pip", "install", "-q", TOOLKIT])
os.environ["TTY_COMPATIBLE"] = "0"  # progress as lines of text, which a notebook can keep

# %%
from pathlib import Path

from PIL import Image as Pictures

from tfmedgan.cli.console import start_tensorflow

start_tensorflow()  # without its start-up lines; GPU memory is taken as needed

RUN = Path("runs/quick-start")  # yours: the directory of a finished run
TEST = "TFMEDGAN_NOTEBOOK_TEST" in os.environ  # set by the project's tests, to be done soon
DATA, EPOCHS = ("phantom:fundus:40", 2) if TEST else ("phantom:fundus", 50)

if (RUN / "generator.keras").is_file():
    print(f"exporting {RUN}")
else:
    print(f"{RUN} is not there: training it on {DATA}, drawn retinas.")
    train = ["tfmedgan-train", "--arch", "cgan", "--data", DATA, "--epochs", str(EPOCHS)]
    subprocess.check_call([*train, "--out", str(RUN), "--quiet"])

# %% [markdown]
# ## Export
#
# Before a generator leaves, its images are compared with its training images. If copies are found, or nobody could look,
# it is refused, unless `--allow-unchecked` says to go on; the model card then says so, too.

# %%
# !tfmedgan-export {RUN} --out exported

# %%
# !find exported -type f

# %%
print(Path("exported/MODEL_CARD.md").read_text())

# %% [markdown]
# ## Load it elsewhere
#
# Another process, with TensorFlow alone. The seed decides the images, the labels what they show.

# %%
elsewhere = """
import sys
import tensorflow as tf

model = tf.saved_model.load("exported/1")
for name, signature in model.signatures.items():
    print(name, {k: v.shape for k, v in signature.structured_input_signature[1].items()})
generate = model.signatures["generate"]
images = generate(
    num=tf.constant(5), seed=tf.constant(0, tf.int64), labels=tf.constant([0, 1, 2, 3, 4])
)["images"]
tf.io.write_file("elsewhere.png", tf.io.encode_png(tf.concat(tf.unstack(images), axis=1)))
print(images.shape, images.dtype, "tfmedgan loaded:", "tfmedgan" in sys.modules)
"""
quiet = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
done = subprocess.run(
    [sys.executable, "-c", elsewhere], capture_output=True, text=True, check=True, env=quiet
)
print(done.stdout)
row = Pictures.open("elsewhere.png")
row.resize((3 * row.width, 3 * row.height), Pictures.Resampling.NEAREST)

# %% [markdown]
# The same seed and labels give the same images as `tfmedgan-generate`, byte for byte on the same machine:

# %%
# !tfmedgan-generate {RUN} --num 5 --seed 0 --out generated

# %%
import numpy as np

files = sorted(Path("generated").rglob("*.png"), key=lambda path: path.name)
made = np.concatenate([np.asarray(Pictures.open(path)) for path in files], axis=1)
print("equal:", bool((made == np.asarray(row)).all()))

# %% [markdown]
# ## A bad request
#
# is answered by the signature itself, with what was wrong and what would be right:

# %%
import tensorflow as tf

generate = tf.saved_model.load("exported/1").signatures["generate"]
try:
    generate(num=tf.constant(1), seed=tf.constant(0, tf.int64), labels=tf.constant([9]))
except tf.errors.InvalidArgumentError as error:
    print(next(line for line in error.message.split("\n") if "labels" in line))

# %% [markdown]
# ## Serve
#
# The folder has the layout of TensorFlow Serving, with requests that warm it up:
#
# ```text
# docker run -p 8501:8501 -v "$PWD/exported:/models/retina" -e MODEL_NAME=retina tensorflow/serving
# curl -d '{"signature_name": "generate", "inputs": {"num": 2, "seed": 7, "labels": [0, 3]}}' \
#      http://localhost:8501/v1/models/retina:predict
# ```
#
# `--format onnx` and `--format litert` write the generator alone, from latent vectors to images. The page *Serving a trained
# generator* of the documentation has requests for every signature.
