"""tfmedgan-monitor: a live view of a run in the terminal."""

import json
import time
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from tfmedgan.cli import console

BARS = "▁▂▃▄▅▆▇█"
WIDTH = 40  # characters of a curve
HIDDEN = ("epoch", "step")


def monitor(
    run: Annotated[Path, typer.Argument(help="Run directory.")],
    every: Annotated[float, typer.Option(help="Seconds between looks.")] = 2.0,
    once: Annotated[bool, typer.Option("--once", help="Look once and end.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Look once, print JSON.")] = False,
):
    """Watch a running or finished training: progress, curves, validation, alarms. Ctrl-C ends."""
    from tfmedgan.run_directory import RunDirectory

    directory = RunDirectory.open(run)
    if as_json:
        print(json.dumps(state(directory)))
    elif once or not console.stdout.is_terminal:
        console.stdout.print(view(state(directory)))
    else:
        _watch(directory, every)


def state(run) -> dict:
    """What the files of a run say now."""
    from tfmedgan.evaluation.alarms import training_alarms
    from tfmedgan.run_directory import RunDirectory, read_rows

    run = RunDirectory.open(run.path)  # config.json may have been given more epochs
    history, diversity = run.history(), read_rows(run.diversity_csv)
    summary = run.summary
    epochs = run.experiment.epochs
    ended = bool(summary) and (summary["epochs"] >= epochs or bool(summary["stopped"]))
    grids = sorted(run.samples.glob("*.png"))
    return {
        "run": str(run.path),
        "name": run.experiment.name,
        "epoch": len(history),
        "epochs": epochs,
        "step": history[-1]["step"] if history else 0,
        "state": (summary["stopped"] or "finished") if ended else _pulse(run),
        "history": history,
        "diversity": diversity,
        "validation": read_rows(run.validation_csv),
        "alarms": training_alarms(history, diversity),
        "samples": str(grids[-1]) if grids else None,
    }


def _pulse(run) -> str:
    """How long ago the run last wrote a log."""
    logs = [path for path in (run.metrics_jsonl, run.metrics_csv) if path.exists()]
    if not logs:
        return "starting"
    seconds = time.time() - max(path.stat().st_mtime for path in logs)
    return f"last sign of life {seconds:.0f} s ago"


def view(found: dict) -> Group:
    """The state as a picture of the terminal."""
    head = Text.assemble(
        (found["name"], "bold"),
        f"  epoch {found['epoch']} of {found['epochs']}  step {found['step']}  {found['state']}",
    )
    parts = [head]
    for title, log in (
        ("training", "history"),
        ("samples", "diversity"),
        ("validation", "validation"),
    ):
        if found[log]:
            parts.append(_table(title, found[log]))
    parts += [Text(f"ALARM: {sentence}", style="bold red") for sentence in found["alarms"].values()]
    if not found["alarms"]:
        parts.append(Text("no alarms", style="green"))
    if found["samples"]:
        parts.append(Text(f"newest grid: {found['samples']}"))
    return Group(*parts)


def _table(title: str, rows: list[dict]) -> Table:
    table = Table(title=title, title_justify="left", box=None, padding=(0, 2, 0, 0))
    for column in ("", "first", "last", "lowest", "highest", "course"):
        table.add_column(column, justify="left" if column in ("", "course") else "right")
    for name in (key for key in rows[-1] if key not in HIDDEN):
        values = [row[name] for row in rows]
        numbers = (values[0], values[-1], min(values), max(values))
        table.add_row(name, *(f"{value:.4g}" for value in numbers), curve(values))
    return table


def curve(values: list[float], width: int = WIDTH) -> str:
    """A line of blocks; neighbouring values are averaged when there are more than `width`."""
    bins = min(width, len(values))
    edges = [index * len(values) // bins for index in range(bins + 1)]
    means = [sum(values[a:b]) / (b - a) for a, b in pairwise(edges)]
    low, high = min(means), max(means)
    scale = (len(BARS) - 1) / (high - low) if high > low else 0
    return "".join(BARS[round((mean - low) * scale)] for mean in means)


def _watch(run, every: float) -> None:
    with Live(view(state(run)), console=console.stdout, auto_refresh=False) as live:
        while True:
            found = state(run)
            live.update(view(found), refresh=True)
            if not (found["state"] == "starting" or "sign of life" in found["state"]):
                return
            time.sleep(every)


def main() -> None:
    console.run(console.command(monitor), "tfmedgan-monitor")
