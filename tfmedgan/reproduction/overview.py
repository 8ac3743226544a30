"""What came out, a line for each table: read from the sections of a page of results.

Sections of studies that are not at hand any more are text, so all of them are read as text.
"""

import re
from collections import Counter

TITLE = re.compile(r"^## (.+)$", re.MULTILINE)
CELLS = ("pair", "metric", "difference", "here", "document", "claim")  # as in table.md.jinja
COMPARISON = re.compile(
    r"^\|" + "".join(rf" (?P<{name}>[^|]*) \|" for name in CELLS) + "$", re.MULTILINE
)
DECIDED = ("better", "worse")
OPEN = ("no difference shown", "undecided, one seed")


def overview(sections: list[str]) -> list[tuple[str, str, str]]:
    """Of each section with comparisons its title, what they show, and the document's claims."""
    lines = []
    for section in sections:
        rows = [match.groupdict() for match in COMPARISON.finditer(section)]
        compared = [row for row in rows if " against " in row["pair"]]
        title = TITLE.search(section)
        if compared and title:
            lines.append((title[1], _found(compared), _claims(compared)))
    return lines


def _found(compared: list[dict[str, str]]) -> str:
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


def _claims(compared: list[dict[str, str]]) -> str:
    counts = Counter(one["claim"] for one in compared if one["claim"])
    return ", ".join(f"{number} {claim}" for claim, number in counts.items()) or "it makes none"
