"""The score card of generated images in seven parts, after Zamzmi et al. 2025 (SMD scorecard).

Each line is made from what was measured, or says that it was not and with which command it would
be. There is no total: a good part does not make up for a bad one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tfmedgan.evaluation.metrics import title_of
from tfmedgan.evaluation.rows import Row
from tfmedgan.reporting.formatting import percent, with_interval

NOT_MEASURED = "not measured"
RECORDED = ("title", "licence", "citation", "homepage", "redistribution")  # of the data's card
ALL = ("all",)


@dataclass(frozen=True)
class Line:
    """One line of the card."""

    part: str
    asks: str
    answer: str = NOT_MEASURED
    command: str = ""  # that would measure it, where it was not

    @property
    def measured(self) -> bool:
        return self.answer != NOT_MEASURED


@dataclass(frozen=True)
class Evidence:
    """What the card is made from."""

    rows: Sequence[Row]  # the newest of each metric and class
    classes: tuple[str, ...] = ()
    copies: dict | None = None  # copy_check.json
    audit: dict | None = None  # audit.json
    subgroups: dict | None = None  # subgroups.json
    data: dict | None = None  # card of the data set
    evaluate: str = "tfmedgan-evaluate RUN"  # the command, with what it is about

    def of_all(self, *estimates: str) -> str:
        """Estimates of all images together, with their intervals; empty without the first."""
        known = {row.estimate: row for row in self.rows if row.protocol.classes == ALL}
        rows = [known[name] for name in estimates if name in known]
        said = [
            f"{title_of(row.estimate, row.protocol.extractor)} {with_interval(row, 3)}"
            for row in rows
        ]
        return "; ".join(said) if estimates[0] in known else ""


def score_card(evidence: Evidence) -> list[Line]:
    """The lines, in the order of the paper's parts."""
    e, again = evidence, evidence.evaluate
    reader = f"tfmedgan-readers make {again.removeprefix('tfmedgan-evaluate ')}"
    reader += "" if "--against" in reader else " --against SOURCE"
    return [
        _line("Congruence", "Are they distributed as real ones?",
              e.of_all("kid", "fid", "fid_over_floor"), again),
        _line("Coverage", "Is the variety of the real ones there?",
              e.of_all("recall", "coverage"), again),
        _line("Constraint", "Are grey levels within bounds?",
              e.of_all("clipped_fake", "clipped_real"), f"{again} --metrics contrast"),
        _line("Constraint", "Is the anatomy right?", "", reader),
        _line("Completeness", "Was every class measured?", _classes(e), f"{again} --num 5000"),
        _line("Compliance", "Are they copies of training images?", _copies(e.copies), again),
        _line("Compliance", "Can members be told?", _audit(e.audit), f"{again} --audit"),
        _line("Compliance", "May they be handed on?", _rights(e.data), "ask the owner of the data"),
        _line("Comprehension", "Are the data described?", _described(e.data),
              "tfmedgan-data show NAME"),
        _line("Consistency", "Does it hold in every subgroup?", _subgroups(e.subgroups),
              f"{again} --by COLUMN"),
    ]  # fmt: skip


def _line(part: str, asks: str, answer: str, command: str) -> Line:
    return Line(part, asks, answer) if answer else Line(part, asks, command=command)


def _classes(e: Evidence) -> str:
    if not e.classes:
        return "there are no classes"
    measured = {row.protocol.classes[0] for row in e.rows} & set(e.classes)
    missing = [name for name in e.classes if name not in measured]
    if len(missing) == len(e.classes):
        return ""
    lacking = f"; not {', '.join(missing)}" if missing else ""
    return f"{len(measured)} of {len(e.classes)} classes{lacking}"


def _copies(verdict: dict | None) -> str:
    if verdict is None:
        return ""
    spaces = verdict.get("spaces") or []
    authentic = f"; AuthPct {percent(spaces[0]['authenticity']['share'])}" if spaces else ""
    return f"{verdict['verdict']}{authentic}; not a proof of privacy"


def _audit(finding: dict | None) -> str:
    if finding is None:
        return ""
    return f"{'ALARM' if finding['alarm'] else 'no alarm'}: {finding['verdict']}"


def _rights(card: dict | None) -> str:
    allowed = (card or {}).get("redistribution")
    if allowed is None:
        return ""
    return "under the terms of the data's licence" if allowed else "not without asking"


def _described(card: dict | None) -> str:
    missing = [key for key in RECORDED if (card or {}).get(key) in (None, "", "none", "unknown")]
    if len(missing) >= len(RECORDED) - 1:  # a folder's name is no description
        return ""
    lacking = f"; missing: {', '.join(missing)}" if missing else ""
    return f"{len(RECORDED) - len(missing)} of {len(RECORDED)} facts recorded{lacking}"


def _subgroups(finding: dict | None) -> str:
    if finding is None or not finding["gaps"]:
        return ""
    return "; ".join(finding["sentences"])
