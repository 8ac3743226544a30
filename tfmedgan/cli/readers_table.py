"""The figures of a reader study as tables."""

from functools import partial

from tfmedgan.cli.tables import Table
from tfmedgan.reader_study.scores import ALL, ReaderRow
from tfmedgan.reporting.formatting import MISSING, interval, number


def tables(rows: list[ReaderRow]) -> list[Table]:
    """One over the readers, if there are two or more, and one of each reader."""
    whole = [row for row in rows if row.reader == ALL]
    parts = [row for row in rows if row.reader != ALL]
    metrics = list(dict.fromkeys(row.metric for row in parts))
    number_of = {(row.reader, row.metric): number(row.value, 3) for row in parts}
    readers = dict.fromkeys(row.reader for row in parts)
    each = Table(
        ["reader", *metrics],
        [[name, *(number_of[name, metric] for metric in metrics)] for name in readers],
        caption="intervals are in table.csv",
    )
    if not whole:
        return [each]
    p_value = partial(number, digits=2)
    lines = [
        [row.metric, number(row.value, 3), interval(row.low, row.high, 3), p_value(row.p_value)]
        for row in whole
    ]
    caption = f"over the readers; {MISSING} where nothing is tested"
    return [Table(["figure", "value", "95 % interval", "p"], lines, caption=caption), each]
