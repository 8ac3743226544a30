"""What Flower's messages hold: arrays, numbers and short texts; nothing is pickled."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from flwr.app import Array, ArrayRecord, ConfigRecord, Message, MetricRecord, RecordDict

from tfmedgan.federated.averaging import Update

ARRAYS, METRICS, TEXTS = "arrays", "metrics", "texts"
IMAGES = "images"


def order(number: int, arrays: Sequence[np.ndarray], **texts: Any) -> RecordDict:
    """What a site is sent: the weights to begin with, and the number of the round."""
    return RecordDict({ARRAYS: _record(arrays), TEXTS: ConfigRecord({"round": number, **texts})})


def answer(update: Update) -> RecordDict:
    """What a site sends back."""
    return RecordDict(
        {
            ARRAYS: _record(update.arrays),
            METRICS: MetricRecord({IMAGES: update.images, **update.metrics}),
            TEXTS: ConfigRecord({"site": update.site}),
        }
    )


def facts(**texts: Any) -> RecordDict:
    """Short texts and numbers alone: a question, an introduction, or the reason for no answer."""
    return RecordDict({TEXTS: ConfigRecord(texts)})


def texts(message: Message) -> dict[str, Any]:
    records = message.content.config_records
    return dict(records[TEXTS]) if TEXTS in records else {}


def arrays_of(message: Message) -> list[np.ndarray]:
    record = message.content.array_records[ARRAYS]
    return [record[key].numpy() for key in sorted(record)]


def update_of(message: Message) -> Update:
    """The inverse of `answer`."""
    numbers = dict(message.content.metric_records[METRICS])
    images = int(numbers.pop(IMAGES))
    return Update(texts(message)["site"], images, arrays_of(message), numbers)


def size(message: Message) -> int:
    """Bytes of the arrays that a message carries, with their headers."""
    if not message.has_content():
        return 0
    records = message.content.array_records.values()
    return sum(len(array.data) for record in records for array in record.values())


def _record(arrays: Sequence[np.ndarray]) -> ArrayRecord:
    return ArrayRecord({f"{i:04d}": Array(np.asarray(a)) for i, a in enumerate(arrays)})
