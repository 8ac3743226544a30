"""The sites of an experiment whose images are in several places."""

from dataclasses import dataclass

from tfmedgan.errors import require
from tfmedgan.serialization import configuration


@configuration
@dataclass(frozen=True)
class Federation:
    """Sites that share no images, but the weights that each has trained (McMahan et al. 2017).

    An epoch of the experiment is then a round: every site makes so many local steps, and the
    weights are averaged.
    """

    sites: str  # the column that names the site of each image, or the number of sites
    local_steps: int = 100  # between two averages, as in Carrasco Limeros et al. 2022
    only: str = ""  # the one site that trains, to compare with; empty: all

    def __post_init__(self) -> None:
        require(self.sites.strip(), "--sites is empty; name a column, or give a number of sites")
        require(
            self.number != 1 and self.sites != "0",
            f"--sites {self.sites}: a federation has two or more",
        )
        require(
            not (self.sites[0] in "+-" and self.sites[1:].isdigit()),
            f"--sites {self.sites}: neither a column nor a number of sites",
        )
        require(self.local_steps >= 1, f"--local-steps {self.local_steps}: must be at least 1")

    @property
    def training_sites(self) -> int:
        """How many sites train; 0: a column says it."""
        return 1 if self.only else self.number

    @property
    def number(self) -> int:
        """How many sites patients are dealt out to; 0: a column says who is where."""
        return int(self.sites) if self.sites.isascii() and self.sites.isdigit() else 0
