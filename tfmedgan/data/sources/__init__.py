"""SOURCE of the command line → `ImageSet`. One module per kind of source."""

from pathlib import Path

from tfmedgan.data.records import ImageSet
from tfmedgan.errors import InputError

KINDS = "a folder of images, manifest:NAME[:DIR], a manifest .yaml, phantom:fundus|chest|foot"


def open_source(
    source: str,
    *,
    allow_missing: bool = False,
    seed: int = 0,
    download: bool = False,
    skip_bad: bool = False,
) -> ImageSet:
    """The data set that `source` names; no pixel of it is read yet.

    Args:
        source: as on the command line.
        allow_missing: leave out listed images that are absent instead of failing.
        seed: of the phantoms.
        download: let TFDS fetch a data set that is not on this machine.
        skip_bad: leave out entries that cannot be used instead of failing.

    Raises:
        InputError: one line naming the file or the option and what would be right.
    """
    if not source:
        raise InputError(f"no data given; --data takes {KINDS}")
    if source.startswith("phantom:"):
        from tfmedgan.data.sources.phantom import open_phantom

        return open_phantom(source, seed)
    if source.startswith("manifest:") or Path(source).suffix.lower() in (".yaml", ".yml"):
        from tfmedgan.data.sources.manifested import open_manifest

        return open_manifest(source, allow_missing)
    from tfmedgan.data.sources.folder import open_folder

    return open_folder(source)
