"""The generator of a run, which is the one that its config.json describes."""

import keras

from tfmedgan.errors import require
from tfmedgan.models import sampling
from tfmedgan.run_directory import RunDirectory


def generator_of(run: RunDirectory) -> keras.Model:
    """The generator of a run.

    Raises:
        InputError: if its file is damaged, or another network's than config.json describes.
    """
    generator, model = sampling.load_generator(run.generator_path), run.experiment.model
    shape, size = tuple(generator.outputs[0].shape[1:]), sampling.latent_dim(generator)
    require(
        (shape, size, sampling.n_classes(generator))
        == (tuple(model.image_shape), model.latent_dim, model.n_classes),
        f"{run.generator_path}: is the generator of another run than config.json describes; "
        "restore it from a backup",
    )
    return generator
