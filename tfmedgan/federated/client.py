"""The ClientApp of Flower that runs at a site."""

from collections.abc import Callable
from typing import Any

from flwr.app import Context, Message, RecordDict
from flwr.clientapp import ClientApp

from tfmedgan.errors import InputError, JobError
from tfmedgan.federated import messages
from tfmedgan.federated.site import Site

SiteOf = Callable[[Message, Context], Site]
Introduction = Callable[[Message, Context], dict[str, Any]]


def client_app(
    site_of: SiteOf,
    introduce: Introduction | None = None,
    given_up: Callable[[], bool] = lambda: False,
    own_disk: Callable[[OSError], None] = lambda error: None,
) -> ClientApp:
    """An app that trains at the site which a message is for.

    Args:
        site_of: the site; it may raise `InputError`, of which the coordinator is told.
        introduce: what a site says of itself when it is asked, where nobody else knows.
        given_up: as in `Site.train`.
        own_disk: told of what a site could not read or write.
    """
    app = ClientApp()

    @app.train()
    def train(message: Message, context: Context) -> Message:
        def trained() -> RecordDict:
            number = messages.texts(message)["round"]
            site = site_of(message, context)
            return messages.answer(site.train(messages.arrays_of(message), number, given_up))

        return _answered(message, trained, own_disk)

    if introduce is not None:

        @app.query()
        def query(message: Message, context: Context) -> Message:
            return _answered(
                message, lambda: messages.facts(**introduce(message, context)), own_disk
            )

    return app


def _answered(
    message: Message, work: Callable[[], RecordDict], own_disk: Callable[[OSError], None]
) -> Message:
    """The reply, or the reason why there is none."""
    try:
        content = work()
    except (InputError, JobError) as error:
        content = messages.facts(reason=str(error))
    except OSError as error:
        own_disk(error)
        file, reason = error.filename or "its disk", error.strerror or "an error of the system"
        content = messages.facts(reason=f"cannot read or write {file}: {reason}")
    return Message(content, reply_to=message)
