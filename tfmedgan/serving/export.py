"""An export: the files of one format, compared with the Keras model, and the model card."""

import importlib
from functools import partial
from pathlib import Path

import numpy as np
import tensorflow as tf

from tfmedgan.errors import JobError, require
from tfmedgan.evaluation.run_generator import generator_of
from tfmedgan.files import file_sha256, new_directory, write_json, write_text
from tfmedgan.models import sampling
from tfmedgan.run_directory import RunDirectory
from tfmedgan.serving.card import model_card, render
from tfmedgan.serving.formats import FORMATS
from tfmedgan.serving.outputs import largest_difference
from tfmedgan.serving.precision import full_precision

COMPARED = 8  # latent vectors whose images are compared
TOLERANCE = 1e-3  # in [-1, 1]; an eighth of a grey level, a thousand times float32's rounding


def export(run: RunDirectory, format_name: str, out: Path, copies: dict) -> dict:
    """Write a run's generator to the new folder `out`, all of it or nothing.

    Args:
        copies: what `tfmedgan.serving.copies.permission` returned for this run.

    Returns:
        The model card.

    Raises:
        InputError: damaged files in the run, or permission for another generator.
        JobError: a conversion that failed, or changed the images.
    """
    digest = file_sha256(run.generator_path)
    require(
        digest == copies["generator_sha256"],
        f"{run.generator_path}: changed since copies were looked for; export again",
    )
    generator = generator_of(run)
    known = sampling.n_classes(generator)
    require(
        known == len(run.class_names),
        f"{run.path}: generator.keras takes {known} classes, data.json names "
        f"{len(run.class_names)}; they are not of one run",
    )
    with new_directory(out) as folder:
        facts = _write(FORMATS[format_name], generator, folder, run.class_names, digest)
        card = model_card(run, copies, facts)
        write_json(folder / "model_card.json", card)
        write_text(folder / "MODEL_CARD.md", render(card))
    return card


def _write(chosen, generator, folder: Path, class_names, digest: str) -> dict:
    """Write one format and compare its images with the generator's; facts for the card."""
    module = importlib.import_module(f"tfmedgan.serving.{chosen.module}")
    source = generator if chosen.any_precision else full_precision(generator)
    try:
        module.write(source, folder, class_names, digest)
        answer = module.load(folder)
    except OSError:
        raise
    except Exception as error:  # converters raise whatever they like
        raise JobError(
            f"{chosen.title}: this generator cannot be converted to it; take another --format"
        ) from error
    check(difference(source, answer), chosen.title)
    return {
        "title": chosen.title,
        "files": sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()),
        "converted_to_float32": source is not generator,
        "difference": difference(generator, answer),
        "compared": COMPARED,
    }


def difference(generator, answer) -> float:
    """Largest difference of `answer(z, labels)` from what a generator makes in a graph."""
    z = sampling.latent_vectors(COMPARED, sampling.latent_dim(generator), seed=0).numpy()
    classes = sampling.n_classes(generator)
    inputs = [z, (np.arange(COMPARED) % classes).astype(np.int32)] if classes else [z]
    expected = tf.function(partial(sampling.apply, generator))(*inputs)
    return largest_difference(answer(*inputs), expected.numpy())


def check(largest: float, title: str) -> None:
    """Raise `JobError` for a difference that is no rounding, or no number."""
    if not largest <= TOLERANCE:
        raise JobError(
            f"{title}: images differ from those of the Keras model by up to {largest:.3g}; at most "
            f"{TOLERANCE:g} is rounding; try another format"
        )
