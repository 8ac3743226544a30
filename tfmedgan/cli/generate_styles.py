"""What tfmedgan-generate makes of the styles of a stylegan2 run: a strip, and a projection."""

import json
from pathlib import Path

import keras
import numpy as np

from tfmedgan.cli.generate_options import GenerateOptions
from tfmedgan.data.readers import read_image
from tfmedgan.data.records import Progress
from tfmedgan.data.steps import run_steps
from tfmedgan.errors import require
from tfmedgan.files import file_sha256, new_directory, write_bytes, write_json
from tfmedgan.models.projection import project
from tfmedgan.models.style_space import StyleSpace
from tfmedgan.reporting.grids import grid, pairs
from tfmedgan.run_directory import RunDirectory
from tfmedgan.synthetic_png import encode_real_png, write_png

BESIDE_REAL = "right image, made by a generative model (tfmedgan); the left one was given"
FACTS = "projection.json"


def strip(generator: keras.Model, z: np.ndarray, label: int | None) -> np.ndarray:
    """A row from each latent vector to the next, and from the last to the first.

    Their images are at both ends; between them more and more resolutions have the next one's
    styles, from the finest to the coarsest.
    """
    space = StyleSpace.of(generator)
    labels = np.full(len(z), label or 0) if space.n_classes else None
    styles = space.styles(z, labels)
    return grid([space.mixed(a, b) for a, b in zip(styles, np.roll(styles, -1, 0), strict=True)])


def projection(
    run: RunDirectory,
    generator: keras.Model,
    options: GenerateOptions,
    label: int | None,
    progress: Progress,
) -> list[str]:
    """Write the nearest image, it beside the given one, and how near it came; the files' names."""
    assert options.project
    target = run_steps(read_image(options.project), run.experiment.data.steps)
    shape = run.experiment.model.image_shape
    require(
        target.shape == shape,
        f"--project {options.project}: is {target.shape} after the run's steps, its images "
        f"are {shape}",
    )
    nearest = project(generator, target, label, progress)
    facts = {"rmse_grey_levels": nearest.rmse, "cosine_distance": nearest.cosine_distance}
    model = {"Model": file_sha256(run.generator_path)}
    with new_directory(options.folder) as folder:
        write_png(folder / "projection.png", nearest.image, **model, **facts)
        both = pairs([target], [nearest.image], 1)
        content = encode_real_png(both, Synthetic=BESIDE_REAL, **model, **facts)
        write_bytes(folder / "beside.png", content)
        image = {"image": str(options.project), "sha256": file_sha256(options.project)}
        write_json(folder / FACTS, {**image, **facts, "style": nearest.style.tolist()})
    return ["projection.png", "beside.png", FACTS]


def said(folder: Path) -> str:
    """How near a projection came, in words."""
    facts = json.loads((folder / FACTS).read_text())
    return (
        "beside.png shows the image and the nearest synthetic one: "
        f"{facts['rmse_grey_levels']:.1f} grey levels apart (root mean square), "
        f"cosine distance {facts['cosine_distance']:.3f}"
    )
