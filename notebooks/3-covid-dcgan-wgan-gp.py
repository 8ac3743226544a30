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
# # COVID-19 chest X-rays: DCGAN against WGAN-GP
#
# "Generating COVID-19 chest X-ray images using DCGAN and WGAN-GP" compares two networks (its Table 5: FID 155 and 110).
# Both are presets here, `vuw-covid/table5-dcgan` and `vuw-covid/table5-wgan-gp`.
#
# **Data.** The COVID-19 Radiography Database (Kaggle, free account). Unpack it and name its folder below. Without it this
# notebook trains on phantoms, drawn chests, and says so.
#
# **Time.** With a GPU the document's own values are used: 64×64 pixels, batches of 128, 500 epochs. On a processor that
# would take days, so images are 32×32 there, batches 32, and the training short; what it shows is then the way, not the result.

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
from pathlib import Path

from IPython.display import Image, display
from PIL import Image as Pictures

import tfmedgan
from tfmedgan.cli.console import start_tensorflow
from tfmedgan.papers import PRESETS

start_tensorflow()  # without its start-up lines; GPU memory is taken as needed
import tensorflow as tf

RADIOGRAPHY = Path("data/covid19-radiography")  # holds COVID-19_Radiography_Dataset
TEST = "TFMEDGAN_NOTEBOOK_TEST" in os.environ  # set by the project's tests, to be done soon
GPU = bool(tf.config.list_physical_devices("GPU"))
IMAGES = 40 if TEST else 300

if (RADIOGRAPHY / "COVID-19_Radiography_Dataset").is_dir():
    DATA = f"manifest:covid19-radiography:{RADIOGRAPHY}"
    CLASS = "COVID"
    print("training on COVID-19 Radiography")
else:
    DATA = "phantom:chest:60" if TEST else "phantom:chest:400"
    CLASS = "pneumonia"
    print(
        f"{RADIOGRAPHY} is not there: training on {DATA}, drawn chests. Results are about drawings."
    )

SMALL = "--image-size 32 --batch-size 32 --images 160"  # so few images make every epoch short
DCGAN = WGAN_GP = ""  # the documents' own values
if TEST:
    SMALL = "--image-size 32 --batch-size 8 --images 40"
    DCGAN, WGAN_GP = f"{SMALL} --epochs 1", f"{SMALL} --epochs 1"
elif not GPU:
    DCGAN, WGAN_GP = f"{SMALL} --epochs 30", f"{SMALL} --epochs 150"
print("GPU" if GPU else "no GPU:", DCGAN, "|", WGAN_GP)


def show(path, width=420):
    """A picture, small enough to be kept in a notebook."""
    picture, small = Pictures.open(path).convert("RGB"), io.BytesIO()
    picture.thumbnail((width, width))
    picture.save(small, "JPEG", quality=85)
    return Image(small.getvalue())


# %% [markdown]
# ## Two ways to judge an image
#
# A DCGAN's discriminator says how *probable* it is that an image is real. The critic of a Wasserstein GAN gives a *score*, and
# the difference of mean scores estimates how far the two distributions are apart; a penalty keeps its gradient near 1.
# Both presets have the same generator:

# %%
for name in ("vuw-covid/table5-dcgan", "vuw-covid/table5-wgan-gp"):
    gan = tfmedgan.models.create(PRESETS[name].model)
    networks = gan.generator.count_params(), gan.discriminator.count_params()
    print(f"{name}: generator {networks[0]:,}, discriminator or critic {networks[1]:,} parameters")

# %% [markdown]
# ## Train
#
# X-rays go through CLAHE, a local equalisation of contrast, as in the document. An epoch of the WGAN-GP has a fifth of the
# generator's updates, since each of them follows five of the critic; it gets five times as many epochs.

# %%
# !tfmedgan-train --preset vuw-covid/table5-dcgan --data {DATA} --classes {CLASS} {DCGAN} --out runs/dcgan

# %%
# !tfmedgan-train --preset vuw-covid/table5-wgan-gp --data {DATA} --classes {CLASS} {WGAN_GP} --out runs/wgan-gp

# %%
for name in ("dcgan", "wgan-gp"):
    run = tfmedgan.training.RunDirectory.open(f"runs/{name}")
    print(name, {k: round(v, 3) for k, v in run.history()[-1].items()})
    display(show(sorted(run.samples.glob("*.png"))[-1]))

# %% [markdown]
# ## Compare
#
# The same number of images, the same features, the same held-out X-rays: one protocol. `--compare` adds the difference to
# the other run, and would refuse rows of another protocol.

# %%
# !tfmedgan-evaluate runs/dcgan --num {IMAGES}

# %%
# !tfmedgan-evaluate runs/wgan-gp --num {IMAGES} --compare runs/dcgan/evaluation/rows.jsonl

# %% [markdown]
# ## Alarms send you to look
#
# Both reports object, in what can be counted: after so short a training the images vary too little, and since the document's
# networks make three channels of grey X-rays, faint colours are left, which the features take for much. The check for copies
# has a verdict of its own; the pairs that lie nearest are worth a look whatever it says, generated above, training below:

# %%
show("runs/wgan-gp/evaluation/closest_pairs.png")

# %% [markdown]
# The FIDs of the document, 155 and 110, cannot be compared with these: another Inception, another number of images, other
# reals. What can be compared are two runs under one protocol, and then only with several seeds: here each network was
# trained once.
