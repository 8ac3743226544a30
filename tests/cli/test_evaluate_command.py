"""tfmedgan-evaluate as a user types it: help, refusals, a folder, JSON, comparison."""

import json
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

COMMAND = [sys.executable, "-c", "from tfmedgan.cli.evaluate import main; main()"]


def run(*arguments, cwd=None):
    return subprocess.run(
        [*COMMAND, *map(str, arguments)], capture_output=True, text=True, cwd=cwd, timeout=180
    )


def refusal(result):
    assert result.returncode == 2, result
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    return line


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Folders fake and real of 24 images each, and a tiny network."""
    import keras

    folder = tmp_path_factory.mktemp("place")
    generator = np.random.default_rng(0)
    coarse = generator.integers(0, 256, (48, 6, 6)).repeat(4, 1).repeat(4, 2).astype(np.uint8)
    for index, image in enumerate(coarse):
        path = folder / ("fake", "real")[index % 2] / f"{index // 2}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(image).save(path)
    drawn = keras.initializers.GlorotUniform(seed=0)  # or each run would test another network
    convolution = keras.layers.Conv2D(8, 5, kernel_initializer=drawn)
    layers = [keras.Input((24, 24, 1)), convolution, keras.layers.ReLU()]
    keras.Sequential(layers).save(folder / "net.keras")
    return folder


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], "nowhere: no such run directory or folder of images"),
        (["fake"], "fake: is no run directory; add --against SOURCE"),
        (["fake", "--against", "real", "--metrics", "fdi"], "unknown metric 'fdi'; valid:"),
        (["fake", "--against", "real", "--metrics", "psnr"], "psnr compares pairs of images"),
        (["fake", "--against", "real", "--features", "x"], "no feature extractor 'x'; valid:"),
        (["fake", "--against", "real", "--num", "3"], "--num 3: must be from 10 to 1,000,000"),
        (["fake", "--against", "real", "--compare", "x"], "x: cannot be read: No such"),
        (["fake", "--against", "real", "--out", "net.keras"], "--out net.keras: /"),
        (["fake", "--against", "real", "--metrics", "cmmd"], "cmmd is mmd on features of its own"),
        (
            ["fake", "--against", "real", "--protocol", "clip"],
            "--protocol is for the network of a file, and --features multiscale is none",
        ),
        (["fake", "--audit", "--members", "real"], "--audit: fake is no run; add --members DIR"),
        (
            ["fake", "--against", "real", "--members", "real"],
            "they say whom --audit attacks; add --audit; leave out --members",
        ),
        (["fake", "--against", "real", "--by", "sex"], "--by sex: real has no column sex; it has"),
        (["fake", "--pairs"], "--pairs: add --against SOURCE"),
        (
            ["fake", "--against", "real", "--pairs", "--num", "12", "--no-copies"],
            "--pairs measures every pair, and no copies; leave out --num, --no-copies",
        ),
        (
            ["fake", "--against", "real", "--pairs", "--features", "net.keras"],
            "psnr, ssim look at pixels alone; leave out --features",
        ),
    ],
)
def test_refusals_are_one_line(place, arguments, message):
    assert refusal(run(*arguments, cwd=place)).startswith(f"tfmedgan-evaluate: {message}")


def test_a_folder_is_evaluated_compared_and_reported(place):
    common = ["fake", "--against", "real", "--features", "net.keras", "--metrics", "kid,recall"]
    first = run(*common, "--json", "--quiet", cwd=place)
    assert first.returncode == 0, first.stderr
    assert first.stderr == ""
    rows = json.loads(first.stdout)
    assert [row["metric"] for row in rows] == ["kid_net", "recall_net"]
    assert {"value", "low", "high", "protocol"} <= rows[0].keys()
    written = {path.name for path in (place / "evaluation" / "fake").iterdir()}
    assert written == {"cache", "rows.jsonl", "report.html", "copy_check.json", "closest_pairs.png"}

    baseline = place / "evaluation" / "fake" / "rows.jsonl"
    again = run(*common, "--compare", baseline, "--seed", 1, cwd=place)
    assert again.returncode == 0, again.stderr
    assert "difference" in again.stdout and "features: 8, net" in again.stdout
    assert "report: evaluation/fake/report.html" in again.stdout
    report = place / "evaluation" / "fake" / "report.html"
    assert "hantom" not in again.stdout + report.read_text()

    drawn = ["fake", "--against", "phantom:chest:12", "--features", "net.keras", "--metrics", "kid"]
    assert "are a phantom" in run(*drawn, "--no-copies", cwd=place).stdout

    fewer = [*common, "--num", 12, "--compare", baseline, "--no-copies", "--out", "new/fewer"]
    assert "protocols differ" in refusal(run(*fewer, cwd=place))
    assert not (place / "new").exists()


def test_a_folder_where_an_export_has_looked_for_copies_is_taken(place):
    folder = place / "exported"
    (folder / "cache").mkdir(parents=True)
    (folder / "copy_check.json").write_text("{}")
    command = ["fake", "--against", "real", "--features", "net.keras", "--metrics", "kid"]
    done = run(*command, "--out", "exported", cwd=place)
    assert done.returncode == 0 and (folder / "rows.jsonl").is_file(), done.stderr


def test_a_folder_of_anything_else_is_neither_overwritten_nor_added_to(place):
    mine = place / "mine"
    mine.mkdir()
    (mine / "report.html").write_text("precious")
    command = ["fake", "--against", "real", "--features", "net.keras", "--out"]
    for folder in ("mine", "real"):
        before = sorted((place / folder).iterdir())
        assert f"--out {folder}: holds other files" in refusal(run(*command, folder, cwd=place))
        assert sorted((place / folder).iterdir()) == before
    (mine / "rows.jsonl").write_text("mine")
    assert "mine/rows.jsonl: holds a line that is no JSON" in refusal(
        run(*command, "mine", cwd=place)
    )
    assert (mine / "report.html").read_text() == "precious"


def test_the_scaling_of_a_file_is_in_the_rows_and_keeps_others_apart(place):
    common = ["fake", "--against", "real", "--features", "net.keras", "--metrics", "kid,mmd"]
    scaled = [*common, "--scaling", "unit", "--no-copies", "--out", "scaled", "--json"]
    result = run(*scaled, cwd=place)
    assert result.returncode == 0, result.stderr
    rows = json.loads(result.stdout)
    assert [row["metric"] for row in rows] == ["kid_net", "mmd_net"]
    assert rows[0]["protocol"]["resizer"].endswith("values scaled: unit")
    other = run(*common, "--no-copies", "--compare", "scaled/rows.jsonl", cwd=place)
    assert "protocols differ" in refusal(other)


def test_pairs_by_file_name(place):
    result = run("fake", "--against", "real", "--pairs", "--json", cwd=place)
    assert result.returncode == 0, result.stderr
    rows = json.loads(result.stdout)
    assert [row["metric"] for row in rows] == ["psnr", "ssim"]
    pairs = [
        [np.asarray(Image.open(place / side / f"{index}.png")) for side in ("real", "fake")]
        for index in range(24)
    ]
    gaussian = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    expected = [
        np.mean([peak_signal_noise_ratio(*pair) for pair in pairs]),
        np.mean([structural_similarity(*pair, **gaussian) for pair in pairs]),
    ]
    assert [row["value"] for row in rows] == pytest.approx(expected, rel=1e-6)


def test_pairs_are_written_where_out_says_and_compared_later(place):
    pairs = ["fake", "--against", "real", "--pairs"]
    written = run(*pairs, "--out", "pairs", cwd=place)
    assert written.returncode == 0, written.stderr
    assert "rows: pairs/rows.jsonl" in written.stdout and "no features: pixels" in written.stdout
    again = run(*pairs, "--compare", "pairs/rows.jsonl", "--json", cwd=place)
    assert [row["difference"] for row in json.loads(again.stdout)] == [0, 0]


def test_a_name_that_pairs_have_twice_or_in_one_folder_only_is_named(place):
    for name in ("0.png", "0.bmp", "more.png"):
        (place / "doubled").mkdir(exist_ok=True)
        Image.open(place / "fake" / "0.png").save(place / "doubled" / name)
    doubled = refusal(run("doubled", "--against", "real", "--pairs", cwd=place))
    assert "doubled has two images named 0: 0.bmp and 0.png" in doubled
    (place / "doubled" / "0.bmp").unlink()
    single = refusal(run("doubled", "--against", "real", "--pairs", cwd=place))
    assert "doubled has more, and real no image of that name" in single


def test_an_audit_of_a_folder(place):
    generator = np.random.default_rng(1)
    for name, count in (("members", 30), ("others", 110), ("copies", 30)):
        (place / name).mkdir()
        for index in range(count):
            image = generator.integers(0, 256, (6, 6)).repeat(4, 0).repeat(4, 1).astype(np.uint8)
            if name == "copies":
                image = np.asarray(Image.open(place / "members" / f"{index}.png")) // 2 * 2
            Image.fromarray(image).save(place / name / f"{index}.png")
    rows = ["file,site", *(f"{index}.png,{'AB'[index % 2]}" for index in range(110))]
    (place / "others" / "labels.csv").write_text("\n".join(rows))
    known = ["--members", "members", "--non-members", "others", "--by", "site"]
    common = ["copies", "--audit", *known, "--features", "net.keras", "--metrics", "kid,recall"]
    shown = run(*common, cwd=place)
    assert shown.returncode == 0, shown.stderr
    assert "calibrated GAN-Leaks  pixels  1.00" in shown.stdout
    assert "Membership audit: ALARM" in shown.stdout
    assert max(map(len, shown.stdout.splitlines()[:-1])) <= 80
    assert "Subgroups by site" in shown.stdout or "Subgroup gap" in shown.stdout
    result = run(*common, "--json", "--quiet", cwd=place)
    rows = json.loads(result.stdout)
    assert [row["metric"] for row in rows[:2]] == ["kid_net", "recall_net"]
    assert len(rows) == 2 + 24 + 4
