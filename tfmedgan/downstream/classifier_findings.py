"""What the report of classifiers says: scores, confusions, subgroups of the test images."""

import numpy as np

from tfmedgan.classifiers.score_list import DERIVED, SCORES
from tfmedgan.downstream.comparison import compare
from tfmedgan.downstream.directory import StudyDirectory
from tfmedgan.downstream.findings import DIGITS, ArmFindings
from tfmedgan.downstream.subgroups import studied_groups
from tfmedgan.evaluation.gaps import sentences as group_sentences
from tfmedgan.reporting.formatting import number, public_name, with_interval


class Findings(ArmFindings):
    """Everything that the reports say, read from a study's folder."""

    question = "Do synthetic images help?"
    learner = "classifier"
    scores = SCORES
    heads = (*(score.title for score in SCORES.values()), DERIVED["ece_before"].title)

    def __init__(self, place: StudyDirectory, by: str = ""):
        super().__init__(place)
        predicted = self.of_each(place.probabilities)
        self.results = compare(self.study, np.array(self.test["labels"]), predicted)
        self.groups = studied_groups(place, by, predicted) if by else None

    @property
    def cells(self) -> dict[str, list[str]]:
        """Below `heads`, by arm."""
        return {
            result.arm: [
                *(with_interval(result.scores[name], DIGITS) for name in SCORES),
                number(self.ece_before(result.arm), DIGITS),
            ]
            for result in self.results
        }

    def confusion(self, arm: str) -> np.ndarray:
        """Counts summed over the seeds, (classes, classes)."""
        return np.sum([outcome.confusion for outcome in self.outcomes[arm]], axis=0)

    def ece_before(self, arm: str) -> float:
        return float(np.mean([o.uncalibrated["ece"] for o in self.outcomes[arm]]))

    @property
    def sentences(self) -> list[str]:
        """What the study found, an arm a sentence, and what of subgroups."""
        if not self.groups:
            return super().sentences
        of_groups = group_sentences(list(self.groups.gaps.values()))
        return [*super().sentences, *self.groups.refused, *of_groups]

    @property
    def protocol(self) -> list[str]:
        """What the figures depend on, a line each."""
        study = self.study
        subsample = ", ".join(f"{name}: {count}" for name, count in study.subsample)
        return [
            f"data: {public_name(study.data.source)}; classes {', '.join(self.test['classes'])}",
            self.tested_on(),
            "validation: real images in every arm, for early stopping and the temperature",
            f"training images: {self.trained_on()}",
            *([f"training images kept of subsampled classes: {subsample}"] if subsample else []),
            f"classifier: {study.classifier.name}, {study.classifier.network.image_shape[0]} px, "
            f"class weights {'on' if study.classifier.class_weights else 'off'}; as many updates "
            "between two validations in every arm",
            *[
                f"generator {a.name}: {a.experiment.name}, {a.experiment.model.image_shape[0]} px, "
                + (f"{a.updates} updates" if a.updates else f"{a.experiment.epochs} epochs")
                + ", a new one for each seed, on the training part only"
                for a in study.generators
            ],
            self.resampled("test images within each class"),
            *(["labels were shuffled: no arm can win"] if study.shuffle_labels else []),
            *study.deviations,
        ]
