"""What is evaluated: a training run, or any folder of images, and the real images beside it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

import tfmedgan.architectures  # noqa: F401  registers the configurations in config.json
from tfmedgan.config import DataConfig
from tfmedgan.data.prepare import PreparedData, prepare
from tfmedgan.data.steps import standard_steps
from tfmedgan.errors import InputError, require
from tfmedgan.evaluation.data_sets import data_of, strictest
from tfmedgan.evaluation.features import Progress
from tfmedgan.evaluation.images import ImagePool, array_pool
from tfmedgan.evaluation.run_images import (
    held_out_of,
    other_training_data,
    pools_of,
    prepare_again,
    reference_of,
    whole,
    with_former,
)
from tfmedgan.files import file_sha256
from tfmedgan.run_directory import RunDirectory
from tfmedgan.seeding import rng

NUM = 1000  # generated images, unless the user says otherwise
PHANTOM = "the images called real are a phantom: drawn by a program, not taken of anyone"
Groups = Sequence[Sequence[str]]
LARGEST_SIZE = 512  # pixels to which folders of images of several sizes are brought


@dataclass(frozen=True)
class EvaluationInputs:
    """Everything that an evaluation looks at."""

    name: str
    fake: ImagePool
    reference: ImagePool  # the real images of the metrics
    reference_name: str
    training: ImagePool  # what the generator may have copied; of runs it started from, too
    held_out: ImagePool | None
    class_names: tuple[str, ...] = ()  # empty: no classes, or fakes without labels
    card: dict | None = None
    provenance: dict | None = None  # of the data: source, digest, split
    notes: tuple[str, ...] = ()  # what a user should know of the images and their classes
    run: RunDirectory | None = None
    generator_sha256: str = ""
    labelled: ImagePool | None = None  # training images that have their labels
    groups: dict[str, Groups] = field(
        default_factory=dict
    )  # names of images of one patient, by set

    @property
    def phantom(self) -> bool:
        """Whether the images called real are drawn."""
        return (self.provenance or {}).get("source", "").startswith("phantom:")


def run_inputs(
    path: Path,
    *,
    against: str | None = None,
    num: int = NUM,
    seed: int = 0,
    progress: Progress | None = None,
    data: PreparedData | None = None,
    copies: bool = True,
) -> EvaluationInputs:
    """A run's generator beside the real images it has not seen.

    The reference is the test part, else the validation part, else the training part: the
    first with at least 20 images. `against` is the same data in another place, or other data,
    which are then the reference as a whole. `data` are the run's images, if they are at hand.
    Only to look for `copies` are the images of runs that this one started from needed.

    Raises:
        InputError: no run, no generator yet, or data that changed since the training.
    """
    run = RunDirectory.finished(path)
    data = prepare_again(run, against, progress, data)
    parts, own, reference = _parts_and_reference(run, data, against, progress)
    names, notes = run.class_names, data.notes
    shared = _renumbered(reference, data.class_names, names)
    if names and not shared:
        notes += (_mismatch(path, names, data),)
    labels = _labels(run, shared or parts["train"], num, seed)
    training = with_former(run, parts["train"], progress) if copies else parts["train"]
    return EvaluationInputs(
        name=Path(path).name,
        fake=array_pool(_sample(run, num, seed, labels), "generated", labels=labels),
        reference=shared or reference,
        reference_name=reference.name,
        training=training,
        held_out=held_out_of(parts),
        class_names=names if shared else (),
        card=data.card | {"redistribution": strictest(data_of(run))},
        provenance=_provenance(data),
        notes=notes,
        run=run,
        generator_sha256=file_sha256(run.generator_path),
        labelled=parts["train"],
        groups={"training": own, "held_out": own, "reference": data.split.groups},
    )


def folder_inputs(
    folder: str,
    against: str | None,
    *,
    members: str | None = None,
    non_members: str | None = None,
    num: int | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> EvaluationInputs:
    """A folder of generated images beside all images of the source `against`.

    All are brought to one size: that of the generated images, or, if these have several,
    to their median shorter side. `members` are what the generator was trained on, `non_members`
    real images that it never saw, and the reference where `against` is not given. Where they are
    not known, all of `against` may have been copied, and none is held out.

    Raises:
        InputError: no `against`, an empty folder, unreadable images.
    """
    against = against or non_members
    if not against:
        raise InputError(
            f"{folder}: is no run directory, so real images are needed; add --against SOURCE"
        )
    steps, size = _common_steps(folder)
    sources = {"reference": against, "training": members or against, "held_out": non_members}
    read = _read((folder, *sources.values()), steps, seed, progress)
    fakes, reals = read[folder], read[against]
    fake = whole(fakes, "generated").at_most(num, seed)
    pools = {role: whole(read[source], source) for role, source in sources.items() if source}
    shared = _renumbered(fake, fakes.class_names, reals.class_names)
    notes = dict.fromkeys((*fakes.card.get("notes", ()), *reals.card.get("notes", ())))
    if fakes.class_names and not shared:
        notes[_mismatch(folder, fakes.class_names, reals)] = None
    return EvaluationInputs(
        name=Path(folder).name,
        fake=shared or fake,
        reference=pools["reference"],
        reference_name=f"all of {against}",
        training=pools["training"],
        labelled=pools["training"],
        held_out=pools.get("held_out"),
        class_names=reals.class_names if shared else (),
        card=reals.card,
        provenance=_provenance(reals) | {"brought to": f"{size}×{size} pixels"},
        notes=tuple(notes),
        groups={role: read[source].split.groups for role, source in sources.items() if source},
    )


def _parts_and_reference(
    run: RunDirectory, data: PreparedData, against: str | None, progress: Progress | None
) -> tuple[dict[str, ImagePool], Groups, ImagePool]:
    """What the run's data were split into, its patients, and the real images of the metrics."""
    if against and data.digest != run.data["digest"]:
        return *other_training_data(run, progress), whole(data, f"all of {against}")
    parts = pools_of(data)
    return parts, data.split.groups, reference_of(parts)


