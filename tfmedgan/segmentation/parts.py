"""The parts of the data of a U-Net, of which one is held out in any case."""

from dataclasses import replace

from tfmedgan.config import DataConfig
from tfmedgan.data.prepare import PreparedData, prepare
from tfmedgan.data.records import ImageArrays, Progress, Record
from tfmedgan.data.splits import make_split
from tfmedgan.data.storage import read_rows


def prepared(config: DataConfig, seed: int, progress: Progress | None = None) -> PreparedData:
    """What `prepare` makes of the data, with a test part.

    Publishers may keep the masks of their test part to themselves. Then, unless a split file is
    given, their validation part is the test part, and a share of the training images, as
    `fractions` divides them, is the validation part.
    """
    data = prepare(config, seed, progress)
    withheld = data.split.validation and not data.split.test and config.fractions[1]
    return _held_out(data, config, seed) if withheld and not config.split_file else data


def _held_out(data: PreparedData, config: DataConfig, seed: int) -> PreparedData:
    split, train = data.split, data.parts["train"]
    group_of = {name: str(index) for index, group in enumerate(split.groups) for name in group}
    label_of = dict(zip(train.names, train.labels.tolist(), strict=True))
    records = [Record(name, label_of[name], None, group_of.get(name, "")) for name in train.names]
    first, second = config.fractions[:2]
    new = make_split(records, (first / (first + second), second / (first + second), 0.0), seed)
    note = (
        f"no test images have masks: the {len(split.validation)} validation images are the test "
        f"part, and {len(new.validation)} of {len(train)} training images the validation part"
    )
    whole = replace(
        split, train=new.train, validation=new.validation, test=split.validation,
        warnings=(*split.warnings, note),
    )  # fmt: skip
    parts = {
        "train": _only(train, new.train),
        "validation": _only(train, new.validation),
        "test": data.parts["validation"],
    }
    return replace(data, parts=parts, split=whole)


def _only(arrays: ImageArrays, names: tuple[str, ...]) -> ImageArrays:
    position = {name: index for index, name in enumerate(arrays.names)}
    rows = [position[name] for name in names]
    return ImageArrays(read_rows(arrays.images, rows), arrays.labels[rows], names)
