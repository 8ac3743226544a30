"""One round by Flower: the weights to all sites, and what comes back.

Flower carries the messages. Its strategy `FedAvg` is not used: it adds up in the order in which
sites answer, which would not repeat bit for bit, and takes weights that are not finite.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from flwr.app import Message, MessageType
from flwr.serverapp import Grid

from tfmedgan.federated import messages
from tfmedgan.federated.averaging import Round, checked

SILENT = "did not answer: its process ended, or failed; see the log there"


class Nodes(Protocol):
    """Who is there."""

    def names(self, grid: Grid) -> dict[int, str]:
        """Number of each connected node → name of its site."""

    def absent(self, present: Sequence[str]) -> dict[str, str]:
        """Sites that should be there and are not → why they take no part."""


class Exchange:
    """Calls are rounds; see `tfmedgan.federated.coordinator`."""

    def __init__(self, grid: Grid, nodes: Nodes, **texts: str):
        """
        Args:
            texts: sent to every site beside the weights.
        """
        self.grid, self.nodes, self.texts = grid, nodes, texts

    def __call__(self, number: int, arrays: Sequence[np.ndarray]) -> Round:
        names = self.nodes.names(self.grid)
        content = messages.order(number, arrays, **self.texts)
        sent = [Message(content, node, MessageType.TRAIN) for node in names]
        replies = list(self.grid.send_and_receive(sent))
        left_out = self.nodes.absent(list(names.values())) | dict.fromkeys(names.values(), SILENT)
        updates = []
        for reply in replies:
            if reply.has_error():  # it may come from the SuperLink, in place of a node that is gone
                continue
            site = names[reply.metadata.src_node_id]
            del left_out[site]
            if reason := messages.texts(reply).get("reason"):
                left_out[site] = reason
            else:
                updates.append(messages.update_of(reply))
        result = checked(updates, arrays)
        return Round(
            result.updates, left_out | result.left_out,
            sum(map(messages.size, sent)), sum(map(messages.size, replies)),
        )  # fmt: skip
