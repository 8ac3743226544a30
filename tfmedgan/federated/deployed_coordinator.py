"""The coordinator on a machine of its own: it has no images, and asks the sites what they have."""

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from flwr.app import Message, MessageType
from flwr.serverapp import Grid

from tfmedgan.config import Experiment
from tfmedgan.errors import InputError, require
from tfmedgan.federated import messages
from tfmedgan.federated.coordinator import Coordinator
from tfmedgan.federated.exchange import Exchange
from tfmedgan.files import write_json
from tfmedgan.run_directory import RunDirectory
from tfmedgan.training.callbacks import StopOnRequest
from tfmedgan.training.checkpoints import CheckpointStore

WAIT = 1.0  # seconds between looks at who is connected


class ConnectedNodes:
    """Who is connected, by what each says of itself."""

    def __init__(self, experiment: str):
        self.experiment = experiment
        self.known: dict[int, dict[str, Any]] = {}  # node → its introduction

    def wait_for(self, grid: Grid, number: int) -> list[dict[str, Any]]:
        """The introductions of so many sites, once they are there.

        Raises:
            InputError: for a site that cannot take part, or a name that two have.
        """
        while len(self.known) < number:
            self._meet(grid, strict=True)
            time.sleep(WAIT)
        return list(self.known.values())

    def names(self, grid: Grid) -> dict[int, str]:
        present = self._meet(grid)
        return {node: who["site"] for node, who in self.known.items() if node in present}

    def absent(self, present: Sequence[str]) -> dict[str, str]:
        expected = {who["site"] for who in self.known.values()}
        return dict.fromkeys(expected - set(present), "is not connected")

    def _meet(self, grid: Grid, strict: bool = False) -> set[int]:
        """Ask those who are new; a site that comes back has another number."""
        present = set(grid.get_node_ids())
        question = messages.facts(experiment=self.experiment)
        asked = [Message(question, n, MessageType.QUERY) for n in present - self.known.keys()]
        for reply in grid.send_and_receive(asked) if asked else ():
            if reply.has_error():
                continue
            self._admit(reply.metadata.src_node_id, messages.texts(reply), present, strict)
        return present

    def _admit(self, node: int, who: Mapping[str, Any], present: set[int], strict: bool) -> None:
        try:
            require("reason" not in who, f"a site cannot take part: {who.get('reason')}")
            named = [n for n, other in self.known.items() if other["site"] == who["site"]]
            require(
                not any(n in present for n in named),
                f"two sites are called {who['site']}; give each a name of its own",
            )
        except InputError:
            if strict:
                raise
            return
        for former in named:
            del self.known[former]
        self.known[node] = dict(who)


def coordinate(grid: Grid, path: Path) -> None:
    """All rounds that are left of the run directory at `path`.

    Raises:
        InputError, JobError: as `Coordinator.lead`, and for sites that cannot take part.
    """
    run = RunDirectory.open(path)
    experiment = run.experiment
    assert experiment.federation is not None, "the command has looked"
    text = experiment.to_json()
    nodes = ConnectedNodes(text)
    with run.alone():
        sites = nodes.wait_for(grid, experiment.federation.number)
        write_json(run.path / "data.json", run.data | _record(sites))
        weights = [who["images"] for who in sites]
        of_reals = float(np.average([who["similarity"] for who in sites], weights=weights))
        # Only `how_to_go_on` of it is used: Ctrl-C is for the command that waits.
        stop = StopOnRequest(run, CheckpointStore(run.checkpoints), "--superlink HOST:PORT")
        coordinator = Coordinator(run, experiment, stop)
        exchange = Exchange(grid, nodes, experiment=text)
        coordinator.lead(exchange, round(of_reals, 6), experiment.data.classes, progress=False)


def data_record(experiment: Experiment) -> dict:
    """data.json before any site is known."""
    return {
        "source": "the sites' own",
        "digest": "",
        "classes": list(experiment.data.classes),
        "counts": {},
        "trained_on": [],
        "split": {},
        "value_range": list(experiment.data.value_range),
        "skipped": [],
        "card": {},
        "sites": {},
    }


def _record(sites: Sequence[Mapping[str, Any]]) -> dict:
    """Numbers of images, in all and by site."""
    counts = {who["site"]: json.loads(who["counts"]) for who in sites}
    total: dict[str, dict[str, int]] = {}
    for parts in counts.values():
        for part, classes in parts.items():
            for name, count in classes.items():
                there = total.setdefault(part, {})
                there[name] = there.get(name, 0) + count
    return {"counts": total, "sites": {site: {"counts": c} for site, c in counts.items()}}
