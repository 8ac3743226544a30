"""limeros2022, decentral part: three institutions, federated and each alone."""

from dataclasses import replace

from tfmedgan.config import Experiment, Federation
from tfmedgan.papers import publish
from tfmedgan.papers.limeros2022 import UNCONDITIONAL

SITES = ("site-1", "site-2", "site-3")

FEDERATED = replace(
    UNCONDITIONAL,
    # tfmedgan-train --preset limeros2022/federated --data manifest:isic2020:DIR
    paper="limeros2022, federated",
    federation=Federation("3", local_steps=100),
    unstated=(
        *UNCONDITIONAL.unstated,
        "what becomes of the optimizers: their state stays at each site",
        "rounds: as many as show as many images as training in one place",
    ),
    deviations=(
        *UNCONDITIONAL.deviations,
        "patients are dealt out evenly; the document's sites have 1,865, 10,016 and 18,003 images "
        "to train on, with 17, 14 and 11 % melanoma",
    ),
)


def _alone(site: str) -> Experiment:
    """One site by itself, which shows as many images as training in one place."""
    federation = Federation("3", local_steps=100, only=site)
    return replace(FEDERATED, paper=f"limeros2022, {site} alone", federation=federation)


publish(
    "limeros2022",
    {
        "federated": FEDERATED,
        **{f"alone-{site}": _alone(site) for site in SITES},
        "federated-conditional": replace(
            FEDERATED,
            paper="limeros2022, federated with labels",
            model=replace(FEDERATED.model, n_classes=2),
        ),
    },
)
