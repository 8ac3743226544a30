"""All commands alike: help at once, and one line with status 2 for what cannot be."""

import re
import subprocess
import sys
import time

import pytest

import tfmedgan

# A command that is complete, and an option of it that takes a number or a path.
COMMANDS = {
    "train": (["--arch", "cgan"], "--epochs"),
    "generate": (["run"], "--num"),
    "evaluate": (["run"], "--num"),
    "export": (["run"], "--out"),
    "monitor": (["run"], "--every"),
    "study": (["iut2023"], "--seeds"),
    "readers make": (["run"], "--images"),
    "readers plan": ([], "--precision"),
    "readers score": (["study"], "--out"),
    "classify train": (["--network", "vgg19"], "--patience"),
    "classify evaluate": (["run"], "--seed"),
    "classify predict": (["x.png", "--run", "run"], "--run"),
    "classify study": (["--data", "phantom:foot"], "--updates"),
    "segment train": (["--data", "wounds"], "--width"),
    "segment evaluate": (["run"], "--seed"),
    "segment predict": (["run", "photographs", "--out", "masks"], "--out"),
    "data verify": (["phantom:foot"], "--seed"),
    "data preview": (["phantom:foot", "--out", "sheets"], "--columns"),
    "data split": (["phantom:foot", "--out", "split.json"], "--seed"),
    "data prepare": (["phantom:foot", "--out", "made"], "--image-size"),
}


def run(name, *arguments, cwd=None):
    script, *subcommand = name.split()
    code = f"from tfmedgan.cli.{script} import main; main()"
    command = [sys.executable, "-c", code, *subcommand, *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=60)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_is_quick_and_names_the_options(name, processor_seconds):
    helped = run(name, "--help")
    assert helped.returncode == 0 and COMMANDS[name][1] in helped.stdout
    assert helped.stderr == ""
    # Half a second on a quiet machine; a core shared with other tests gives half as much.
    assert min(processor_seconds(lambda: run(name, "--help")) for _ in range(2)) < 1.0


@pytest.mark.parametrize("script", sorted({name.split()[0] for name in COMMANDS}))
def test_version(script):
    done = run(script, "--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"tfmedgan-{script} {tfmedgan.__version__}\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_errors_of_usage_are_one_line(name, tmp_path):
    complete, option = COMMANDS[name]
    for arguments, said in (
        (["--nonsense"], r"No such option:? '?--nonsense'?"),  # as versions of Typer say it
        ([option], f"Option '{option}' requires an argument"),
    ):
        done = run(name, *complete, *arguments, cwd=tmp_path)
        assert done.returncode == 2 and done.stdout == ""
        (line,) = done.stderr.splitlines()
        assert re.match(f"tfmedgan-{name.split()[0]}: {said}", line) and line.endswith("--help")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("study", ["list", "--seeds", "3"], "list only shows tables; leave out --seeds"),
        ("study", ["report", "x", "--data", "D", "--json"], "leave out --data, --json"),
        ("study", ["iut2023", "x"], "x: directories are for `report` and `record` only"),
        ("generate", ["run", "--num", "0"], "--num 0: must be from 1"),
        ("generate", ["absent"], "absent: no such run directory"),
        ("generate", ["run", "--steps", "3"], "only --interpolate has steps; leave out --steps"),
        (
            "generate",
            ["run", "--interpolate", "--npz", "--grid", "--nearest", "pixels"],
            "--interpolate writes a path only; leave out --grid, --nearest, --npz",
        ),
        ("generate", ["run", "--interpolate", "--num", "1"], "--num 1: a path needs at least 2"),
        (
            "generate",
            ["run", "--interpolate", "--steps", "300"],
            "--num 4 --steps 300: 1200 images a class; at most 1000",
        ),
        ("generate", ["run", "--truncation", "nan"], "--truncation nan: must be at least 0.01"),
        (
            "generate",
            ["run", "--truncation", "inf"],
            "--truncation inf: must be at least 0.01, and",
        ),
        ("generate", ["run", "--nearest", "texture"], "--nearest texture: unknown; valid: pixels,"),
        ("export", ["absent", "--format", "onxx"], "onxx"),
        ("data verify", ["phantom:foot", "--download"], "--download: only tfds:NAME can be"),
        (
            "data preview",
            ["phantom:foot", "--out", "x", "--chain", "dfu-dcgan", "--channels", "1"],
            "--chain dfu-dcgan: has its own size and channels; leave out --channels",
        ),
        (
            "data preview",
            ["phantom:foot", "--out", "x", "--image-size", "0"],
            "--image-size 0: must",
        ),
        ("data preview", ["phantom:foot", "--out", "x", "--image-size", "1"], "be from 4 to 2048"),
        (
            "data prepare",
            ["phantom:foot", "--out", "x", "--channels", "0"],
            "--channels 0: valid: 1",
        ),
        ("data split", ["phantom:foot", "--out", "/proc/x/s.json"], "--out /proc/x/s.json: "),
        (
            "data split",
            ["phantom:foot", "--out", "x", "--fractions", "0:50:50"],
            "--fractions 0:50:50: the first, to train on, must be above 0",
        ),
        (
            "data prepare",
            ["phantom:foot", "--out", "x", "--chain", ""],
            "--chain: the value is empty",
        ),
        ("generate", ["run", "--nearest="], "--nearest: the value is empty; is a variable"),
        ("generate", ["run", "--seed", "1", "--seed=2"], "--seed: given twice; give one"),
        (
            "evaluate",
            ["run", "--copies", "--no-copies"],
            "--copies and --no-copies: given twice; give one",
        ),
        ("data list", ["--json", "--json"], "--json: given twice; give one"),
        ("evaluate", [".", "--metrics", "kid,"], "--metrics kid,: an empty name"),
        ("generate", ["run", "--num", "9999999"], "--num 9999999: must be from 1 to 1,000,000"),
        (
            "data prepare",
            ["phantom:foot", "--out", "x", "--format", "zip"],
            "--format zip: valid: tfrecord, array_record",
        ),
        ("study", ["iut2023", "--hours", "nan"], "--hours"),  # by Typer itself, or by us
        (
            "data prepare",
            ["phantom:foot", "--out", "x", "--split-file", "s", "--fractions", "1:1:1"],
            "--fractions and --split-file exclude each other",
        ),
    ],
)
def test_what_a_mode_would_ignore_is_refused_by_name(name, arguments, message, tmp_path):
    done = run(name, *arguments, cwd=tmp_path)
    assert done.returncode == 2 and done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert message in line and not list(tmp_path.iterdir())


def test_what_was_begun_is_gone_when_the_system_ends_a_command(tmp_path):
    code = "from tfmedgan.cli.data import main; main()"
    command = [sys.executable, "-c", code, "preview", "phantom:fundus:40", "--out", "sheets"]
    begun = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    while not list(tmp_path.iterdir()):
        assert begun.poll() is None
        time.sleep(0.01)
    begun.terminate()
    assert begun.communicate(timeout=60)[1].splitlines()[-1] == "tfmedgan-data: interrupted"
    assert begun.returncode == 130 and not list(tmp_path.iterdir())
