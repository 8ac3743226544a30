"""A site on a machine of its own: what its SuperNode's app does with each message.

Flower starts a process for each message, so the prepared training images are kept in the site's
folder, beside what stays there of the training.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from tfmedgan.config import Experiment
from tfmedgan.data.prepare import PreparedData, prepare
from tfmedgan.data.records import ImageArrays
from tfmedgan.errors import InputError, require
from tfmedgan.federated.site import Site
from tfmedgan.federated.sites import record_of
from tfmedgan.files import replacing, write_json
from tfmedgan.training.alarms import similarity_of_reals
from tfmedgan.training.validation_checks import check

KEYS = ("site", "data", "folder")


@dataclass(frozen=True)
class DeployedSite:
    """What the SuperNode's `--node-config` says, and the coordinator's experiment."""

    name: str
    source: str
    folder: Path
    experiment: Experiment

    @classmethod
    def of(cls, node_config: Mapping[str, Any], experiment: str) -> "DeployedSite":
        """
        Args:
            experiment: as JSON, from the coordinator.

        Raises:
            InputError: without a name, images or a folder.
        """
        missing = [key for key in KEYS if not node_config.get(key)]
        require(
            not missing,
            f"--node-config lacks {', '.join(missing)}; for example: "
            '\'site="north" data="/images" folder="/training"\'',
        )
        name, source, folder = (str(node_config[key]) for key in KEYS)
        asked = Experiment.from_json(experiment, "the coordinator's experiment")
        own = replace(asked, data=replace(asked.data, source=source))
        return cls(name, source, Path(folder).expanduser(), own)

    def introduce(self) -> dict[str, Any]:
        """Read and split the images, keep those to train on, and say how many there are.

        The coordinator gets numbers and names of classes, and no name of an image.
        """
        data = prepare(self.experiment.data, self.experiment.seed)
        self._check(data)
        self.folder.mkdir(parents=True, exist_ok=True)
        data.split.write(self.folder / "split.json")
        write_json(self.folder / "data.json", record_of({self.name: data})[self.name])
        arrays = data.parts["train"]
        with replacing(self._images) as path, open(path, "wb") as file:
            named: dict[str, Any] = {"draws": arrays.draws} if arrays.draws is not None else {}
            np.savez(
                file, images=np.asarray(arrays.images), labels=arrays.labels,
                names=np.array(arrays.names), uniform=np.array(arrays.uniform), **named,
            )  # fmt: skip
        return {
            "site": self.name,
            "images": len(arrays),
            "counts": json.dumps(record_of({self.name: data})[self.name]["counts"]),
            "similarity": similarity_of_reals(
                arrays, self.experiment.seed, self.experiment.model.conditional
            ),
        }

    def opened(self) -> Site:
        """The site, to train."""
        require(self._images.is_file(), "has not been introduced; start the federation again")
        with np.load(self._images, allow_pickle=False) as file:
            draws = file["draws"] if "draws" in file.files else None
            arrays = ImageArrays(
                file["images"], file["labels"], tuple(file["names"].tolist()), draws,
                bool(file["uniform"]),
            )  # fmt: skip
        return Site(self.name, self.experiment, arrays, self.folder / "rounds")

    @property
    def _images(self) -> Path:
        """The prepared images; of other steps or another split it is another file."""
        text = f"{self.experiment.data!r}/{self.experiment.seed}"
        return self.folder / f"training-{hashlib.sha256(text.encode()).hexdigest()[:16]}.npz"

    def _check(self, data: PreparedData) -> None:
        try:
            check(self.experiment, data)
        except InputError as error:
            raise InputError(f"its images do not suit: {error}") from None
