"""The trainings of a study's U-Nets."""

from dataclasses import replace

import numpy as np

from tfmedgan.data.masks import has_mask, masks_of, with_masks, without_mask
from tfmedgan.downstream import synthesis
from tfmedgan.downstream.config import CLASSICAL, MASK_SCORES, REAL, PairSource, added
from tfmedgan.downstream.directory import MaskOutcome, MaskStudyDirectory
from tfmedgan.downstream.material import real_pairs, require_disjoint, synthetic_arrays
from tfmedgan.downstream.quality import measure
from tfmedgan.downstream.trainings import ArmTrainings
from tfmedgan.files import replacing, write_json
from tfmedgan.segmentation.config import SegmentationExperiment
from tfmedgan.segmentation.fitting import Segmenter
from tfmedgan.segmentation.run import SegmentationRun, fitted
from tfmedgan.segmentation.scores import image_scores
from tfmedgan.segmentation.unet import build
from tfmedgan.training.environment import with_precision

# U-Nets by what was traced of them: the next training uses one again, whatever it has learned.
TRACED: dict[tuple, Segmenter] = {}


class MaskTrainings(ArmTrainings):
    """The trainings of a study's U-Nets."""

    folder = MaskStudyDirectory
    real_images = staticmethod(real_pairs)

    def arms_of_real_images(self, seed: int) -> None:
        real, steps = self.data.parts["train"], self.study.data.steps
        for arm in self.study.arms_of_reals:
            extra = self.study.classical if arm == CLASSICAL else ()
            self.finish(arm, seed, real, (*steps, *extra))

    def arms_of_source(self, source: PairSource, seed: int) -> None:
        real = self.data.parts["train"]
        extra = max(1, round(self.study.synthetic_ratio * len(real)))
        wanted = max(extra, len(real), self.study.fakes if self.study.features else 0)
        self.show(f"images of {source.name}, seed {seed}")
        pairs = self._pairs(source, seed, wanted)
        for arm in source.arms:
            few = pairs[:extra] if arm == added(source.name) else pairs[: len(real)]
            made = synthetic_arrays(few, np.zeros(len(few), np.int32))
            self.finish_synthetic(arm, source, seed, made)

    def _pairs(self, source: PairSource, seed: int, count: int) -> np.ndarray:
        """Images with masks of a source; where it makes none, the U-Net of real images does."""
        place = self.place.path
        synthesise = self.synthesise or synthesis.synthesise_pairs
        images = synthesise(self.study, source, place, seed, count, self.data)
        require_disjoint(self.data.parts["test"], images, f"{source.name}, seed {seed}")
        number = self.study.generator_seed(seed)
        if self.study.features and not self.place.quality(source.name, number):
            measured = measure(self.study, source, images, self.data, place / "cache")
            write_json(self.place.quality_path(source.name, number), measured)
        if has_mask(images.shape[-1]):
            return images
        return with_masks(images, self.unet_of_reals(seed).masks(images))

    def unet_of_reals(self, seed: int) -> Segmenter:
        """The U-Net of the arm of real images, which is trained if it is not there."""
        path = self.place.unet(seed)
        if not path.exists():
            self.train(REAL, seed, self.data.parts["train"], self.study.data.steps, 0)
        unet = with_precision(self.study.unet)
        network = build(unet.network, seed, unet.precision)
        network.load_weights(path)
        return Segmenter(network)

    def _trained(self, arm, seed, train, steps, synthetic) -> tuple[MaskOutcome, np.ndarray]:
        test = self.data.parts["test"]
        scratch = SegmentationRun(self.place.scratch(arm, seed))
        experiment, validation = self._experiment(steps, seed), self.data.parts["validation"]
        traced = experiment.network, experiment.optimizer, experiment.precision
        segmenter = fitted(experiment, train, validation, scratch.path, former=TRACED.get(traced))
        TRACED[traced] = segmenter
        if arm == REAL:
            self.place.unet(seed).parent.mkdir(exist_ok=True)
            with replacing(self.place.unet(seed), ".weights.h5") as temporary:
                segmenter.network.save_weights(temporary)
        scores = image_scores(masks_of(test.images), segmenter.masks(without_mask(test.images)))
        empty = int((~masks_of(train.images).any(axis=(1, 2))).sum())
        means = {name: float(values.mean()) for name, values in scores.items()}
        epochs = len(scratch.history())
        outcome = MaskOutcome(arm, seed, len(train), synthetic, epochs, empty, means)
        return outcome, np.stack([scores[name] for name in MASK_SCORES])

    def _experiment(self, steps: tuple, seed: int) -> SegmentationExperiment:
        """The study's U-Net; an epoch has as many updates in every arm."""
        base = self.study.unet
        per_epoch = -(-len(self.data.parts["train"]) // base.batch_size)
        updates = base.updates_per_epoch or per_epoch
        data = replace(base.data, steps=steps)
        return replace(base, data=data, seed=seed, updates_per_epoch=updates)
