"""The downstream study: planted effects are found, leaks refused, killed studies go on."""

import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.classifiers import CLASSIFIERS
from tfmedgan.classifiers.score_list import SCORES
from tfmedgan.classifiers.scores import confusion, scores
from tfmedgan.config import AdamConfig, DataConfig
from tfmedgan.data import phantoms
from tfmedgan.data.prepare import prepare
from tfmedgan.data.split_file import Split
from tfmedgan.data.steps import Grayscale, Resize, run_steps
from tfmedgan.downstream import classifiers as runs
from tfmedgan.downstream.classifier_findings import Findings
from tfmedgan.downstream.config import CLASSICAL, OVERSAMPLED, REAL, DownstreamStudy, GeneratorArm
from tfmedgan.downstream.directory import Outcome
from tfmedgan.downstream.report import write_report
from tfmedgan.downstream.run import run_study
from tfmedgan.errors import InputError
from tfmedgan.seeding import rng
from tfmedgan.supervised import fitting
from tfmedgan.synthetic_png import write_png

SIZE = 24
STEPS = (Grayscale(), Resize(SIZE, aspect="stretch"))
ARM = GeneratorArm("oracle", ARCHITECTURES["cgan"])


def study(**fields) -> DownstreamStudy:
    """Chest phantoms at 24 px, few of them positive, and a narrow classifier; one quick seed."""
    base = CLASSIFIERS["small-cnn"]
    network = replace(base.network, image_shape=(SIZE, SIZE, 1), filters=(8, 16, 32))
    classifier = replace(
        base, network=network, optimizer=AdamConfig(3e-3, 0.9), epochs=14, patience=5, batch_size=16
    )
    data = DataConfig(source="phantom:chest:100", steps=STEPS, fractions=(0.5, 0.2, 0.3))
    given = {"seeds": 1, "replicates": 200, "subsample": (("pneumonia", 5),), **fields}
    return DownstreamStudy(data, classifier, (ARM,), **given)


def oracle(study, arm, out, seed, counts):
    """A perfect generator: more phantoms, drawn with another seed."""
    labels = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    drawn = [phantoms.draw("chest", label, 1000 + seed, i, 64) for i, label in enumerate(labels)]
    return np.stack([run_steps(image, STEPS) for image in drawn]), labels


def liar(study, arm, out, seed, counts):
    """A generator that takes one class for the other."""
    images, labels = oracle(study, arm, out, seed, counts)
    order = np.argsort(labels, kind="stable")[::-1]
    return images[order], labels


@pytest.fixture(scope="module")
def helpful(tmp_path_factory):
    return run_study(study(), tmp_path_factory.mktemp("helpful") / "study", oracle)


def by_arm(place) -> dict:
    return {result.arm: result for result in Findings(place).results}


def test_a_perfect_generator_is_found_to_help(helpful):
    arms = by_arm(helpful)
    assert arms[ARM.added].verdict == "better"
    assert arms[ARM.added].decisive.low > 0
    assert arms[REAL].verdict == "baseline"


def test_swapped_classes_are_found_to_harm(tmp_path):
    arms = by_arm(run_study(study(), tmp_path / "study", liar))
    assert arms[ARM.alone].verdict == "worse"
    assert arms[ARM.alone].decisive.high < 0
    assert arms[ARM.alone].scores["auroc"].value < 0.5


def test_arms_differ_in_the_training_images_alone(helpful):
    """5 of 50 positives are kept; the same 60 real test images for all."""
    outcomes = {arm: helpful.outcome(arm, 0) for arm in study().arms}
    assert {arm: o.n_train for arm, o in outcomes.items()} == {
        REAL: 55, CLASSICAL: 55, OVERSAMPLED: 55, ARM.added: 110, ARM.alone: 56,
    }  # fmt: skip
    assert [outcomes[arm].synthetic for arm in (ARM.added, ARM.alone)] == [55, 56]
    assert all(np.sum(o.confusion) == 60 for o in outcomes.values())
    test = json.loads((helpful.path / "test.json").read_text())
    assert not any("synthetic" in name for name in test["names"]) and len(test["names"]) == 60


def test_the_reports_say_the_same(helpful):
    findings = write_report(helpful)
    text = (helpful.path / "report.md").read_text()
    page = (helpful.path / "report.html").read_text()
    table = (helpful.path / "results.csv").read_text()
    result = {r.arm: r for r in findings.results}[ARM.added]
    assert f"{ARM.added}: better" in text and f"{ARM.added}: better" in page
    assert "The images are a phantom" in text and "The images are a phantom" in page
    assert f"{ARM.added},auroc,{result.scores['auroc'].value}" in table
    assert findings.test["sha256"][:16] in text
    assert "One seed: how much trainings differ is in no interval" in text


