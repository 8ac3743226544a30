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
# # Diabetic foot ulcers: WGAN-GP with LSTM, and the hybrid classifier
#
# "Generative-Adversarial-Networks-for-Skin-Disease-Analysis" trains a WGAN-GP whose generator begins with an LSTM
# (`dfu-lstm/wgan-gp-lstm`), and then reads the critic's feature maps with another LSTM to tell infected ulcers from others
# (`critic-lstm`; reported accuracy 0.87, AUROC 0.93).
#
# **Data.** DFU Part B is given by its authors on request, for research. Name its folder below. Without it this notebook
# uses phantoms, drawn feet, and says so.
#
# **Time.** With a GPU the document's own values are used: 128×128 pixels, up to 200 epochs. On a processor images are 64×64
# and the training short; what it shows is then the way, not the result.

# %%
import os
import subprocess
import sys

if "google.colab" in sys.modules:  # elsewhere the toolkit is installed already
    TOOLKIT = "/content/tfmedgan"  # this repository: clone it or upload it to that folder
    subprocess.check_call([sys.executable, "-m", "pip", "install", "-q", TOOLKIT])
os.environ["TTY_COMPATIBLE"] = "0"  # progress as lines of text, which a notebook can keep

# %%
import io
import json
from pathlib import Path

from IPython.display import Image, display
from PIL import Image as Pictures

import tfmedgan
from tfmedgan.cli.console import start_tensorflow

start_tensorflow()  # without its start-up lines; GPU memory is taken as needed
import tensorflow as tf

DFU = Path("data/dfu")  # holds PartB, with Infection/Aug-Positive and Infection/Aug-Negative
TEST = "TFMEDGAN_NOTEBOOK_TEST" in os.environ  # set by the project's tests, to be done soon
GPU = bool(tf.config.list_physical_devices("GPU"))
IMAGES = 40 if TEST else 300

if DFU.is_dir():
    DATA, CLASSES = f"manifest:dfu-part-b:{DFU}", "no infection,infection"
    print("training on DFU Part B")
else:
    DATA, CLASSES = "phantom:foot:40" if TEST else "phantom:foot", "not infected,infected"
    print(f"{DFU} is not there: using {DATA}, drawn feet. Results are about drawings.")

GAN = HYBRID = ""  # the document's own values
SIZE = 128
if TEST:
    SIZE, GAN, HYBRID = 64, "--batch-size 2 --images 10 --epochs 1", "--epochs 1"
elif not GPU:
    SIZE, GAN, HYBRID = 64, "--batch-size 16 --images 80 --epochs 60", "--epochs 10"
if SIZE == 64:
    GAN += " --image-size 64 --validate-every 0"
    HYBRID += " --image-size 64"
print("GPU" if GPU else "no GPU:", GAN, "|", HYBRID)


def show(path, width=420):
    """A picture, small enough to be kept in a notebook."""
    picture, small = Pictures.open(path).convert("RGB"), io.BytesIO()
    picture.thumbnail((width, width))
    picture.save(small, "JPEG", quality=85)
    return Image(small.getvalue())


# %% [markdown]
# ## The GAN
#
# The generator turns z into 8×8 feature maps by two LSTM layers, one time step per cell, and doubles them up to the image.
# The set's augmented copies stay on one side of the split with their originals.

# %%
# !tfmedgan-train --preset dfu-lstm/wgan-gp-lstm --data {DATA} --classes "{CLASSES}" {GAN} --out runs/dfu-gan

# %%
run = tfmedgan.training.RunDirectory.open("runs/dfu-gan")
print({name: round(value, 3) for name, value in run.history()[-1].items()})
print("alarms:", run.summary["alarms"] or "none")
show(sorted(run.samples.glob("*.png"))[-1])

# %%
# !tfmedgan-evaluate runs/dfu-gan --num {IMAGES} --metrics kid,precision,recall,ms_ssim

# %% [markdown]
# ## The hybrid
#
# The trained critic is frozen, and its last feature map is read cell by cell by an LSTM. A small network of ordinary
# convolutions, trained on the same images, says what that is worth. Both stop early on the validation images and are
# calibrated there.

# %%
# !tfmedgan-classify train --network critic-lstm --critic runs/dfu-gan --data {DATA} --classes "{CLASSES}" {HYBRID} --out runs/hybrid

# %%
# !tfmedgan-classify train --network small-cnn --data {DATA} --classes "{CLASSES}" {HYBRID} --out runs/small-cnn

# %% [markdown]
# Neither the critic nor the classifiers have seen the test part: the same seed makes the same split.

# %%
parts = [
    json.loads(Path(f"runs/{name}/data.json").read_text())["split"]
    for name in ("dfu-gan", "hybrid", "small-cnn")
]
assert all(set(part["test"]) == set(parts[0]["test"]) for part in parts)
print(len(parts[0]["test"]), "test images, the same for all three")

# %%
# !tfmedgan-classify evaluate runs/hybrid

# %%
# !tfmedgan-classify evaluate runs/small-cnn

# %% [markdown]
# Confusion and calibration of the hybrid. Among the images to which it gives a probability of 0.9, nine of ten should
# be of that class; the temperature is fitted on the validation images for that.

# %%
for figure in sorted(Path("runs/hybrid/evaluation").glob("*.png")):
    display(show(figure))

# %% [markdown]
# After the sixty updates that fit on a processor the GAN draws no feet yet, and a hybrid near chance is what such a critic is
# worth. One run each, on few test images: look at the intervals before you call one of them better. Whether *synthetic images* help
# such a classifier is another question, which needs arms for oversampling and classical augmentation, and several seeds.
