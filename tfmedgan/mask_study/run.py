"""Running a study in a folder; killed half-way, it goes on where it was."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tfmedgan.data.masks import has_mask, masks_of, with_masks, without_mask
from tfmedgan.data.prepare import PreparedData, content_hash
from tfmedgan.data.records import ImageArrays, Progress
from tfmedgan.downstream.arms import synthetic_names
from tfmedgan.downstream.config import CLASSICAL, REAL, added
from tfmedgan.downstream.directory import plain
from tfmedgan.downstream.material import require_disjoint
from tfmedgan.files import replacing, write_json
from tfmedgan.machine import describe_machine
from tfmedgan.mask_study.config import MaskStudy, PairSource
from tfmedgan.mask_study.directory import MaskOutcome, MaskStudyDirectory
from tfmedgan.mask_study.material import real_images
from tfmedgan.mask_study.quality import measure
from tfmedgan.run_directory import data_record
from tfmedgan.segmentation.config import SegmentationExperiment
from tfmedgan.segmentation.fitting import Segmenter
from tfmedgan.segmentation.run import SegmentationRun, fitted
from tfmedgan.segmentation.scores import image_scores
from tfmedgan.segmentation.unet import build
from tfmedgan.training.environment import with_precision

# U-Nets by what was traced of them: the next training uses one again, whatever it has learned.
TRACED: dict[tuple, Segmenter] = {}


def run_study(
    study: MaskStudy,
    out: Path,
    synthesise: Callable | None = None,
    progress: Progress | None = None,
    trained: Progress | None = None,
) -> MaskStudyDirectory:
    """Train every arm with every seed and keep what it scores on the test images.

    A study that is finished is left as it is, and its images are not asked for.

    Args:
        synthesise: instead of `synthesis.synthesise`, with its arguments and result.
        progress: called while images are read, as in `prepare`.
        trained: called with (trainings done, trainings in all, what comes next).

    Raises:
        InputError: for data that leaks or does not suffice, or a folder with another study.
    """
    place = MaskStudyDirectory(out)
    if place.is_finished(study):
        place.begin(study)
        return place
    trainings = MaskTrainings.begin(study, out, synthesise, progress, trained)
    for seed in range(study.seeds):
        trainings.arms_of_real_images(seed)
        for source in study.sources:
            trainings.arms_of_source(source, seed)
    return place


@dataclass
class MaskTrainings:
    """A study in work; what is in its folder already is not done again."""

    study: MaskStudy
    place: MaskStudyDirectory
    data: PreparedData
    synthesise: Callable
    trained: Progress | None = None
    done: int = 0

    @classmethod
    def begin(cls, study: MaskStudy, out: Path, synthesise=None, progress=None, trained=None):
        """Make or check the folder and read the real images; see `run_study`."""
        from tfmedgan.mask_study import synthesis

        place = MaskStudyDirectory(out)
        new = not place.study_path.exists()
        place.begin(study)
        try:
            data = real_images(study, place.split_path, progress)
        except BaseException:
            if new:  # a refusal leaves nothing behind
                shutil.rmtree(place.path)
            raise
        trainings = cls(study, place, data, synthesise or synthesis.synthesise, trained)
        test = data.parts["test"]
        record = {
            "sha256": content_hash(test), "split": data.split.digest, "names": list(test.names)
        }  # fmt: skip
        write_json(place.path / "environment.json", describe_machine())
        write_json(place.path / "data.json", data_record(data))
        write_json(place.path / "test.json", record)
        return trainings

    def arms_of_real_images(self, seed: int) -> None:
        real, steps = self.data.parts["train"], self.study.data.steps
        for arm in self.study.arms_of_reals:
            extra = self.study.classical if arm == CLASSICAL else ()
            self._finish(arm, seed, real, (*steps, *extra))

    def arms_of_source(self, source: PairSource, seed: int) -> None:
        """Train the generator once for all arms of a source, unless they are done."""
        if all(self.place.has(arm, seed) for arm in source.arms):
            self.done += len(source.arms)
            return
        real = self.data.parts["train"]
        extra = max(1, round(self.study.synthetic_ratio * len(real)))
        wanted = max(extra, len(real), self.study.fakes if self.study.features else 0)
        self._show(f"images of {source.name}, seed {seed}")
        pairs = self._pairs(source, seed, wanted)
        for arm in source.arms:
            few = pairs[:extra] if arm == added(source.name) else pairs[: len(real)]
            train = _arrays(few)
            if arm == added(source.name):
                train = _joined(real, train)
            self._finish(arm, seed, train, self.study.data.steps, len(few))

    def _pairs(self, source: PairSource, seed: int, count: int) -> np.ndarray:
        """Images with masks of a source; where it makes none, the U-Net of real images does."""
        place = self.place.path
        images = self.synthesise(self.study, source, place, seed, count, self.data)
        names = tuple(f"{index} of {source.name}, seed {seed}" for index in range(len(images)))
        pictures, test = without_mask(images), self.data.parts["test"]
        require_disjoint(replace(test, images=without_mask(test.images)), pictures, names)
        number = self.study.generator_seed(seed)
        if self.study.features and not self.place.quality(source.name, number):
            measured = measure(self.study, source, pictures, self.data, place / "cache")
            write_json(self.place.quality_path(source.name, number), measured)
        if has_mask(images.shape[-1]):
            return images
        return with_masks(images, self.unet_of_reals(seed).masks(images))

    def unet_of_reals(self, seed: int) -> Segmenter:
        """The U-Net of the arm of real images, which is trained if it is not there."""
        path = self.place.unet(seed)
        if not path.exists():
            self._train(REAL, seed, self.data.parts["train"], self.study.data.steps, 0)
        unet = with_precision(self.study.unet)
        network = build(unet.network, seed, unet.precision)
        network.load_weights(path)
        return Segmenter(network)

    def _finish(self, arm: str, seed: int, train: ImageArrays, steps, synthetic: int = 0) -> None:
        """Train the U-Net of an arm and keep its outcome, unless it is there already."""
        if not self.place.has(arm, seed):
            self._train(arm, seed, train, steps, synthetic)
        self.done += 1

    def _train(self, arm: str, seed: int, train: ImageArrays, steps, synthetic: int) -> None:
        self._show(f"{arm}, seed {seed}")
        test = self.data.parts["test"]
        scratch = SegmentationRun(self.place.path / "work" / f"{plain(arm)}-seed-{seed}")
        experiment, validation = self._experiment(steps, seed), self.data.parts["validation"]
        former = TRACED.get(_traced(experiment))
        segmenter = fitted(experiment, train, validation, scratch.path, former=former)
        TRACED[_traced(experiment)] = segmenter
        if arm == REAL:
            self.place.unets.mkdir(exist_ok=True)
            with replacing(self.place.unet(seed), ".weights.h5") as temporary:
                segmenter.network.save_weights(temporary)
        scores = image_scores(masks_of(test.images), segmenter.masks(without_mask(test.images)))
        empty = int((~masks_of(train.images).any(axis=(1, 2))).sum())
        means = {name: float(values.mean()) for name, values in scores.items()}
        epochs = len(scratch.history())
        outcome = MaskOutcome(arm, seed, len(train), synthetic, epochs, empty, means)
        self.place.keep(outcome, scores)
        shutil.rmtree(scratch.path)

    def _experiment(self, steps: tuple, seed: int) -> SegmentationExperiment:
        """The study's U-Net; an epoch has as many updates in every arm."""
        base = self.study.unet
        per_epoch = -(-len(self.data.parts["train"]) // base.batch_size)
        updates = base.updates_per_epoch or per_epoch
        data = replace(base.data, steps=steps)
        return replace(base, data=data, seed=seed, updates_per_epoch=updates)

    def _show(self, what: str) -> None:
        if self.trained:
            self.trained(self.done, self.study.seeds * len(self.study.arms), what)


def _traced(experiment: SegmentationExperiment) -> tuple:
    return experiment.network, experiment.optimizer, experiment.precision


def _arrays(images: np.ndarray) -> ImageArrays:
    return ImageArrays(images, np.zeros(len(images), np.int32), synthetic_names(len(images)))


def _joined(real: ImageArrays, made: ImageArrays) -> ImageArrays:
    return ImageArrays(
        np.concatenate([real.images, made.images]),
        np.concatenate([real.labels, made.labels]),
        (*real.names, *made.names),
    )