@pytest.fixture
def guessing(monkeypatch):
    """Classifiers that guess, from arm and seed, at no cost; the list of what was trained."""
    trained = []

    def guess(job, arm, seed, train, steps, synthetic):
        trained.append((arm, seed))
        labels = job.data.parts["test"].labels
        p = rng(seed, arm).uniform(size=len(labels))
        probabilities = np.stack([1 - p, p], axis=1)
        values = scores(labels, probabilities)
        table = confusion(labels, probabilities).tolist()
        outcome = Outcome(arm, seed, len(train), synthetic, 1, 1.0, values, values, table)
        return outcome, probabilities

    monkeypatch.setattr(runs.Trainings, "_trained", guess)
    return trained


def test_a_killed_study_goes_on_where_it_was(guessing, tmp_path):
    asked = []

    def dies(study, arm, out, seed, counts):
        asked.append(seed)
        if len(asked) == 2:
            raise KeyboardInterrupt
        return oracle(study, arm, out, seed, counts)

    with pytest.raises(KeyboardInterrupt):
        run_study(study(seeds=3), tmp_path / "study", dies)
    run_study(study(seeds=3), tmp_path / "study", dies)
    assert asked == [0, 1, 1, 2]  # the generator of the finished seed is not asked for again
    assert len(guessing) == len(set(guessing)) == 15  # and nothing is trained twice


def test_a_killed_classifier_goes_on_in_its_epoch(helpful, tmp_path, monkeypatch):
    kept, epochs = fitting.Watch.on_epoch_end, []

    def dies(watch, epoch, logs=None):
        kept(watch, epoch, logs)
        epochs.append(epoch)
        if len(epochs) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(fitting.Watch, "on_epoch_end", dies)
    monkeypatch.setattr(runs.Trainings, "arms_of_source", lambda *_: None)
    monkeypatch.setattr(DownstreamStudy, "arms", (REAL, CLASSICAL, OVERSAMPLED))
    with pytest.raises(KeyboardInterrupt):
        run_study(study(), tmp_path / "study", oracle)
    place = run_study(study(), tmp_path / "study", oracle)
    assert epochs[:4] == [0, 1, 2, 3]
    for arm in (REAL, CLASSICAL, OVERSAMPLED):
        assert np.array_equal(place.probabilities(arm, 0), helpful.probabilities(arm, 0))


def test_seeds_are_added_to_a_finished_study(guessing, tmp_path):
    run_study(study(seeds=1), tmp_path / "study", oracle)
    run_study(study(seeds=2), tmp_path / "study", oracle)
    assert [seed for _, seed in guessing] == 5 * [0] + 5 * [1]


def test_a_finished_study_is_reported_without_its_images(folder, guessing, tmp_path):
    asked = on(folder)
    write_report(run_study(asked, tmp_path / "study", oracle))
    before = (tmp_path / "study" / "report.md").read_bytes()
    folder.rename(tmp_path / "elsewhere")
    write_report(run_study(asked, tmp_path / "study", oracle))
    assert (tmp_path / "study" / "report.md").read_bytes() == before
    assert len(guessing) == 5
    with pytest.raises(InputError, match="set"):
        run_study(replace(asked, seeds=2), tmp_path / "study", oracle)


def test_a_folder_of_another_study_is_refused(helpful):
    with pytest.raises(InputError, match="holds another study; choose another --out"):
        run_study(study(synthetic_ratio=2.0), helpful.path, oracle)


def test_a_test_image_among_the_synthetic_ones_is_refused_by_name(guessing, tmp_path):
    def thief(study, arm, out, seed, counts):
        images, labels = oracle(study, arm, out, seed, counts)
        stolen = prepare(study.data, study.data_seed).parts["test"].images[4]
        images[7] = np.clip(stolen.astype(int) + 2, 0, 255)  # not the same bytes
        return images, labels

    with pytest.raises(InputError, match=r"leak: test image chest/\d/\d+ and training image 7 of"):
        run_study(study(), tmp_path / "study", thief)


@pytest.fixture
def folder(tmp_path):
    """Twelve drawn chests of each class, as files."""
    for label, name in enumerate(("normal", "pneumonia")):
        (tmp_path / "set" / name).mkdir(parents=True)
        for index in range(12):
            picture = phantoms.draw("chest", label, 0, index, 128)[..., 0]
            Image.fromarray(picture).save(tmp_path / "set" / name / f"{index}.png")
    return tmp_path / "set"


def on(folder, **fields) -> DownstreamStudy:
    data = replace(study().data, source=str(folder), **fields)
    return replace(study(), data=data, subsample=())


