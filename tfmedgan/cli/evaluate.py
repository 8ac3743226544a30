"""tfmedgan-evaluate: how good the images of a run, or of any folder, are."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from tfmedgan.cli import console, places
from tfmedgan.cli.evaluate_options import EvaluateOptions, check_folder, checked


@dataclass(frozen=True)
class Findings:
    """What there is to print."""

    rows: list  # of the metrics
    sentences: list[str]
    write: Callable[[], dict[str, Path]]  # the files, once nothing can be refused any more
    more_rows: list = field(default_factory=list)  # of audit and subgroups
    tables: list = field(default_factory=list)  # of these


def evaluate(options: EvaluateOptions) -> None:
    """Metrics with intervals, a check for copies, and report.html, which needs no network."""
    names = checked(options)
    from tfmedgan.cli.evaluate_table import with_differences
    from tfmedgan.evaluation.rows import read_rows

    if options.folder:
        check_folder(options.folder)
    baseline = read_rows(options.compare) if options.compare else []
    with places.kept_if_done(options.folder):
        findings = (_pairs if options.pairs else _assess)(options, names)
        entries = with_differences(findings.rows + findings.more_rows, baseline)
        paths = findings.write()
    if options.as_json:
        console.result_json(entries)
    else:
        _show(entries[: len(findings.rows)], findings, paths, options.quiet)


def _assess(options: EvaluateOptions, names: tuple[str, ...]) -> Findings:
    """Rows, sentences and files of a run, or of a folder beside real images."""
    subject, seed = options.subject, options.seed
    copies = options.copies is not False
    out = options.folder
    assert out, "only pairs are written nowhere"
    console.start_tensorflow()
    from tfmedgan.cli.trust_tables import trust_tables
    from tfmedgan.evaluation import assessment, inputs, report
    from tfmedgan.evaluation.cache import FeatureCache

    features = _features(options)
    with console.counting(options.quiet) as progress:
        shared: dict[str, Any] = {"against": options.against, "seed": seed, "progress": progress}
        if options.is_run:
            num = options.num or inputs.NUM
            needed = copies or options.audit
            compared = inputs.run_inputs(Path(subject), num=num, copies=needed, **shared)
        else:
            shared |= {"members": options.members, "non_members": options.non_members}
            compared = inputs.folder_inputs(subject, num=options.num, **shared)
        console.show_notes(compared.notes, options.quiet)
        done = assessment.assess(
            compared, names, features, seed=seed, copies=copies, audit=options.audit,
            by=options.by or "", cache=FeatureCache(out / "cache"), progress=progress,
        )  # fmt: skip
    verdict = [done.copies.verdict["verdict"]] if done.copies else []  # or an alarm says so
    drawn = [inputs.PHANTOM] if compared.phantom else []
    caution = [done.caution] if done.caution else []
    said = [*done.refused, *done.alarms, *caution, *drawn, *verdict, *done.sentences]
    return Findings(
        done.rows + done.class_rows,
        list(dict.fromkeys(said)),
        partial(report.write, done, out),
        done.trust_rows,
        trust_tables(done),
    )


def _features(options: EvaluateOptions) -> Any:
    """The extractor: its name, or where more is said of a file, the network in it."""
    if not (options.scaling or options.protocol):
        return options.extractor
    from tfmedgan.evaluation.features import open_extractor

    return open_extractor(options.extractor, scaling=options.scaling, protocol=options.protocol)


def _pairs(options: EvaluateOptions, names: tuple[str, ...]) -> Findings:
    """Rows of images that belong together; written only where --out says."""
    from tfmedgan.evaluation.comparison import EvaluatedSet, evaluate
    from tfmedgan.evaluation.pairs import named_pairs
    from tfmedgan.evaluation.rows import append_rows

    subject, against = options.subject, options.against or ""
    fake, real = named_pairs(subject, against)
    named = EvaluatedSet(Path(subject).name, f"pairs in {against}")
    rows = evaluate(
        fake, real, names, _features(options), pairs=True, seed=options.seed, evaluated=named
    )

    def write() -> dict[str, Path]:
        if not options.out:
            return {}
        options.out.mkdir(parents=True, exist_ok=True)
        path = options.out / "rows.jsonl"
        append_rows(path, rows)
        return {"rows": path}

    return Findings(rows, [], write)


def _show(entries: list[dict], findings: Findings, paths: dict[str, Path], quiet: bool) -> None:
    from tfmedgan.cli.evaluate_table import tables

    for table in [*tables(entries), *findings.tables]:
        console.stdout.print(table)
    for sentence in () if quiet else findings.sentences:
        console.stdout.print(f"· {sentence}")
    for name in () if quiet else [n for n in ("report", "rows") if n in paths][:1]:
        console.result(f"{name}: {paths[name]}")


def main() -> None:
    console.run(console.command(evaluate, EvaluateOptions), "tfmedgan-evaluate")
