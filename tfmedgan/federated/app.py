"""The Flower app that a SuperLink and its SuperNodes run: `server` and `client`."""

from pathlib import Path

from flwr.app import Context, Message
from flwr.clientapp import ClientApp
from flwr.serverapp import Grid, ServerApp

from tfmedgan.federated import messages
from tfmedgan.federated.client import client_app
from tfmedgan.federated.deployed_coordinator import coordinate
from tfmedgan.federated.deployed_site import DeployedSite

server = ServerApp()


@server.main()
def main(grid: Grid, context: Context) -> None:
    coordinate(grid, Path(str(context.run_config["run"])))


def _site(message: Message, context: Context) -> DeployedSite:
    return DeployedSite.of(context.node_config, messages.texts(message)["experiment"])


client: ClientApp = client_app(
    lambda message, context: _site(message, context).opened(),
    lambda message, context: _site(message, context).introduce(),
)
