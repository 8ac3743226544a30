"""Images of two sources in pairs, for metrics that compare one image with another."""

from pathlib import Path

from tfmedgan.errors import require
from tfmedgan.evaluation.images import ImagePool, open_pool


def named_pairs(folder: str, against: str) -> tuple[ImagePool, ImagePool]:
    """Images of two sources that have the same names but for their suffix, in one order.

    Raises:
        InputError: when a name is in one source only, or twice in one.
    """
    pools = open_pool(folder, "generated"), open_pool(against, "real")
    places = [_places(pool, of) for pool, of in zip(pools, (folder, against), strict=True)]
    _require_in(places[1], places[0], against, folder)
    _require_in(places[0], places[1], folder, against)
    fake, real = (
        pool.take([place[name] for name in sorted(place)])
        for pool, place in zip(pools, places, strict=True)
    )
    return fake, real


def _places(pool: ImagePool, folder: str) -> dict[str, int]:
    """Where in the pool each name stands, without its suffix."""
    places: dict[str, int] = {}
    for index, name in enumerate(pool.names):
        plain = str(Path(name).with_suffix(""))
        require(
            plain not in places,
            f"--pairs: {folder} has two images named {plain}: "
            f"{pool.names[places.get(plain, index)]} and {name}; leave one",
        )
        places[plain] = index
    return places


def _require_in(there: dict[str, int], here: dict[str, int], other: str, folder: str) -> None:
    single = sorted(here.keys() - there.keys())
    require(
        not single,
        f"--pairs: {folder} has {', '.join(single[:1])}, and {other} no image of that name; give "
        "files of the same names",
    )
