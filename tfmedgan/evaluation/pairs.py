"""Images of two sources in pairs, for metrics that compare one image with another."""

from pathlib import Path

from tfmedgan.errors import require
from tfmedgan.evaluation.images import ImagePool, open_pool


def named_pairs(folder: str, against: str) -> tuple[ImagePool, ImagePool]:
    """Images of two sources that have the same names but for their suffix, in one order.

    Raises:
        InputError: when a name is in one source only.
    """
    pools = open_pool(folder, "generated"), open_pool(against, "real")
    places = [{str(Path(n).with_suffix("")): i for i, n in enumerate(p.names)} for p in pools]
    single = sorted(places[0].keys() ^ places[1].keys())
    require(
        not single,
        f"--pairs: {single[:1]} is in one of {folder} and {against} only; "
        "give files of the same names",
    )
    fake, real = (
        pool.take([place[name] for name in sorted(place)])
        for pool, place in zip(pools, places, strict=True)
    )
    return fake, real
