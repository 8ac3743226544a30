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
# # Your own data: from a folder to a report
#
# One subfolder per class, any sizes, PNG, JPEG, TIFF, BMP, WebP or DICOM. Name your folder below. If it is not there, this
# notebook fills it with phantoms, drawn feet whose ulcer is infected or clean, and says so.

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

start_tensorflow()  # without its start-up lines; GPU memory is taken as needed

FOLDER = Path("photographs")  # yours: one subfolder of images per class
TEST = "TFMEDGAN_NOTEBOOK_TEST" in os.environ  # set by the project's tests, to be done soon
DRAWN, KIMG, IMAGES = (30, 0.1, 40) if TEST else (150, 40, 400)


def draw_phantoms(folder, per_class):
    """A folder like one from a clinic: two classes, several sizes, one copy, one damaged file."""
    from tfmedgan.data.phantoms import draw

    for label, name in enumerate(("clean", "infected")):
        (folder / name).mkdir(parents=True)
        for index in range(per_class):
            picture = Pictures.fromarray(draw("foot", label, 0, index, size=96 + 16 * (index % 3)))
            picture.save(folder / name / f"IMG_{index:04d}.png")
    Pictures.open(folder / "clean" / "IMG_0000.png").save(folder / "clean" / "again.png")
    whole = (folder / "infected" / "IMG_0001.png").read_bytes()
    (folder / "infected" / "IMG_0001.png").write_bytes(whole[:1000])


if FOLDER.is_dir():
    print(f"training on {FOLDER}")
else:
    draw_phantoms(FOLDER, DRAWN)
    print(f"{FOLDER} was not there: it now holds drawn feet. Results are about drawings.")


def show(path, width=560):
    """A picture, small enough to be kept in a notebook."""
    picture, small = Pictures.open(path).convert("RGB"), io.BytesIO()
    picture.thumbnail((width, width))
    picture.save(small, "JPEG", quality=80)
    return Image(small.getvalue())


# %% [markdown]
# ## Look before you train
#
# Every image is read. What is damaged, doubled or doubtful is named, and contact sheets show each class before and after
# the preprocessing.

# %%
# !tfmedgan-data preview {FOLDER} --image-size 32 --columns 6 --out preview

# %%
for sheet in sorted(Path("preview").glob("*.png")):
    print(sheet.name)
    display(show(sheet, 420))

# %% [markdown]
# ## What would be done
#
# A file that cannot be read stops the training before it begins, unless `--skip-bad` says to go on without it. The copy
# stays on the same side of the split as its original.

# %%
# !tfmedgan-train --data {FOLDER} --conditional --image-size 32 --kimg {KIMG} --skip-bad --dry-run --quiet | tail -n 9

# %% [markdown]
# ## Train
#
# Without `--arch` the network is `rgan`, made for few images; `--conditional` gives it the labels, and `--balance oversample`
# shows a rare class as often as a common one. Its KID on the validation images is measured on the way, and the best generator is
# kept. Here 40,000 images are shown at 32×32 pixels, in five to twenty minutes; without `--kimg` and `--image-size` it is 300,000 at 64×64, in an
# hour or two, and the pictures are as much better.

# %%
# !tfmedgan-train --data {FOLDER} --conditional --image-size 32 --kimg {KIMG} --skip-bad --balance oversample --out runs/own

# %%
run = tfmedgan.training.RunDirectory.open("runs/own")
show(sorted(run.samples.glob("*.png"))[-1])

# %% [markdown]
# The same in Python, where the preprocessing can be your own chain of steps:

# %%
from dataclasses import replace

from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.data.steps import Rescale, Resize, ToRGB

base = ARCHITECTURES["rgan"]
data = replace(
    base.data,
    source=str(FOLDER),
    steps=(ToRGB(), Resize(32, aspect="crop"), Rescale(-1, 1)),
    skip_bad=True,
)
model = replace(base.model, image_shape=(32, 32, 3), n_classes=2)
experiment = replace(base, data=data, model=model, epochs=2)
history = tfmedgan.training.train(experiment, "runs/own-crop", progress=False)
print({name: round(value, 3) for name, value in history[-1].items()})

# %% [markdown]
# ## Generate and evaluate

# %%
# !tfmedgan-generate runs/own --num 100 --out synthetic
# !tfmedgan-evaluate runs/own --num {IMAGES}

# %% [markdown]
# Nothing was found to be copied? Look anyway: generated images above, the nearest training images below.

# %%
show(run.evaluation / "closest_pairs.png")

# %% [markdown]
# The whole report, one page that needs no network, is in `runs/own/evaluation/report.html`. The numbers with their
# protocols are in `rows.jsonl` beside it:

# %%
rows = tfmedgan.evaluation.read_rows(run.evaluation / "rows.jsonl")
for row in rows[:3]:
    print(f"{row.metric} {row.value:.4g} ({row.low:.4g} to {row.high:.4g})")
print(rows[0].protocol)
