"""An audit, and the figures of subgroups, as tables."""

from tfmedgan.cli.tables import Table
from tfmedgan.evaluation.assessment import Assessment
from tfmedgan.evaluation.audit.membership import MembershipAudit
from tfmedgan.evaluation.metrics import title_of
from tfmedgan.evaluation.rows import Row
from tfmedgan.evaluation.subgroups import Subgroups


def trust_tables(done: Assessment) -> list[Table]:
    """Those of what was asked for."""
    tables = []
    if done.membership:
        tables.append(audit_table(done.membership.audit))
    if done.subgroups and done.subgroups.rows:
        tables.append(subgroup_table(done.subgroups))
    return tables


def audit_table(audit: MembershipAudit) -> Table:
    """A line for each attack; an exclamation mark where it is an alarm."""
    rows = [
        [
            result.title,
            result.space,
            f"{result.auc.value:.2f} ({result.auc.low:.2f} to {result.auc.high:.2f})",
            f"{result.control.value:.2f}",
            f"{result.difference.low:+.2f} to {result.difference.high:+.2f}"
            + (" !" if result.alarms else ""),
        ]
        for result in audit.results
    ]
    counts = ", ".join(f"{count} {role}" for role, count in audit.counts.items())
    caption = (
        f"less control: 95 % for all attacks together; ! is an alarm: it lies above 0\n"
        f"images: {counts}"
    )
    head = ["membership attack", "in", "AUC", "control", "less control"]
    return Table(head, rows, caption=caption, names=2)


def subgroup_table(subgroups: Subgroups) -> Table:
    """A line for each value of the column; estimates across."""
    estimates = list(dict.fromkeys(row.estimate for row in subgroups.rows))
    values = {(row.protocol.classes, row.estimate): row for row in subgroups.rows}
    rows = [
        [value, str(subgroups.counts[value])]
        + [_cell(values[(subgroups.name_of(value),), estimate]) for estimate in estimates]
        for value in subgroups.values
    ]
    head = [subgroups.column, "real images", *map(title_of, estimates)]
    return Table(head, rows, caption="all generated images against the real ones of each value")


def _cell(row: Row) -> str:
    return f"{row.value:.3g} ({row.low:.2g} to {row.high:.2g})"
