"""Prepared images as a TensorFlow Datasets data set, which plain `tfds` loads."""

import contextlib
import os
import tempfile
from pathlib import Path

import tensorflow_datasets as tfds

from tfmedgan.data.masks import has_mask, image_channels, without_mask
from tfmedgan.data.prepare import PreparedData
from tfmedgan.data.reading import Progress
from tfmedgan.data.storage import read_rows
from tfmedgan.data.tfds_names import check_target
from tfmedgan.errors import require


class Prepared(  # type: ignore[call-arg]  # an option of the base, which has no types
    tfds.core.GeneratorBasedBuilder, skip_registration=True
):
    """Writes `PreparedData`; the parts of the split become the splits of the data set."""

    VERSION = tfds.core.Version("1.0.0")

    def __init__(self, *, prepared, name, description, progress, **options):
        self.prepared, self.name, self.about = prepared, name, description
        self.progress, self.done = progress, 0
        super().__init__(**options)

    def _info(self) -> tfds.core.DatasetInfo:
        height, width, channels = self.prepared.parts["train"].images.shape[1:]
        shape = (height, width, image_channels(channels))
        features = {"image": tfds.features.Image(shape=shape), "name": tfds.features.Text()}
        if has_mask(channels):
            features["mask"] = tfds.features.Image(shape=(height, width, 1))
        if self.prepared.class_names:
            features["label"] = tfds.features.ClassLabel(names=list(self.prepared.class_names))
        card = self.prepared.card
        return self.dataset_info_from_configs(
            features=tfds.features.FeaturesDict(features),
            supervised_keys=("image", "label") if "label" in features else None,
            description=self.about,
            homepage=card.get("homepage"),
            citation=card.get("citation"),
            license=card.get("licence"),
        )

    def _split_generators(self, dl_manager):
        parts = {name: part for name, part in self.prepared.parts.items() if len(part)}
        return {name: self._generate_examples(part) for name, part in parts.items()}

    def _generate_examples(self, part):
        total = sum(len(part) for part in self.prepared.parts.values())
        for index, (name, label) in enumerate(zip(part.names, part.labels, strict=True)):
            image = read_rows(part.images, [index])[0]
            example = {"image": without_mask(image), "name": name}
            if has_mask(image.shape[2]):
                example["mask"] = image[..., -1:]
            self.done += 1
            if self.progress:
                self.progress(self.done, total, "writing")
            yield index, example | ({"label": int(label)} if self.prepared.class_names else {})


def write_tfds(
    prepared: PreparedData,
    folder: Path,
    name: str = "prepared",
    file_format: str = "tfrecord",
    description: str = "",
    progress: Progress | None = None,
) -> Path:
    """Write `folder/name/1.0.0`, which plain TFDS reads, with split.json in it, or nothing.

    `tfds.load(name, data_dir=folder)` reads "tfrecord"; `tfds.data_source(name,
    data_dir=folder)` reads "array_record", image by image, so that it may exceed the memory.

    Args:
        name: of the data set: small letters, digits and underscores.
        description: how the images were made.

    Raises:
        InputError: for a name or format that TFDS does not take, or a set that exists.
    """
    check_target(name, file_format)
    folder = Path(folder)
    target = folder / name / "1.0.0"
    require(not target.exists(), f"{target}: exists already; choose another --out or --name")
    folder.mkdir(parents=True, exist_ok=True)
    tfds.disable_progress_bar()
    with tempfile.TemporaryDirectory(dir=folder, prefix=f".{name}.") as staging:
        builder = Prepared(
            prepared=prepared,
            name=name,
            description=description,
            progress=progress,
            data_dir=staging,
            file_format=file_format,
        )
        with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
            builder.download_and_prepare()  # it prints
        made = Path(staging, name, "1.0.0")
        prepared.split.write(made / "split.json")
        target.parent.mkdir(exist_ok=True)
        made.rename(target)
    return target
