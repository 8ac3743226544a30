"""The run directory: where everything about one training run is kept."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar, TypeVar

import tfmedgan.architectures  # noqa: F401  (so that config.json's models are known)
from tfmedgan.config import Experiment
from tfmedgan.data.prepare import PreparedData
from tfmedgan.data.records import ImageArrays
from tfmedgan.data.split_file import Split
from tfmedgan.errors import InputError, require
from tfmedgan.files import csv_text, locked, new_directory, read_json, write_json, write_text
from tfmedgan.run_logs import json_lines, read_rows
from tfmedgan.serialization import JsonDocument

LOSSES = {  # columns of metrics.csv, with their titles
    "d_loss": "Loss D", "critic_loss": "Loss critic", "g_loss": "Loss G",
    "wasserstein": "Wasserstein estimate",
}  # fmt: skip
OUTPUTS = {"d_real": "D(x)", "d_fake_before": "D(G(z)) before", "d_fake_after": "D(G(z)) after"}

KINDS = {  # type of config.json → whose run it is, and the command that trains such
    "Experiment": ("a GAN", "tfmedgan-train"),
    "ClassifierExperiment": ("a classifier", "tfmedgan-classify"),
    "SegmentationExperiment": ("a U-Net", "tfmedgan-segment"),
}

Run = TypeVar("Run", bound="TrainingDirectory")


@dataclass(frozen=True)
class TrainingDirectory:
    """What the directories of runs share, of a GAN, a classifier or a U-Net."""

    path: Path

    folders: ClassVar[tuple[str, ...]] = ("checkpoints",)  # made with the run
    kind: ClassVar[str] = ""  # of `KINDS`; empty: any

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", Path(self.path))

    @classmethod
    def create(
        cls: type[Run], path: Path, experiment: JsonDocument, data: dict, environment: dict
    ) -> Run:
        """Make a new run directory, complete or not at all.

        Raises:
            InputError: if `path` exists.
        """
        path = Path(path)
        require(
            not path.exists(),
            f"{path}: exists already; choose another --out, or continue it with --resume {path}",
        )
        with new_directory(path) as staging:
            run = cls(staging)
            write_text(run.config_path, experiment.to_json())
            write_json(staging / "data.json", data)
            write_json(staging / "environment.json", environment)
            for folder in cls.folders:
                (staging / folder).mkdir()
        return cls(path)

    @classmethod
    def open(cls: type[Run], path: Path) -> Run:
        """An existing run directory.

        Raises:
            InputError: if `path` is none, or one of another kind.
        """
        run = cls(path)
        said = "is a file, and no" if run.path.is_file() else "no such"
        require(run.path.is_dir(), f"{path}: {said} run directory")
        require(run.config_path.is_file(), f"{path}: not a run directory, config.json is missing")
        found = run._kind_found()
        if cls.kind and found != cls.kind and found in KINDS:
            (whose, command), wanted = KINDS[found], KINDS[cls.kind][0]
            raise InputError(f"{path}: is the run of {whose} ({command}); give the run of {wanted}")
        return run

    def _kind_found(self) -> str:
        """The type that config.json names; what is damaged in it is told where it is read."""
        try:
            return str(json.loads(self.config_text())["type"])
        except (ValueError, TypeError, KeyError):
            return ""

    @contextmanager
    def alone(self) -> Iterator[None]:
        """No other process trains this run meanwhile.

        Raises:
            InputError: if one does; two would write over each other's checkpoints.
        """
        with locked(self.path / ".lock", wait=False) as is_free:
            require(is_free, f"{self.path}: another process is training this run; let it end first")
            yield

    config_path = property(lambda self: self.path / "config.json")
    metrics_csv = property(lambda self: self.path / "metrics.csv")
    metrics_jsonl = property(lambda self: self.path / "metrics.jsonl")
    diversity_csv = property(lambda self: self.path / "diversity.csv")
    validation_csv = property(lambda self: self.path / "validation.csv")
    rounds_jsonl = property(lambda self: self.path / "rounds.jsonl")
    summary_path = property(lambda self: self.path / "summary.json")
    checkpoints = property(lambda self: self.path / "checkpoints")

    @cached_property
    def data(self) -> dict:
        """The content of data.json."""
        path = self.path / "data.json"
        content = read_json(path)
        kinds = {"digest": str, "classes": list, "split": dict}
        require(
            isinstance(content, dict)
            and all(isinstance(content.get(name), kind) for name, kind in kinds.items()),
            f"{path}: is no record of a run's images; restore it from a backup",
        )
        return content

    @property
    def split(self) -> Split:
        """The split that the run was trained with."""
        return Split.from_json(json.dumps(self.data["split"]), f"{self.path / 'data.json'}: split")

    def config_text(self) -> str:
        """The content of config.json."""
        try:
            return self.config_path.read_text()
        except ValueError as error:
            raise InputError(f"{self.config_path}: is no text; restore it from a backup") from error

    @property
    def summary(self) -> dict:
        """The content of summary.json; empty while the run goes on."""
        content = read_json(self.summary_path) if self.summary_path.exists() else {}
        require(
            isinstance(content, dict) and (not content or {"epochs", "stopped"} <= content.keys()),
            f"{self.summary_path}: does not say how a run ended; restore it from a backup",
        )
        return content

    def is_finished(self, epochs: int) -> bool:
        """Whether training ended by itself: after so many epochs, or early but not on request."""
        stopped = self.summary.get("stopped")
        early = bool(stopped) and stopped != "on request"
        return bool(self.summary) and (early or len(self.history()) == epochs)

    def history(self) -> list[dict]:
        """One dictionary per finished epoch: its number, of a GAN its step, and the metrics."""
        return read_rows(self.metrics_csv)

    def rounds(self) -> list[dict]:
        """Of a federation: who took part in each round, who was left out and why, and bytes."""
        return [row for _, row in json_lines(self.rounds_jsonl)]

    @property
    def logs(self) -> tuple[list[dict], list[dict]]:
        """The history, and the diversity of samples: what alarms are read from."""
        diversity = ("epoch", "step", "ms_ssim_fake", "ms_ssim_real")
        return self.history(), read_rows(self.diversity_csv, diversity)

    def rewind(self, epoch: int, step: int) -> None:
        """Drop log rows that lie after the given epoch and step."""
        for path in (self.metrics_csv, self.diversity_csv, self.validation_csv):
            rows = [row for row in read_rows(path) if row["epoch"] <= epoch]
            if rows or path.exists():
                write_text(path, csv_text(rows))
        for path in (self.metrics_jsonl, self.rounds_jsonl):
            if path.exists():
                kept = [line for line, row in json_lines(path) if row["step"] <= step]
                write_text(path, "".join(f"{line}\n" for line in kept))


class RunDirectory(TrainingDirectory):
    """Paths and contents of a GAN's run; see the README for the layout."""

    folders = ("samples", "checkpoints", "tensorboard")
    kind = "Experiment"

    tensorboard = property(lambda self: self.path / "tensorboard")
    samples = property(lambda self: self.path / "samples")
    generator_path = property(lambda self: self.path / "generator.keras")
    evaluation = property(lambda self: self.path / "evaluation")

    @classmethod
    def finished(cls, path: Path) -> "RunDirectory":
        """An existing run directory that has a generator.

        Raises:
            InputError: as `open`, and if there is no generator yet.
        """
        run = cls.open(path)
        require(
            run.generator_path.is_file(),
            f"{run.generator_path}: missing; finish the run with tfmedgan-train --resume {path}",
        )
        return run

    @cached_property
    def experiment(self) -> Experiment:
        return Experiment.from_json(self.config_text(), str(self.config_path))

    def history(self) -> list[dict]:
        return read_rows(self.metrics_csv, ("epoch", "step"))

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names of the labels that the generator takes, in order; empty if unconditional."""
        model, names = self.experiment.model, tuple(self.data["classes"])
        require(
            not model.conditional or len(names) == model.n_classes,
            f"{self.path}: data.json names {len(names)} classes, config.json {model.n_classes}; "
            "they are not of one run",
        )
        return names if model.conditional else ()


def data_record(data: PreparedData) -> dict:
    """The content of data.json for a `PreparedData`."""
    return {
        "source": data.source,
        "digest": data.digest,
        "classes": list(data.class_names),
        "counts": counts(data),
        "trained_on": list(data.parts["train"].names),
        "split": json.loads(data.split.to_json()),
        "value_range": list(data.value_range),
        "skipped": [{"name": name, "reason": reason} for name, reason in data.skipped],
        "card": data.card,
    }


def counts(data: PreparedData) -> dict[str, dict[str, int]]:
    """Numbers of images by part, and there by class and in all."""

    def of_part(arrays: ImageArrays) -> dict[str, int]:
        tally = Counter(arrays.labels.tolist())
        named = {name: tally[index] for index, name in enumerate(data.class_names)}
        return {**named, "all": len(arrays)}

    return {part: of_part(arrays) for part, arrays in data.parts.items()}
