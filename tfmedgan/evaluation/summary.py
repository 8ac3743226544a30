"""The first screen of a report: what was found, in words, each with a mark that is no colour."""

from dataclasses import dataclass

from tfmedgan.evaluation.assessment import Assessment
from tfmedgan.evaluation.metrics import title_of
from tfmedgan.reporting.formatting import number, with_interval

MARKS = {"good": "✓", "bad": "✗", "open": "?", "plain": ""}


@dataclass(frozen=True)
class Verdict:
    """One tile."""

    title: str
    state: str  # good | bad | open: asked, but not answered | plain: a figure, or not asked
    words: str
    detail: str = ""

    @property
    def mark(self) -> str:
        return MARKS[self.state]


def summary(assessment: Assessment) -> list[Verdict]:
    """Tiles: alarms, copies, membership, subgroups, likeness, variety."""
    likeness, variety = (
        _figures(assessment, *names)
        for names in (("kid", "fid", "fid_over_floor"), ("recall", "coverage"))
    )
    count = len(assessment.alarms)
    return [
        Verdict("Alarms", "bad", f"{count} {'alarm' if count == 1 else 'alarms'}", "listed below")
        if count
        else Verdict("Alarms", "good", "None"),
        _copies(assessment),
        _membership(assessment),
        _subgroups(assessment),
        Verdict("Likeness", "plain", *likeness),
        Verdict("Variety", "plain", *variety),
    ]


def _figures(assessment: Assessment, *estimates: str) -> tuple[str, str]:
    """The first of the estimates that was measured, and the others."""
    known = {row.estimate: row for row in assessment.rows}
    rows = [known[name] for name in estimates if name in known]
    if not rows:
        return "Not measured", ""
    titles = [title_of(row.estimate, row.protocol.extractor) for row in rows]
    figures = [with_interval(rows[0], 2), *(number(row.value, 3) for row in rows[1:])]
    first, *others = (f"{title} {figure}" for title, figure in zip(titles, figures, strict=True))
    return first, "; ".join(others)


def _copies(assessment: Assessment) -> Verdict:
    if not assessment.copies:
        return Verdict("Copies", "plain", "Not checked")
    verdict = assessment.copies.verdict
    state = {True: "good", None: "open"}.get(verdict["passed"], "bad")
    words = {"good": "None found", "bad": "Copies found", "open": "None found, no pass"}[state]
    detail = ", ".join(verdict["reasons"]) or "not a proof of privacy"
    return Verdict("Copies", state, words, detail)


def _membership(assessment: Assessment) -> Verdict:
    if not assessment.membership:
        return Verdict("Membership", "plain", "Not audited", "--audit")
    audit = assessment.membership.audit
    if audit.alarm:
        return Verdict("Membership", "bad", "Training images can be told", "see the audit")
    detail = f"noticed would be +{number(audit.noticed, 2)} AUC; not a proof of privacy"
    return Verdict("Membership", "good", "No attack worked", detail)


def _subgroups(assessment: Assessment) -> Verdict:
    groups = assessment.subgroups
    if not groups:
        return Verdict("Subgroups", "plain", "Not measured", "--by COLUMN")
    if not groups.gaps:
        return Verdict("Subgroups", "open", "Too few images", f"by {groups.column}")
    if groups.alarms:
        gap = next(gap for gap in groups.gaps if gap.named)
        worse = gap.higher if gap.estimate == "kid_contribution" else gap.lower
        return Verdict("Subgroups", "bad", f"Worse for {groups.name_of(worse)}", gap.title)
    return Verdict("Subgroups", "good", "No gap shown", f"by {groups.column}")
