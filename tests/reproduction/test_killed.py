"""A queue that is killed again and again comes to what an undisturbed one does."""

import hashlib
import random
import subprocess
import sys

import pytest

from tfmedgan.models.sampling import load_generator
from tfmedgan.reproduction.study import ResultLog

COMMAND = [sys.executable, "-c", "from tfmedgan.cli.study import main; main()"]
TABLES = ["dfu-dcgan", "--table", "epochs", "--table", "f1", "--scale", "smoke", "--quiet"]
KILLS = 20


def start(out, seeds):
    command = [*COMMAND, *TABLES, "--seeds", str(seeds), "--out", str(out)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def killed_after(process, seconds) -> bool:
    """Whether a process was killed so late, and had not ended before."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return True
    assert process.returncode == 0
    return False


def contents(out):
    """Results whatever their order, weights, logs, splits and pictures; not the caches."""
    results = sorted(map(repr, ResultLog(out / "results.jsonl").read()))
    kept = [*out.glob("runs/*/metrics.csv"), *out.glob("splits/*"), *out.glob("strips/*")]
    files = {p.relative_to(out).as_posix(): p.read_bytes() for p in kept}
    for path in out.glob("runs/*/generator.keras"):  # whose bytes hold the time of writing
        weights = load_generator(path).get_weights()
        files[path.parent.name] = b"".join(array.tobytes() for array in weights)
    return results, {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}


@pytest.mark.slow
def test_killed_twenty_times(tmp_path):
    """At any moment from its first import on; it gets another seed where it was too fast."""
    disturbed, draw = tmp_path / "disturbed", random.Random(0)
    kills, seeds = 0, 2
    while kills < KILLS:
        if killed_after(start(disturbed, seeds), draw.uniform(0.5, 25)):
            kills += 1
        else:
            seeds += 1
    assert start(disturbed, seeds).wait() == 0
    assert start(tmp_path / "undisturbed", seeds).wait() == 0
    (results, files), (expected, undisturbed) = map(contents, (disturbed, tmp_path / "undisturbed"))
    assert len(results) == seeds * (7 * 5 + 2 * 6) and len(files) > 3 * seeds
    assert results == expected
    assert files == undisturbed
