"""Names and file formats that TensorFlow Datasets takes, known without loading it."""

import re

from tfmedgan.errors import require

FORMATS = ("tfrecord", "array_record")
NAME = re.compile(r"[a-z][a-z0-9_]*")


def check_target(name: str, file_format: str) -> None:
    """Raise `InputError` for a name or a format of a data set that TFDS does not take."""
    require(
        NAME.fullmatch(name) is not None,
        f"--name {name}: must be small letters, digits and underscores, beginning with a letter",
    )
    require(file_format in FORMATS, f"--format {file_format}: valid: {', '.join(FORMATS)}")
