"""The head of a page of results: what documents claim, and what came out.

Sections of studies that are not at hand any more are text, so all of them are read as text.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tfmedgan.reporting.formatting import MISSING

CELLS = ("pair", "metric", "difference", "here", "document", "claim")  # as in table.md.jinja
COMPARISON = re.compile(
    r"^\|" + "".join(rf" (?P<{name}>[^|]*) \|" for name in CELLS) + "$", re.MULTILINE
)
EXTENT = re.compile(r"^Scale (?P<scale>\w+), (?P<seeds>\d+ seeds?)", re.MULTILINE)
VERDICT = re.compile(
    r"^- (?P<cells>.+): (?P<verdict>confirmed|not confirmed|undecided[^±]*) "
    r"within (?P<bounds>±[^\s,]*[^\s,.])",
    re.MULTILINE,
)
ANSWERS = {
    "as in the document": "**confirmed**",
    "contrary to the document": "**contradicted**",
    "undecided": "not shown",
}
DECIDED = ("better", "worse")
OPEN = ("no difference shown", "undecided, one seed")
NO_CLAIM = "no claim that these runs could confirm"


@dataclass(frozen=True)
class Finding:
    """A claim of a document, and what came out."""

    key: str  # of the table
    extent: str  # "paper, 5 seeds"
    claim: str
    answer: str


def findings(sections: Mapping[str, str]) -> list[Finding]:
    """Of each table its claims with their answers; of one without claims what came out, if any."""
    return [
        Finding(key, extent(section), claim, answer)
        for key, section in sections.items()
        for claim, answer in _answered(section)
    ]


def summary_line(found: list[Finding]) -> str:
    """How many claims were confirmed, contradicted and neither."""
    claims = [finding for finding in found if finding.claim != NO_CLAIM]
    confirmed, contradicted = (
        sum(one.answer.startswith(f"**{word}") for one in claims) for word in ("conf", "contra")
    )
    tables = len({finding.key for finding in claims})
    return (
        f"Of {len(claims)} claims in {tables} tables {confirmed} came out as the document says and "
        f"{contradicted} contrary to it; {len(claims) - confirmed - contradicted} could not be "
        "decided."
    )


def extent(section: str) -> str:
    """ "paper, 5 seeds"; empty where it is not said."""
    match = EXTENT.search(section)
    return f"{match['scale']}, {match['seeds']}" if match else ""


def _answered(section: str) -> list[tuple[str, str]]:
    rows = [match.groupdict() for match in COMPARISON.finditer(section)]
    compared = [row for row in rows if " against " in row["pair"]]
    claims = [
        (
            f"{row['metric'].partition(',')[0]}: {_said(row)}",
            f"{ANSWERS[row['claim']]}: {row['difference']}",
        )
        for row in compared
        if row["claim"] in ANSWERS
    ] + _reported(section)
    return claims or ([(NO_CLAIM, _outcome(compared))] if compared else [])


def _said(row: Mapping[str, str]) -> str:
    first, _, base = row["pair"].rpartition(" against ")
    return f"{first} {row['document']} than {base}"


def _reported(section: str) -> list[tuple[str, str]]:
    """Figures that a run could be held against, and whether it came near enough."""
    return [
        (f"{metric} of {row}: {reported}", _nearness(match, here))
        for match in VERDICT.finditer(section)
        for row, metric, reported, here in _figures(section)
        if _is_of(match["cells"], row, metric)
    ]


def _nearness(match: re.Match, here: str) -> str:
    if match["verdict"] == "confirmed":
        return f"**confirmed** within {match['bounds']}: {here}"
    if match["verdict"] == "not confirmed":
        return f"**contradicted**: {here}, not within {match['bounds']}"
    if "one seed" in match["verdict"]:
        return f"undecided with one seed: {here}, asked for within {match['bounds']}"
    return f"not shown: {here} is partly within {match['bounds']}"


def _is_of(cells: str, row: str, metric: str) -> bool:
    """Whether a bullet is about a cell: "Loss D, Loss G of epoch 1; epoch 2", or of all rows."""
    metrics, _, rows = cells.rpartition(" of ")
    return cells == metric or (metric in metrics and row in rows.split("; "))


def _figures(section: str) -> list[tuple[str, str, str, str]]:
    """Row, metric, what was reported and what is here, for each reported figure of the table."""
    lines = [line.strip("| ").split(" | ") for line in section.splitlines() if line[:2] == "| "]
    heads = lines[0]
    return [
        (row, head.removesuffix(", reported"), reported, here)
        for row, *values in lines[1:]
        if len(values) == len(heads)
        for head, reported, here in zip(heads, values, values[1:], strict=False)
        if head.endswith(", reported") and reported != MISSING
    ]


def _outcome(rows: list[dict[str, str]]) -> str:
    """What comparisons in the first of the metrics show."""
    compared = [row for row in rows if row["metric"] == rows[0]["metric"]]
    parts = [sentence for word in DECIDED for sentence in _decided(word, compared)]
    for words in OPEN:
        undecided = sum(one["here"] == words for one in compared)
        parts += [f"{words} in {undecided} of {len(compared)} comparisons"] if undecided else []
    others = sum(one["here"] not in (*DECIDED, *OPEN) for one in compared)
    parts += [f"{others} of {len(compared)} not compared"] if others else []
    return ". ".join(part[0].upper() + part[1:] for part in parts)


def _decided(word: str, compared: list[dict[str, str]]) -> list[str]:
    """Rows that are better or worse than another in the same metrics, in one sentence."""
    metrics: dict[str, list[str]] = {}
    for one in compared:
        if one["here"] == word:
            metrics.setdefault(one["pair"], []).append(one["metric"].partition(",")[0])
    alike: dict[tuple[str, str], list[str]] = {}
    for pair, names in metrics.items():
        row, _, base = pair.rpartition(" against ")
        alike.setdefault((base, ", ".join(names)), []).append(row)
    return [
        f"{word} than {base} in {names}: {'; '.join(rows)}" for (base, names), rows in alike.items()
    ]
