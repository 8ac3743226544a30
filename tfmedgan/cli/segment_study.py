"""tfmedgan-segment study: whether synthetic images with masks help a U-Net of one's own images."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.cli import arms
from tfmedgan.cli.options import given
from tfmedgan.cli.resolve import overridden, split_values
from tfmedgan.cli.segment_options import StudyOptions
from tfmedgan.cli.tables import Table
from tfmedgan.config import DEFAULT_FEATURES, DataConfig, Experiment
from tfmedgan.data.masks import has_mask
from tfmedgan.data.split_file import Split
from tfmedgan.data.steps import standard_steps
from tfmedgan.downstream.config import MASK_SCORES, MaskStudy, PairSource, drawn_by_unet
from tfmedgan.errors import require
from tfmedgan.evaluation.features import check_name
from tfmedgan.recipes import showing
from tfmedgan.run_directory import RunDirectory
from tfmedgan.segmentation.config import UNET, SegmentationExperiment

if TYPE_CHECKING:
    from tfmedgan.downstream.unet_findings import MaskFindings

HOW = (  # all others are values of the U-Net's experiment
    "arch", "kimg", "run", "pairs", "synthetic_ratio", "seeds", "primary_metric", "features", "out",
    "quiet", "as_json",
)  # fmt: skip


def resolved(options: StudyOptions) -> MaskStudy:
    """The study that the options describe.

    Raises:
        InputError: for an option that cannot be, before any image is read.
    """
    require(
        options.primary_metric in MASK_SCORES,
        f"--primary-metric {options.primary_metric}: valid: {', '.join(MASK_SCORES)}",
    )
    require(
        bool(options.arch or options.run or options.pairs),
        "give --run RUN, --pairs DIR or --arch NAME: where synthetic images come from",
    )
    require(
        options.kimg is None or bool(options.arch),
        "--kimg is the length of --arch; leave it out or give --arch NAME",
    )
    features = options.features or DEFAULT_FEATURES
    check_name(features)
    split = split_values(options.fractions, options.split_file, arms.FRACTIONS)
    unet = overridden(UNET, {**given(options, *HOW), "data": options.data, **split})
    former = None if options.fractions or options.split_file else _split_of(options.run)
    if former:  # so that what the generator has not seen is held out here, too
        data = replace(
            unet.data, fractions=former.data.fractions, split_file=former.data.split_file
        )
        unet = replace(unet, data=data)
    sources = (
        *(_of_run(path) for path in options.run or ()),
        *map(_of_folder, options.pairs or ()),
        *(_of_arch(name, options, unet) for name in options.arch or ()),
    )
    return MaskStudy(
        unet, sources, synthetic_ratio=options.synthetic_ratio, seeds=options.seeds,
        primary_metric=options.primary_metric, features=features,
        data_seed=former.seed if former else 0,
    )  # fmt: skip


def _of_run(path: Path) -> PairSource:
    """A finished run; one of images alone gets its masks from the U-Net of real images."""
    channels = RunDirectory.open(path).experiment.model.image_shape[2]
    name = path.resolve().name
    return PairSource(name if has_mask(channels) else drawn_by_unet(name), place=str(path))


def _of_folder(path: Path) -> PairSource:
    """A folder of synthetic images with masks; whether each has one is seen as they are read."""
    require(path.is_dir(), f"--pairs {path}: no such folder; give one of images with masks")
    return PairSource(path.resolve().name, place=str(path))


def _split_of(runs: list[Path] | None) -> Experiment | None:
    """The experiment of the first run, whose split is the study's."""
    return RunDirectory.open(runs[0]).experiment if runs else None


def _of_arch(name: str, options: StudyOptions, unet: SegmentationExperiment) -> PairSource:
    """An architecture that makes images with masks of the U-Net's size."""
    base = ARCHITECTURES[name]
    require(base.model.labels != "required", f"--arch {name}: takes labels; give one without")
    size, _, channels = unet.network.image_shape
    pair = (size, size, channels + 1)
    model = replace(base.model, image_shape=pair)
    data = DataConfig(source=options.data, steps=standard_steps(pair), masks=True)
    experiment = replace(base, model=model, data=data)
    if options.kimg is not None:
        experiment = showing(experiment, options.kimg, _trained_on(unet.data))
    return PairSource(name, experiment)


def _trained_on(data: DataConfig) -> int:
    """About how many images with masks a generator gets to train on."""
    if data.split_file:
        count = len(Split.read(data.split_file).train)
    else:
        from tfmedgan.data.prepare import opened

        count = round(len(opened(data, 0)[1].records) * data.fractions[0])
    return min(count, data.images or count)


def study(options: StudyOptions) -> None:
    """Train and test the arms, and write what was found."""
    arms.run(options, resolved(options), arms_table)


def arms_table(findings: "MaskFindings") -> Table:
    """A line for each arm: its scores with intervals, and the KID of its images."""
    rows = []
    for arm, cells in findings.cells.items():
        *scores, kid, _ = cells
        rows.append([arm, *scores, kid])
    return Table(["arm", "Dice", "IoU", "HD95", "KID"], rows)
