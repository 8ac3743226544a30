"""Which machines train together, from TF_CONFIG; free of TensorFlow."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tfmedgan.errors import InputError, require

STRATEGIES = ("none", "mirrored", "multiworker")
EXAMPLE = (
    '{"cluster": {"worker": ["host1:2222", "host2:2222"]}, "task": {"type": "worker", "index": 0}}'
)
ROLES = ("chief", "worker")


@dataclass(frozen=True)
class Task:
    """One process of those that train together; by itself it is number 0 of 1."""

    strategy: str = "none"
    number: int = 0
    workers: int = 1
    address: str = ""  # where the others reach it

    @property
    def is_chief(self) -> bool:
        """Whether this process writes the run directory."""
        return self.number == 0

    @property
    def record(self) -> dict:
        """What environment.json says."""
        return {"strategy": self.strategy, "workers": self.workers}

    def __str__(self) -> str:
        return f"worker {self.number} of {self.workers}"


def task(strategy: str, environment: Mapping[str, str]) -> Task:
    """This process's place, for a value of --strategy.

    Raises:
        InputError: for an unknown strategy, or one that the environment does not suit.
    """
    require(
        strategy in STRATEGIES, f"--strategy {strategy}: unknown; valid: {', '.join(STRATEGIES)}"
    )
    return _from_tf_config(environment) if strategy == "multiworker" else Task(strategy)


def _from_tf_config(environment: Mapping[str, str]) -> Task:
    text = environment.get("TF_CONFIG", "").strip()
    require(
        text,
        "--strategy multiworker: TF_CONFIG is not set; each worker's environment needs one "
        f"with all addresses and its own index, for example {EXAMPLE}",
    )
    try:
        config = json.loads(text)
    except json.JSONDecodeError as error:
        where = f"from character {error.pos + 1} on"
        raise InputError(f"TF_CONFIG: not JSON {where}; an example: {EXAMPLE}") from error
    addresses = _addresses(config)
    kind, index = _place(config, {role: len(places) for role, places in addresses.items()})
    before = len(addresses.get("chief", ())) if kind == "worker" else 0
    every = sum(map(len, addresses.values()))
    return Task("multiworker", before + index, every, addresses[kind][index])


def _addresses(config: Any) -> dict[str, list[str]]:
    """Addresses of the chief, if one is named, and of the workers."""
    cluster: Any = config.get("cluster") if isinstance(config, dict) else None
    known = isinstance(cluster, dict) and cluster
    require(known, f'TF_CONFIG: no "cluster"; an example: {EXAMPLE}')
    others = sorted(set(cluster) - set(ROLES))
    require(not others, f"TF_CONFIG: cluster has {', '.join(others)}; known are chief and worker")
    for role, places in cluster.items():
        require(
            isinstance(places, list) and places and all(map(_is_address, places)),
            f'TF_CONFIG: cluster["{role}"] must be a list of "host:port"; an example: {EXAMPLE}',
        )
    require(len(cluster.get("chief", "1")) == 1, "TF_CONFIG: more than one chief")
    every = [address for places in cluster.values() for address in places]
    twice = sorted({address for address in every if every.count(address) > 1})
    require(not twice, f"TF_CONFIG: {', '.join(twice)} is given twice; each worker has its own")
    return cluster


def _is_address(text: Any) -> bool:
    host, _, port = text.rpartition(":") if isinstance(text, str) else ("", "", "")
    return bool(host) and port.isdecimal() and 0 < int(port) < 2**16


def _place(config: dict, sizes: dict[str, int]) -> tuple[str, int]:
    """Role and index of this process."""
    own: Any = config.get("task")
    require(isinstance(own, dict), f'TF_CONFIG: no "task"; an example: {EXAMPLE}')
    kind, index = own.get("type"), own.get("index")
    require(
        kind in sizes,
        f"TF_CONFIG: task type {kind!r} is not in the cluster; it has {', '.join(sizes)}",
    )
    require(
        type(index) is int and 0 <= index < sizes[kind],
        f"TF_CONFIG: task index {index!r}; the cluster's {kind} has 0 to {sizes[kind] - 1}",
    )
    return kind, index
