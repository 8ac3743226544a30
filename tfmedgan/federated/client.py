"""The ClientApp of Flower that runs at a site."""

from collections.abc import Callable

from flwr.app import Context, Message
from flwr.clientapp import ClientApp

from tfmedgan.errors import InputError, JobError
from tfmedgan.federated import messages
from tfmedgan.federated.site import Site


def client_app(
    site_of: Callable[[Message, Context], Site], given_up: Callable[[], bool] = lambda: False
) -> ClientApp:
    """An app that trains at the site which a message is for.

    Args:
        site_of: the site; it may raise `InputError`, of which the coordinator is told.
        given_up: asked after each local step.
    """
    app = ClientApp()

    @app.train()
    def train(message: Message, context: Context) -> Message:
        name = "?"
        try:
            site = site_of(message, context)
            name = site.name
            number = messages.texts(message)["round"]
            update = site.train(messages.arrays_of(message), number, given_up)
        except (InputError, JobError) as error:
            return Message(messages.excuse(name, str(error)), reply_to=message)
        except OSError as error:
            reason = f"cannot write: {error.strerror or 'its disk'}"
            return Message(messages.excuse(name, reason), reply_to=message)
        return Message(messages.answer(update), reply_to=message)

    return app
