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
# # Quick start
#
# Train a conditional GAN, look at it, and measure it, without any data of your own. It draws its own: *phantoms*, retinas
# made by a program in five grades of diabetic retinopathy. A phantom is a drawing, not a model of disease.
#
# Five minutes on two processor cores.

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

import matplotlib.pyplot as plt
from IPython.display import Image
from PIL import Image as Pictures

import tfmedgan
from tfmedgan.cli.console import start_tensorflow

start_tensorflow()  # without its start-up lines; GPU memory is taken as needed

TEST = "TFMEDGAN_NOTEBOOK_TEST" in os.environ  # set by the project's tests, to be done soon
DATA = "phantom:fundus:40" if TEST else "phantom:fundus"
EPOCHS, IMAGES = (2, 40) if TEST else (50, 500)


def show(path, width=560):
    """A picture, small enough to be kept in a notebook."""
    picture, small = Pictures.open(path).convert("RGB"), io.BytesIO()
    picture.thumbnail((width, width))
    picture.save(small, "JPEG", quality=85)
    return Image(small.getvalue())


# %% [markdown]
# ## Train
#
# `--arch cgan` is the conditional GAN with values meant for small data. The images are split 70:15:15 by class and the
# generator sees the training part only.

# %%
# !tfmedgan-train --arch cgan --data {DATA} --epochs {EPOCHS} --out runs/quick-start

# %% [markdown]
# ## Look
#
# One row per grade, the same latent vectors in each row. Everything else that is known of the run is in the same folder.

# %%
run = tfmedgan.training.RunDirectory.open("runs/quick-start")
show(sorted(run.samples.glob("*.png"))[-1])

# %%
# !ls runs/quick-start

# %% [markdown]
# Losses say who is winning, not how good the images are. Here D(x) and D(G(z)) draw nearer to each other.

# %%
history = run.history()
epochs = [row["epoch"] for row in history]
plt.figure(figsize=(5, 2.4), dpi=70)
for name in ("d_real", "d_fake_before", "d_fake_after"):
    plt.plot(epochs, [row[name] for row in history], label=name)
plt.xlabel("epoch")
plt.ylim(0, 1)
plt.legend()
plt.show()

# %% [markdown]
# ## More images
#
# From the command line, marked as synthetic in their metadata:

# %%
# !tfmedgan-generate runs/quick-start --num 16 --label severe --grid --out runs/severe

# %%
print(Pictures.open("runs/severe/severe/000000.png").text["Synthetic"])
show("runs/severe/grid.png")

# %% [markdown]
# In Python: the generator is a plain Keras model, and the same seed gives the same images.

# %%
from tfmedgan.models import sampling

generator = sampling.load_generator(run.generator_path)
images = sampling.sample(generator, count=16, seed=0, labels=[3] * 16)
same = (images[0] == Pictures.open("runs/severe/severe/000000.png")).all()
print(images.shape, images.dtype, "the same as the files:", bool(same))

# %% [markdown]
# ## How good are they?
#
# Compared with held-out images, which the generator has not seen. KID is the number to read for small sets; FID stands
# beside the FID between two halves of the real images, its floor. The features are those of a seeded, untrained network,
# so nothing is downloaded. The last lines say what to be careful about, and whether copies of training images were found.

# %%
# !tfmedgan-evaluate runs/quick-start --num {IMAGES}

# %% [markdown]
# The report is one page with all of this, the nearest training images and the protocol. The closest pairs, generated
# above, training below:

# %%
show(run.evaluation / "closest_pairs.png")

# %% [markdown]
# ## Next
#
# With your own images the first command becomes `tfmedgan-train --data FOLDER`, which takes `rgan`, a network made for few
# images; one subfolder per class: see the notebook *Your own data*.
