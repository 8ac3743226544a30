"""A federation on one machine, by Flower's simulation engine.

The engine's own backend is Ray: several processes that each build the networks anew, and that
pickle what they send each other. Here the sites take their turns in one thread of this process,
so that one core, or one GPU, is enough and a network is built once.
"""

import secrets
import threading
from collections.abc import Callable, Sequence

from flwr.app import Context, Message
from flwr.clientapp import ClientApp
from flwr.common.constant import SUPERLINK_NODE_ID
from flwr.proto.task_pb2 import Task
from flwr.server.superlink.fleet.vce import vce_api
from flwr.server.superlink.fleet.vce.backend import Backend
from flwr.server.superlink.fleet.vce.metrics import VceMetrics
from flwr.server.superlink.linkstate import LinkStateFactory
from flwr.server.superlink.linkstate.in_memory_linkstate import RunRecord
from flwr.serverapp import Grid
from flwr.supercore.constant import FLWR_IN_MEMORY_DB_NAME, NOOP_FEDERATION_ID
from flwr.supercore.object_store import ObjectStoreFactory
from flwr.supercore.run import Run
from flwr.supercore.task_identity import TaskIdentity
from flwr.superlink.federation import NoOpFederationManager
from flwr.superlink.grid import InMemoryGrid


class InTurn(Backend):
    """Runs the sites' app in the engine's thread, one message after the other."""

    def __init__(self) -> None:
        super().__init__({})

    def build(self, app_fn: Callable[[], ClientApp]) -> None:
        self.app = app_fn()

    @property
    def num_workers(self) -> int:
        return 1

    def is_worker_idle(self) -> bool:
        return True

    def terminate(self) -> None:
        """Nothing is left that runs."""

    def process_message(self, message: Message, context: Context) -> tuple[Message, Context]:
        return self.app(message, context), context


class SimulatedNodes:
    """One node for each site, always connected."""

    def __init__(self, sites: dict[int, str]):
        self.sites = sites

    def names(self, grid: Grid) -> dict[int, str]:
        return self.sites

    def absent(self, present: Sequence[str]) -> dict[str, str]:
        return {}


def simulate(
    names: Sequence[str], app: ClientApp, main: Callable[[Grid, SimulatedNodes], None]
) -> None:
    """Run `main` on a grid of as many nodes as there are names, with the engine beside it.

    Args:
        app: of the sites; the partition of its context is the place of the site in `names`.
    """
    factory = LinkStateFactory(
        FLWR_IN_MEMORY_DB_NAME, NoOpFederationManager(), ObjectStoreFactory()
    )
    run = _registered_run(factory)
    partitions = vce_api._register_nodes(len(names), factory)
    stores = vce_api._register_node_info_stores(partitions, run)
    grid = InMemoryGrid(factory, pull_interval=0.01)
    grid.set_run(run)
    stop = threading.Event()
    engine = threading.Thread(
        target=vce_api.run_api,
        args=(lambda: app, InTurn, partitions, factory, stores, stop, VceMetrics()),
        name="sites",
    )
    engine.start()
    try:
        main(grid, SimulatedNodes({node: names[place] for node, place in partitions.items()}))
    finally:
        stop.set()
        engine.join()


def _registered_run(factory: LinkStateFactory) -> Run:
    """A run that the engine's memory knows, as Flower's `run_simulation` makes one."""
    number, task = (secrets.randbits(62) for _ in range(2))
    run = Run.create_empty(run_id=number)
    run.primary_task_id, run.federation_id = task, NOOP_FEDERATION_ID
    TaskIdentity.task_id, TaskIdentity.run_id = 1, number
    TaskIdentity.node_id = SUPERLINK_NODE_ID
    state = factory.state()
    state.run_ids[number] = RunRecord(run=run)
    state.task_store[task] = Task(task_id=task, run_id=number)
    return run
