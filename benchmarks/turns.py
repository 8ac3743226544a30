"""Contestants that take turns, so that other work on the machine hits all of them alike."""

import json
import os
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping
from typing import Any


def in_turns(contestants: Mapping[str, Callable], rounds: int, warm: bool = True) -> dict:
    """What each contestant returns in each round, by name; a round to warm up is left out."""
    results = {name: [] for name in contestants}
    for number in range(rounds + warm):
        for name, turn in contestants.items():
            result = turn()
            if number >= warm:
                results[name].append(result)
    return results


def timed(work: Callable) -> Callable[[], float]:
    """A contestant that returns the seconds that `work` takes."""

    def turn() -> float:
        started = time.perf_counter()
        work()
        return time.perf_counter() - started

    return turn


def reported(*command, **options) -> Any:
    """What a fresh process prints in its last line, as JSON; its failure ends this one, too.

    Args:
        options: of `subprocess.run`.
    """
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, **options)
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def fresh(*command) -> tuple[float, float]:
    """Wall and processor seconds of a process; its failure ends this one, too."""
    started = time.perf_counter()
    process = subprocess.Popen(
        list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(errors.decode())
    return time.perf_counter() - started, usage.ru_utime + usage.ru_stime


def ratio(theirs: list[float], ours: list[float], dropped: int = 0) -> tuple[float, float, float]:
    """Median and range of their seconds over ours in the same round.

    Args:
        dropped: so many of the lowest and of the highest are left out of the range.
    """
    ratios = sorted(a / b for a, b in zip(theirs, ours, strict=True))
    return statistics.median(ratios), ratios[dropped], ratios[-1 - dropped]


def peak_memory() -> float:
    """Peak of this process's resident memory, MiB; Linux. getrusage counts the parent's as well."""
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
