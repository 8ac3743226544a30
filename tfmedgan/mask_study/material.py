"""The images of a study: one split for everything, real ones only, and no leak."""

from dataclasses import replace
from pathlib import Path

from tfmedgan.config import DataConfig, Experiment
from tfmedgan.data.marks import require_real
from tfmedgan.data.masks import has_mask
from tfmedgan.data.prepare import PreparedData, opened, prepare
from tfmedgan.data.records import Progress
from tfmedgan.data.split_file import PARTS
from tfmedgan.data.steps import Rescale, adapted
from tfmedgan.errors import require
from tfmedgan.mask_study.config import MaskStudy
from tfmedgan.segmentation.parts import prepared
from tfmedgan.segmentation.run import check

FEWEST_TESTED = 2


def real_images(study: MaskStudy, split_path: Path, progress: Progress | None = None):
    """The real images with their masks; writes the study's split on the first call.

    Near-duplicates and images of one patient or one mask are on one side of it.

    Raises:
        InputError: for synthetic images among them, a split that leaks, too few images.
    """
    if not split_path.exists():
        _, images = opened(study.data, study.data_seed)
        require_real(images)
        data = prepared(study.data, study.data_seed, progress)
        train, validation, test = (data.parts[part].names for part in PARTS)
        replace(data.split, train=train, validation=validation, test=test).write(split_path)
    data = prepare(with_split(study.data, split_path), study.data_seed, progress)
    check(study.unet, data)
    tested = len(data.parts["test"])
    require(
        tested >= FEWEST_TESTED,
        f"{study.data.source}: {tested} test images with masks; a study needs at least "
        f"{FEWEST_TESTED}, change the split",
    )
    return data


def generator_images(
    study: MaskStudy, experiment: Experiment, split_path: Path
) -> tuple[DataConfig, PreparedData]:
    """What a generator learns from: the training part of the same split, with masks or without."""
    shape = experiment.model.image_shape
    steps = (*adapted(study.data.steps, shape), Rescale(-1, 1))
    config = replace(with_split(study.data, split_path), steps=steps, masks=has_mask(shape[2]))
    return config, prepare(config, study.data_seed)


def with_split(config: DataConfig, split_path: Path) -> DataConfig:
    return replace(config, split_file=str(split_path), images=None)