def _labels(run: RunDirectory, reference: ImagePool, num: int, seed: int) -> np.ndarray | None:
    """Labels of the images to generate, in the proportion of the reference."""
    if not run.experiment.model.conditional or reference.labels is None:
        return None
    order = rng(seed, "evaluation/labels").permutation(len(reference))
    return np.resize(reference.labels[order], num).astype(np.int32)


def _sample(run: RunDirectory, num: int, seed: int, labels) -> np.ndarray:
    from tfmedgan.evaluation.run_generator import generator_of
    from tfmedgan.models.sampling import sample

    return sample(generator_of(run), num, seed, labels)


def _common_steps(folder: str) -> tuple[tuple, int]:
    """Steps that bring images to the generated images' own size and channels."""
    from tfmedgan.data.sources import open_source

    images = open_source(folder)
    require(bool(images.records), f"{folder}: no images in it")
    shapes = [np.shape(images.read(record)) for record in images.records[:200]]
    size = int(np.median([min(shape[:2]) for shape in shapes]))
    channels = 3 if any(len(shape) == 3 and shape[2] == 3 for shape in shapes) else 1
    size = min(size, LARGEST_SIZE)
    return standard_steps((size, size, channels)), size


def _read(
    sources: Sequence[str | None], steps: tuple, seed: int, progress: Progress | None
) -> dict[str, PreparedData]:
    """All images of each source that is given; one that is given twice is read once."""
    return {
        source: _all_of(DataConfig(source, steps, fractions=(1.0, 0.0, 0.0)), seed, progress)
        for source in dict.fromkeys(filter(None, sources))
    }


def _all_of(config: DataConfig, seed: int, progress: Progress | None) -> PreparedData:
    """All images, those too that a split drops since they resemble one of another part."""
    data = prepare(config, seed, progress)
    if not data.split.dropped:
        return data
    names = (*data.split.train, *(name for name, _ in data.split.dropped))
    split = replace(data.split, train=names, dropped=(), warnings=())
    return prepare(config, seed, progress, split=split)


def _renumbered(
    pool: ImagePool, names: tuple[str, ...], target: tuple[str, ...]
) -> ImagePool | None:
    """The pool with labels that index `target`, not `names`; None where one is not in it."""
    if not names or not set(names) <= set(target):
        return None
    places = np.array([target.index(name) for name in names], np.int32)
    return replace(pool, labels=places[pool.labels])


def _mismatch(subject: str | Path, names: tuple[str, ...], data: PreparedData) -> str:
    there = f"the classes {', '.join(data.class_names)}" if data.class_names else "no classes"
    return (
        f"{subject}: its classes {', '.join(names)} are not those of {data.source}, which has "
        f"{there}; nothing is measured class by class"
    )


def _provenance(data: PreparedData) -> dict:
    counts = {part: len(arrays) for part, arrays in data.parts.items() if len(arrays)}
    return {
        "source": data.source,
        "images": ", ".join(f"{part} {count}" for part, count in counts.items()),
        "classes": ", ".join(data.class_names) or "none",
        "digest of the images": data.digest,
        "digest of the split": data.split.digest,
    }
