"""The files that tfmedgan-generate writes."""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from tfmedgan.cli import generate_styles
from tfmedgan.cli.generate_options import GenerateOptions
from tfmedgan.data.class_folders import folder_names
from tfmedgan.data.masks import as_bytes, has_mask, masks_of, outlines, without_mask
from tfmedgan.data.records import Progress
from tfmedgan.evaluation.images import ImagePool, array_pool
from tfmedgan.evaluation.nearest_training import nearest_training
from tfmedgan.evaluation.run_generator import generator_of
from tfmedgan.evaluation.run_images import training_images
from tfmedgan.files import csv_text, file_sha256, new_directory, write_bytes, write_text
from tfmedgan.models import latent_space, sampling, style_space
from tfmedgan.models.grey import grey_generator
from tfmedgan.reporting.grids import grid, in_rows, pairs
from tfmedgan.run_directory import RunDirectory
from tfmedgan.synthetic_png import MARK, encode_animation, encode_real_png, write_png

COLUMNS = 8
MILLISECONDS = 100  # that an image of the animation is shown
BESIDE_REAL = "odd columns, made by a generative model (tfmedgan); even ones show training images"


def write(
    run: RunDirectory, options: GenerateOptions, label: int | None, progress: Progress
) -> list[str]:
    """Generate and write all files, or none; returns their names relative to their folder."""
    generator = generator_of(run)
    if options.project:
        return generate_styles.projection(run, generator, options, label, progress)
    z = sampling.latent_vectors(options.count, sampling.latent_dim(generator), options.seed).numpy()
    facts: dict[str, Any] = {"Seed": options.seed, "Model": file_sha256(run.generator_path)}
    if options.truncation is not None:
        facts["Truncation"] = options.truncation
        if run.experiment.model.has_styles:
            generator = style_space.truncated(generator, options.truncation)
        else:
            z = latent_space.truncated(z, options.truncation)
    if options.grey:
        facts["Channels"] = "their mean"
        generator = grey_generator(generator)
    space = options.nearest
    real = (training_images(run, progress), space) if space else None  # first: they may be gone
    with new_directory(options.folder) as folder:
        files = _Files(folder, run, facts, progress)
        if options.style_mixing:
            return [files.picture("mixing.png", generate_styles.strip(generator, z, label))]
        if options.interpolate:
            return _path(files, generator, z, label, options.steps_between)
        labels = _labels(len(z), label, len(run.class_names))
        images = sampling.generate(generator, z, labels)
        names = files.images(images, labels)
        if options.grid:
            names.append(files.picture("grid.png", grid(in_rows(outlines(images), COLUMNS))))
        if real:
            names += files.nearest(images, names[: len(images)], *real)
        if options.arrays:
            names.append(files.arrays("images.npz", images, labels))
        return names


def _labels(num: int, label: int | None, n_classes: int) -> np.ndarray | None:
    if not n_classes:
        return None
    return np.arange(num) % n_classes if label is None else np.full(num, label)


def _path(
    files: "_Files", generator: keras.Model, z: np.ndarray, label: int | None, steps: int
) -> list[str]:
    """The images from the first latent vector to the last in rows, and, moving, on to the first."""
    path = latent_space.interpolated(z, steps)
    names = files.run.class_names
    classes = list(range(len(names) or 1)) if label is None else [label]
    rows = []
    for index in classes:
        labels = _labels(len(path), index, len(names))
        rows.append(outlines(sampling.generate(generator, path, labels)))
        files.progress(len(rows), len(classes), "rows of the path")
    named = tuple(names[index] for index in classes) if names else ()
    frames = [grid([row[i : i + 1] for row in rows], named) for i in range(len(path))]
    to_the_last = (len(z) - 1) * steps + 1
    return [
        files.picture("strip.png", grid([row[:to_the_last] for row in rows], named)),
        files.animation("animation.png", frames),
    ]


@dataclass(frozen=True)
class _Files:
    """Files of one folder, all of which tell the same facts; each method gives their names."""

    folder: Path
    run: RunDirectory
    facts: dict[str, Any]
    progress: Progress

    def images(self, images: np.ndarray, labels: np.ndarray | None) -> list[str]:
        """One file an image, in a folder of its class if it has one.

        Of pairs the images are in a folder `images` and their masks, after them, in `masks`.
        """
        if not has_mask(images.shape[-1]):
            return self._files(images, labels, "")
        masks = as_bytes(masks_of(images))
        names = self._files(without_mask(images), labels, "images/")
        return names + self._files(masks, labels, "masks/")

    def _files(self, pictures: np.ndarray, labels: np.ndarray | None, place: str) -> list[str]:
        classes, names = self.run.class_names, []
        folders = folder_names(classes)
        for index, picture in enumerate(pictures):
            facts, name = {"Index": index}, f"{place}{index:06d}.png"
            if labels is not None:
                facts["Label"] = classes[labels[index]]
                name = f"{place}{folders[labels[index]]}/{index:06d}.png"
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            names.append(self.picture(name, picture, **facts))
            self.progress(index + 1, len(pictures), f"writing {place.strip('/') or 'images'}")
        return names

    def picture(self, name: str, picture: np.ndarray, **facts: Any) -> str:
        write_png(self.folder / name, picture, **self.facts, **facts)
        return name

    def animation(self, name: str, frames: list[np.ndarray]) -> str:
        write_bytes(self.folder / name, encode_animation(frames, MILLISECONDS, **self.facts))
        return name

    def nearest(
        self, images: np.ndarray, names: list[str], training: ImagePool, space: str
    ) -> list[str]:
        """Generated images beside their nearest training images, and which these are."""
        fake = array_pool(images, "generated")
        distances, positions = nearest_training(fake, training, space, self.progress)
        real = [training.picture(int(i)) for i in positions]
        content = encode_real_png(
            pairs(outlines(images), real, COLUMNS // 2), Synthetic=BESIDE_REAL, **self.facts
        )
        write_bytes(self.folder / "nearest.png", content)
        rows = [
            {"image": name, "nearest": training.names[position], "distance": distance}
            for name, position, distance in zip(names, positions, distances, strict=True)
        ]
        write_text(self.folder / "nearest.csv", csv_text(rows))
        return ["nearest.png", "nearest.csv"]

    def arrays(self, name: str, images: np.ndarray, labels: np.ndarray | None) -> str:
        """The images in one file that NumPy reads, with the facts that the PNGs carry."""
        arrays: dict[str, Any] = {
            "images": without_mask(images), "Synthetic": MARK, **self.facts
        }  # fmt: skip
        if has_mask(images.shape[-1]):
            arrays["masks"] = as_bytes(masks_of(images))
        if labels is not None:
            arrays |= {"labels": labels, "classes": np.array(self.run.class_names)}
        buffer = io.BytesIO()
        np.savez_compressed(buffer, **arrays)
        write_bytes(self.folder / name, buffer.getvalue())
        return name
