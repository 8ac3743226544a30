"""SOURCE of the command line → `ImageSet`. One module per kind of source."""

from pathlib import Path

from tfmedgan.data.records import ImageSet
from tfmedgan.errors import InputError, require, require_printable

KINDS = (
    "a folder of images or of idx files, an .npz file, a .csv file of paths and labels, "
    "manifest:NAME[:DIR], a manifest .yaml, tfds:NAME[:DIR], phantom:fundus|chest|foot"
)


def open_source(
    source: str,
    *,
    allow_missing: bool = False,
    seed: int = 0,
    download: bool = False,
    skip_bad: bool = False,
    classes: tuple[str, ...] = (),
) -> ImageSet:
    """The data set that `source` names; no pixel of it is read yet.

    Args:
        allow_missing: leave out listed images that are absent instead of failing.
        seed: of the phantoms.
        download: let TFDS fetch a data set that is not on this machine.
        skip_bad: leave out entries that cannot be used instead of failing.
        classes: the only ones whose images have to be there; empty: all.

    Raises:
        InputError: one line naming the file or the option and what would be right.
    """
    if not source:
        raise InputError(f"no data given; --data takes {KINDS}")
    require_printable(source, "--data ")
    if source.startswith("phantom:"):
        from tfmedgan.data.sources.phantom import open_phantom

        return open_phantom(source, seed)
    if source.startswith("tfds:"):
        from tfmedgan.data.sources.tfds import open_tfds

        return open_tfds(source, download)
    if source.startswith("manifest:") or Path(source).suffix.lower() in (".yaml", ".yml"):
        from tfmedgan.data.sources.manifested import open_manifest

        return open_manifest(source, allow_missing, skip_bad, classes)
    if Path(source).suffix.lower() == ".csv" and not Path(source).expanduser().is_dir():
        from tfmedgan.data.sources.table import open_table

        path = Path(source).expanduser()
        return open_table(source, path, allow_missing, skip_bad, classes)
    return _files(source)


def _files(source: str) -> ImageSet:
    """A path: an npz file, a folder of idx files, or a folder of images."""
    from tfmedgan.data.sources.folder import open_folder
    from tfmedgan.data.sources.idx import has_idx, open_idx
    from tfmedgan.data.sources.npz import open_npz

    path = Path(source).expanduser()
    if path.suffix.lower() == ".npz":
        require(path.is_file(), f"file {path} does not exist")
        return open_npz(source, path)
    require(path.is_dir() or not path.exists(), f"{path}: is a file; images are {KINDS}")
    return open_idx(source, path) if has_idx(path) else open_folder(source)
