"""tfmedgan-monitor: a live view of a run in the terminal."""

import math
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.live import Live
from rich.text import Text

from tfmedgan.cli import console
from tfmedgan.cli.options import argument, option, refuse, switch
from tfmedgan.cli.tables import Table
from tfmedgan.errors import require

if TYPE_CHECKING:
    from tfmedgan.run_directory import RunDirectory


BARS = "▁▂▃▄▅▆▇█"
WIDTH, LEAST = 40, 8  # characters of a curve
HIDDEN = ("epoch", "step")


@dataclass(frozen=True, kw_only=True)
class MonitorOptions:
    """What `tfmedgan-monitor --help` lists."""

    run: Path = argument("Run directory.")
    every: float | None = option("Seconds between looks; default: 2.")
    once: bool = switch("--once", "Look once and end.")
    as_json: bool = switch("--json", "Look once, print JSON.")


def monitor(options: MonitorOptions) -> None:
    """Watch a running or finished training: progress, curves, validation, alarms. Ctrl-C ends."""
    from tfmedgan.run_directory import RunDirectory

    every = 2.0 if options.every is None else options.every
    require(every > 0, f"--every {every:g}: must be above 0")
    if options.once or options.as_json:
        refuse(options, "--once and --json look only once", "every")
    run = RunDirectory.open(options.run)
    if options.as_json:
        console.result_json(state(run))
    elif options.once or not console.stdout.is_terminal:
        console.stdout.print(view(state(run)))
    else:
        _watch(run, every)


def state(run: "RunDirectory") -> dict:
    """What the files of a run say now."""
    from tfmedgan.evaluation.log_signs import training_alarms
    from tfmedgan.run_directory import RunDirectory
    from tfmedgan.run_logs import read_rows

    run = RunDirectory.open(run.path)  # config.json may have been given more epochs
    history, diversity = run.logs
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


def _pulse(run: "RunDirectory") -> str:
    """How long ago the run last wrote a log."""
    logs = [path for path in (run.metrics_jsonl, run.metrics_csv) if path.exists()]
    if not logs:
        return "starting"
    seconds = time.time() - max(path.stat().st_mtime for path in logs)
    return f"last sign of life {seconds:.0f} s ago"


def view(now: dict) -> Group:
    """The state as a picture of the terminal."""
    head = Text.assemble(
        (now["name"], "bold"),
        f"  epoch {now['epoch']} of {now['epochs']}  step {now['step']}  {now['state']}",
    )
    logs = (("training", "history"), ("samples", "diversity"), ("validation", "validation"))
    parts: list[RenderableType] = [head]
    parts += [_table(title, now[log]) for title, log in logs if now[log]]
    parts += [Text(f"ALARM: {sentence}", style="bold red") for sentence in now["alarms"].values()]
    if not now["alarms"]:
        parts.append(Text("no alarms", style="green"))
    if now["samples"]:
        parts.append(Text(f"newest grid: {now['samples']}", overflow="fold"))
    return Group(*parts)


def _table(title: str, rows: list[dict]) -> Table:
    """A line for each column of a log; the curve takes what room the figures leave."""
    logged = {key: [row[key] for row in rows] for key in rows[-1] if key not in HIDDEN}
    figures = {
        key: [f"{v:.4g}" for v in (values[0], values[-1], min(values), max(values))]
        for key, values in logged.items()
    }
    head = ("", "first", "last", "lowest", "highest", "course")
    taken = Table(head, [[key, *cells, ""] for key, cells in figures.items()]).least_width()
    room = min(WIDTH, max(LEAST, console.stdout.width - taken + len(head[-1])))
    cells = [[key, *figures[key], curve(values, room)] for key, values in logged.items()]
    return Table(head, cells, title)


def curve(values: list[float], width: int = WIDTH) -> str:
    """A line of blocks; neighbouring values are averaged when there are more than `width`."""
    values = [value for value in values if math.isfinite(value)]
    if not values:
        return ""
    bins = min(width, len(values))
    edges = [index * len(values) // bins for index in range(bins + 1)]
    means = [sum(values[a:b]) / (b - a) for a, b in pairwise(edges)]
    low, high = min(means), max(means)
    level = math.isclose(low, high)  # means of equal values differ in their last bits
    scale = 0 if level else (len(BARS) - 1) / (high - low)
    return "".join(BARS[round((mean - low) * scale)] for mean in means)


def _watch(run: "RunDirectory", every: float) -> None:
    with Live(view(state(run)), console=console.stdout, auto_refresh=False) as live:
        while True:
            now = state(run)
            live.update(view(now), refresh=True)
            if not (now["state"] == "starting" or "sign of life" in now["state"]):
                return
            time.sleep(every)


def main() -> None:
    console.run(console.command(monitor, MonitorOptions), "tfmedgan-monitor")
