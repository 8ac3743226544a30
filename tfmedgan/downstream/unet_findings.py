"""What the report of U-Nets says: scores, and the Dice of synthetic images against their KID."""

from typing import Any

from tfmedgan.downstream.comparison import compare_masks
from tfmedgan.downstream.config import alone
from tfmedgan.downstream.directory import MaskStudyDirectory
from tfmedgan.downstream.figures import Point, dice_against_kid
from tfmedgan.downstream.findings import DIGITS, ArmFindings
from tfmedgan.downstream.quality import METRICS
from tfmedgan.evaluation.metrics import title_of
from tfmedgan.reporting.charts import encoded
from tfmedgan.reporting.formatting import counted, number, public_name, with_interval
from tfmedgan.segmentation.scores import SCORES


class MaskFindings(ArmFindings):
    """Everything that the reports say, read from a study's folder."""

    question = "Do synthetic images with masks help a U-Net?"
    learner = "U-Net"
    scores = SCORES
    heads = (*(score.title for score in SCORES.values()), *map(title_of, METRICS))

    def __init__(self, place: MaskStudyDirectory):
        super().__init__(place)
        self.results = compare_masks(self.study, self.of_each(place.scores))

    @property
    def cells(self) -> dict[str, list[str]]:
        """Below `heads`, by arm."""
        source_of = {arm: source.name for source in self.study.sources for arm in source.arms}
        return {
            result.arm: [
                *(with_interval(result.scores[name], DIGITS) for name in SCORES),
                *(number(self.quality(source_of.get(result.arm), m), DIGITS) for m in METRICS),
            ]
            for result in self.results
        }

    def quality(self, source: str | None, metric: str) -> float | None:
        """Mean over the trainings of a generator; None where it could not be measured."""
        if source is None:
            return None
        numbers = sorted({self.study.generator_seed(seed) for seed in range(self.study.seeds)})
        measured = [self.place.quality(source, number).get(metric) for number in numbers]
        values = [entry["value"] for entry in measured if entry and entry["value"] is not None]
        return sum(values) / len(values) if values else None

    @property
    def points(self) -> list[Point]:
        """Dice of synthetic images alone, against their KID."""
        by_arm = {result.arm: result for result in self.results}
        points = []
        for source in self.study.sources:
            kid = self.quality(source.name, "kid")
            if kid is not None:
                dice = by_arm[alone(source.name)].scores["dice"]
                points.append(point_of(source.name, kid, dice, self.study.seeds))
        return points

    @property
    def pictures(self) -> dict[str, bytes]:
        points, real = self.points, self.results[0].scores["dice"].value
        return {"dice-kid": encoded(dice_against_kid(points, real))} if points else {}

    @property
    def protocol(self) -> list[str]:
        """What the figures depend on, a line each."""
        study, network = self.study, self.study.unet.network
        counts = self.trained_on(
            lambda o: f", {o.empty_masks} masks empty" if o.empty_masks else ""
        )
        quality = (
            f"KID and FID: features {public_name(study.features)}, of the images without their "
            "masks, beside the validation and test images"
        )
        return [
            f"data: {public_name(study.data.source)}",
            self.tested_on(),
            "validation: real images in every arm, for early stopping",
            f"training images, seed 0: {counts}",
            f"U-Net: width {network.width}, {network.image_shape[0]} px, at most "
            f"{study.unet.epochs} epochs; as many updates between two validations in every arm; "
            "HD95 in pixels of this size",
            *[_source_line(study, source) for source in study.sources],
            *([quality] if study.features else []),
            self.resampled("test images"),
            *study.deviations,
        ]


def point_of(name: str, kid: float, dice: Any, seeds: int) -> Point:
    """The point of a source; its kind is in its name."""
    short, drawn, _ = name.partition(", masks by U-Net")
    reach = None if seeds < 2 else (dice.value - dice.low, dice.high - dice.value)
    return Point(short, kid, dice.value, reach, "masks by U-Net" if drawn else "with masks")


def _source_line(study, source) -> str:
    if source.experiment is None:
        return f"{source.name}: images of {public_name(source.place)}, the same for every seed"
    model = source.experiment.model
    times = study.generator_seeds or study.seeds
    return (
        f"{source.name}: {source.experiment.name or model.family}, {model.image_shape[0]} px, "
        f"{source.experiment.epochs} epochs, {counted(times, 'training')} for "
        f"{study.seeds} seeds, on the training part only"
    )
