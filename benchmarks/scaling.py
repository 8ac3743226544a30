"""What several GPUs would cost, from counted bytes and operations: python benchmarks/scaling.py

Two processes on this machine build the training step of each
architecture, and what one of them reduces and multiplies is counted. The losses of two and four
replicas are compared with those of one device. The times of GPUs are a model of the counts and of
the assumptions in the options.
"""

import json
import math
import os
import socket
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from pages import parser, show, table

HERE = Path(__file__).parent
STEPS = HERE.parent / "tests" / "training" / "steps_on_replicas.py"
EVERY = (
    "cgan+ada", "dcgan+diffaug", "dcgan64", "cgan64+diffaug", "dcgan-k16", "wgan-gp64+ada",
    "wgan-gp128", "wgan-gp-lstm", "rgan",
)  # fmt: skip
GPUS = (8, 64, 256, 1000)
SETS = {"IDRiD": 413, "COVID-19 Radiography, class COVID": 3616, "MNIST": 60_000}


def main() -> None:
    options = parser(__doc__, "tensorflow", "keras")
    assumed = options.add_argument_group("assumptions")
    assumed.add_argument("--teraflops", type=float, default=40, help="sustained by a GPU")
    assumed.add_argument("--gigabytes", type=float, default=25, help="a second between machines")
    assumed.add_argument("--microseconds", type=float, default=10, help="of such a message")
    assumed.add_argument("--inner-gigabytes", type=float, default=300, help="within a machine")
    assumed.add_argument("--inner-microseconds", type=float, default=3, help="within a machine")
    arguments = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        counts = counted(Path(folder))
        sections = [
            counts_table(counts), model_table(counts, arguments), batches_table(counts),
            equality_table(Path(folder)),
        ]  # fmt: skip
    show(arguments, "tables", *sections)


def section(title: str, heads: list[str], rows: list[list[str]]) -> str:
    return f"### {title}\n\n{table(heads, rows)}"


# What is counted


def counted(folder: Path) -> dict[str, dict]:
    out = folder / "counts.json"
    run([sys.executable, HERE / "scaling_counts.py", out], workers=2)
    return json.loads(out.read_text())


def run(command: list, workers: int = 0) -> None:
    """Run a command, in so many processes that know each other by TF_CONFIG if not 0."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(workers)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        addresses = [f"127.0.0.1:{one.getsockname()[1]}" for one in sockets]
    tasks = [{"type": "worker", "index": index} for index in range(workers)]
    configs = [json.dumps({"cluster": {"worker": addresses}, "task": task}) for task in tasks]
    settings = [{"TF_CONFIG": config} for config in configs] or [{}]
    processes = [
        subprocess.Popen(
            list(map(str, command)), stderr=subprocess.DEVNULL,
            env={**os.environ, **setting},
        )
        for setting in settings
    ]  # fmt: skip
    statuses = [process.wait() for process in processes]
    if any(statuses):
        raise SystemExit(f"failed: {' '.join(map(str, command))}")


def counts_table(counts: dict) -> str:
    heads = ["architecture", "batch of a GPU", "parameters, G + D", "gradients: all-reduces",
             "MB", "BatchNorm's sums: all-reduces", "KB", "logs and stop: all-reduces",
             "GFLOP a step", "GFLOP an image"]  # fmt: skip
    rows = []
    for name, count in counts.items():
        sums = {kind: reduced(count, kind) for kind in ("gradients", "moments", "logs")}
        parameters = " + ".join(f"{n:,}" for n in count["parameters"].values())
        rows.append([
            f"`{name}`", f"{count['batch']}", parameters,
            f"{len(sums['gradients'])}", f"{sum(sums['gradients']) / 1e6:.1f}",
            f"{len(sums['moments'])}", f"{sum(sums['moments']) / 1e3:.1f}",
            f"{len(sums['logs'])}", f"{count['flops'] / 1e9:.1f}",
            f"{count['flops'] / count['batch'] / 1e9:.2f}",
        ])  # fmt: skip
    return section("Counted in the step of one of two workers", heads, rows)


def reduced(count: dict, *kinds: str) -> list[int]:
    """Bytes of each all-reduce of these kinds; of all without a kind."""
    return [size for kind, size in count["reductions"] if not kinds or kind in kinds]


# What is reckoned


def model_table(counts: dict, options) -> str:
    """Weak scaling: each GPU keeps its batch."""
    inner = (options.inner_gigabytes, options.inner_microseconds)
    outer = (options.gigabytes, options.microseconds)
    title = (
        f"Reckoned: milliseconds of a step, and efficiency, for GPUs that sustain "
        f"{options.teraflops:g} TFLOP/s, with {inner[0]:g} GB/s and {inner[1]:g} µs a message in "
        f"one machine, {outer[0]:g} GB/s and {outer[1]:g} µs between machines (assumptions)"
    )
    columns = {"8 GPUs, one machine": (8, *inner)}
    columns |= {f"{n:,} GPUs, one each": (n, *outer) for n in GPUS}
    rows = []
    for name, count in counts.items():
        alone = count["flops"] / options.teraflops / 1e12
        steps = [alone + sum(seconds(b, *how) for b in reduced(count)) for how in columns.values()]
        cells = (f"{step * 1e3:.1f} ({alone / step:.0%})" for step in steps)
        rows.append([f"`{name}`", f"{alone * 1e3:.1f}", *cells])
    return section(title, ["architecture", "1 GPU", *columns], rows)


def seconds(size: int, gpus: int, gigabytes: float, microseconds: float) -> float:
    """An all-reduce: the bytes of a ring, the messages of a tree up and down."""
    travel = 2 * (gpus - 1) / gpus * size / (gigabytes * 1e9)
    return travel + 2 * math.ceil(math.log2(gpus)) * microseconds * 1e-6


def batches_table(counts: dict) -> str:
    title = "Real images that a step takes, and the GPUs that a data set can feed"
    heads = ["architecture", "images, 1 GPU", *(f"{n:,} GPUs" for n in GPUS)]
    heads += [f"most GPUs for {name} ({images:,})" for name, images in SETS.items()]
    rows = []
    for name, count in counts.items():
        sizes = [f"{n * count['images']:,}" for n in (1, *GPUS)]
        rows.append([f"`{name}`", *sizes, *(f"{n // count['images']:,}" for n in SETS.values())])
    return section(title, heads, rows)


# What is compared


def equality_table(folder: Path) -> str:
    columns = {
        "two devices": ("mirrored", 2, 0), "four devices": ("mirrored", 4, 0),
        "two workers": ("multiworker", 1, 2), "four workers": ("multiworker", 1, 4),
    }  # fmt: skip
    one = losses(folder, "none", 1, 0)
    several = {name: losses(folder, *how) for name, how in columns.items()}
    rows = [
        [f"`{name}`", *(f"{difference(one[name], other[name]):.1e}" for other in several.values())]
        for name in EVERY
    ]
    title = "Largest relative difference of a logged number from one device, in two steps"
    return section(title, ["small networks, float32", *columns], rows)


def losses(folder: Path, strategy: str, devices: int, workers: int) -> dict:
    out = folder / f"{strategy}-{devices}-{workers}.npz"
    run([sys.executable, STEPS, out, strategy, devices, *EVERY], workers)
    with np.load(out) as file:
        return {name: file[name] for name in EVERY}


def difference(one: np.ndarray, several: np.ndarray) -> float:
    return float(np.max(np.abs(several - one) / np.abs(one)))


if __name__ == "__main__":
    main()