def test_a_copy_of_a_test_image_in_the_training_part_is_refused_by_name(folder, tmp_path):
    split = prepare(on(folder).data, 0).split
    stolen = split.test[0]
    with Image.open(folder / stolen) as image:
        image.convert("L").save(folder / "normal" / "copy.jpg", quality=60)
    leaky = replace(split, train=(*split.train, "normal/copy.jpg"))
    leaky.write(tmp_path / "split.json")
    guilty = on(folder, split_file=str(tmp_path / "split.json"))
    with pytest.raises(InputError, match=r"in test and normal/copy\.jpg in train are near"):
        run_study(guilty, tmp_path / "study", oracle)


def test_a_name_on_both_sides_is_refused(folder, tmp_path):
    split = prepare(on(folder).data, 0).split
    both = replace(split, train=(*split.train, split.test[0]))
    both.write(tmp_path / "split.json")
    with pytest.raises(InputError, match="a name is in two parts"):
        Split.read(tmp_path / "split.json")


def test_synthetic_images_in_the_real_set_are_refused_by_name(folder, tmp_path):
    write_png(folder / "normal" / "fake.png", phantoms.draw("chest", 0, 9, 9, 128))
    with pytest.raises(InputError, match=r"1 images are marked as synthetic, such as .*fake\.png"):
        run_study(on(folder), tmp_path / "study", oracle)
    assert not (tmp_path / "study").exists()


def test_a_class_without_test_images_is_refused(folder, tmp_path):
    few = on(folder, fractions=(0.9, 0.05, 0.05))
    with pytest.raises(InputError, match=r"images of .* in the .* part; a study needs at least"):
        run_study(few, tmp_path / "study", oracle)


def test_an_unknown_scarce_class_is_named(tmp_path):
    with pytest.raises(
        InputError, match="subsample: no class measles; there are: normal, pneumonia"
    ):
        run_study(study(subsample=(("measles", 3),)), tmp_path / "study", oracle)


def test_json_round_trip():
    assert DownstreamStudy.from_json(study().to_json()) == study()


@pytest.mark.slow
def test_twenty_positives_and_five_seeds_show_the_planted_effect(tmp_path):
    planted = study(subsample=(("pneumonia", 20),), seeds=5)
    arms = by_arm(run_study(planted, tmp_path / "good", oracle))
    assert arms[ARM.added].decisive.value > 0
    assert arms[ARM.added].verdict != "worse"
    arms = by_arm(run_study(planted, tmp_path / "bad", liar))
    assert arms[ARM.alone].verdict == "worse"


@pytest.mark.slow
def test_with_shuffled_labels_no_arm_wins_in_19_of_20_studies(tmp_path):
    """Each repetition has another split, other phantoms, other labels, other weights."""
    wins = 0
    for repetition in range(20):
        null = study(shuffle_labels=True, data_seed=repetition, seeds=5, subsample=())
        place = run_study(null, tmp_path / str(repetition), oracle)
        verdicts = {result.verdict for result in Findings(place).results}
        wins += bool(verdicts & {"better", "worse"})
    assert wins <= 1


def test_a_study_written_under_former_names_of_its_fields_opens():
    written = study(synthetic_ratio=2.0, primary_metric="ece")
    text = written.to_json()
    former = {"synthetic_ratio": "share", "subsample": "scarce", "primary_metric": "lead"}
    for now, then in former.items():
        assert f'"{now}"' in text
        text = text.replace(f'"{now}"', f'"{then}"')
    assert DownstreamStudy.from_json(text) == written


def test_arms_by_a_column_of_the_data(guessing, tmp_path):
    source, rows = tmp_path / "set", ["file,sex,age"]
    for index in range(100):
        name = f"{('normal', 'pneumonia')[index % 2]}/{index}.png"
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        noise = rng(0, f"{index}").integers(0, 256, (6, 6), np.uint8).repeat(4, 0).repeat(4, 1)
        Image.fromarray(noise).save(source / name)
        rows.append(f"{name},{'FM'[index // 2 % 2]},{'old' if index < 95 else 'young'}")
    (source / "labels.csv").write_text("\n".join(rows))
    place = run_study(on(source, fractions=(0.1, 0.1, 0.8)), tmp_path / "study", oracle)
    groups = write_report(place, "sex").groups
    assert sum(groups.counts.values()) == 80 and set(groups.counts) == {"F", "M"}
    assert set(groups.scores) == set(groups.gaps) == set(place.study.arms)
    table = (place.path / "subgroups.csv").read_text().splitlines()
    assert table[0] == "arm,sex,images,score,value,low,high"
    assert len(table) == 1 + 5 * 2 * len(SCORES)
    assert "By sex, auroc" in (place.path / "report.md").read_text()
    source.rename(tmp_path / "elsewhere")  # the values are kept
    assert write_report(place, "sex").groups.gaps == groups.gaps
    with pytest.raises(InputError, match="set"):
        write_report(place, "age")
