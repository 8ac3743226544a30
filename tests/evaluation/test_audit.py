"""The audit of membership: attacks by their definitions, intervals, and when it raises an alarm."""

import numpy as np
import pytest
from scipy import stats

from tfmedgan.errors import InputError
from tfmedgan.evaluation.audit.attacks import ATTACKS, COMPONENTS
from tfmedgan.evaluation.audit.auc import Placements, roc, variance_of_mean
from tfmedgan.evaluation.audit.membership import audit
from tfmedgan.evaluation.audit.roles import Roles, roles
from tfmedgan.evaluation.images import array_pool
from tfmedgan.evaluation.nn_distances import distances, pixels


@pytest.fixture(scope="module")
def sets():
    """Features of 60 attacked images, 90 fakes and 70 reference images."""
    generator = np.random.default_rng(0)
    mixing = generator.normal(size=(40, 40)) / 6
    return [generator.normal(size=(count, 40)) @ mixing for count in (60, 90, 70)]


def _distances(images, others):
    return np.array([[np.sqrt(((a - b) ** 2).sum()) for b in others] for a in images])


def _monte_carlo(images, fakes, reference):
    apart = _distances(images, fakes)
    radius = np.median(apart.min(axis=1))
    return np.array([sum(d <= radius for d in row) / len(fakes) for row in apart])


def _gan_leaks(images, fakes, reference):
    return np.exp(-_distances(images, fakes).min(axis=1))


def _calibrated(images, fakes, reference):
    return np.exp(-_distances(images, fakes).min(1) + _distances(images, reference).min(1))


def _domias(images, fakes, reference):
    both = np.concatenate([fakes, reference])
    count = min(COMPONENTS, len(reference) // 3)
    axes = np.linalg.svd(both - both.mean(0), full_matrices=False)[2][:count]
    images, fakes, reference = ((x - both.mean(0)) @ axes.T for x in (images, fakes, reference))
    return stats.gaussian_kde(fakes.T)(images.T) / stats.gaussian_kde(reference.T)(images.T)


DEFINITIONS = {
    "monte_carlo": _monte_carlo, "gan_leaks": _gan_leaks, "gan_leaks_calibrated": _calibrated,
    "domias": _domias,
}  # fmt: skip


def test_every_attack_has_a_definition_here():
    assert DEFINITIONS.keys() == ATTACKS.keys()


@pytest.mark.parametrize("name", ATTACKS)
def test_attacks_equal_their_definitions(name, sets):
    scores = ATTACKS[name].scores(*sets)
    expected = DEFINITIONS[name](*sets)
    np.testing.assert_allclose(
        scores if name == "monte_carlo" else np.exp(scores), expected, rtol=1e-9, atol=1e-9
    )


def test_densities_of_one_kernel_are_scipys():
    # log p of a Gaussian mixture with SciPy's bandwidth, written out
    generator = np.random.default_rng(1)
    fakes, reference, images = (generator.normal(size=(n, 3)) for n in (50, 40, 5))
    scores = ATTACKS["domias"].scores(images, fakes, reference)

    def density(points):
        covariance = np.cov(points.T) * len(points) ** (-2 / (3 + 4))
        return [
            np.mean([stats.multivariate_normal.pdf(x, p, covariance) for p in points])
            for x in images
        ]

    expected = np.log(density(fakes)) - np.log(density(reference))
    np.testing.assert_allclose(scores, expected, rtol=1e-9)


def test_auc_and_its_variance_by_definition():
    # DeLong, DeLong & Clarke-Pearson 1988, from all pairs
    generator = np.random.default_rng(0)
    members, others = generator.integers(2, 9, 25).astype(float), generator.integers(0, 7, 30)
    wins = (members[:, None] > others) + 0.5 * (members[:, None] == others)
    placements = Placements.of(members, others.astype(float))
    assert placements.area == pytest.approx(wins.mean(), abs=1e-12)
    variance = wins.mean(1).var(ddof=1) / 25 + wins.mean(0).var(ddof=1) / 30
    figure = placements.figure(np.arange(25), np.arange(30))
    half = stats.t.ppf(0.975, 24) * np.sqrt(variance)
    assert figure.low == pytest.approx(wins.mean() - half, abs=1e-12)
    assert figure.high == pytest.approx(wins.mean() + half, abs=1e-12)


def test_images_of_one_patient_count_once():
    values = np.random.default_rng(0).normal(size=20)
    alone = variance_of_mean(values, np.arange(20))
    assert alone == pytest.approx(values.var(ddof=1) / 20)
    fourfold = variance_of_mean(np.repeat(values, 4), np.repeat(np.arange(20), 4))
    assert fourfold == pytest.approx(alone)


def test_roc_has_the_area():
    generator = np.random.default_rng(0)
    members, others = generator.integers(1, 9, 40), generator.integers(0, 8, 30)
    false, true = roc(members, others)
    assert (false[0], true[0], false[-1], true[-1]) == (0, 0, 1, 1)
    area = Placements.of(members.astype(float), others.astype(float)).area
    assert np.trapezoid(true, false) == pytest.approx(area)


def _pools(training, held_out):
    return array_pool(training, "training images"), array_pool(held_out, "held-out images")


@pytest.fixture(scope="module")
def patterns():
    """600 unlike images: coarse random patterns, 32×32×1."""
    generator = np.random.default_rng(0)
    coarse = np.clip(generator.normal(128, 40, (600, 8, 8, 1)), 0, 255)
    return coarse.repeat(4, 1).repeat(4, 2).astype(np.uint8)


def _audited(fake, training, held_out, seed=0):
    """The audit of images in pixels."""
    training, held_out = _pools(training, held_out)
    dealt = roles(training, held_out, seed=seed)
    pools = array_pool(fake, "fakes"), training, held_out
    return audit(*({"pixels": pixels(pool)} for pool in pools), dealt, seed)


@pytest.mark.parametrize("sigma", [0, 3])
def test_a_generator_that_memorises_is_caught_by_each_attack(patterns, sigma):
    noise = np.random.default_rng(1).normal(0, sigma, patterns[:200].shape)
    fake = np.clip(patterns[:200] + noise, 0, 255).astype(np.uint8)
    done = _audited(fake, patterns[:200], patterns[200:])
    for result in done.results:
        assert result.auc.value >= 0.9, result.title
        assert abs(result.control.value - 0.5) < 0.1
        assert result.alarms
    assert done.alarm and "ALARM" in done.sentence
    assert len(done.results) == 4


def test_held_out_reals_raise_no_alarm_in_95_of_100_resamplings():
    generator = np.random.default_rng(0)
    features = generator.standard_t(4, (300, 12)) @ generator.normal(size=(12, 12))
    quiet = 0
    for seed in range(100):
        shuffled = np.random.default_rng(seed).permutation(features)
        training, held_out, fake = np.split(shuffled, [100, 250])
        order = np.random.default_rng(seed).permutation(150)
        parts = np.split(order, [60, 120])
        dealt = Roles(np.arange(60), *parts, np.arange(60), np.arange(60))
        done = audit({"f": fake}, {"f": training}, {"f": held_out}, dealt)
        quiet += not done.alarm
    assert quiet >= 95


def test_members_that_differ_by_themselves_are_no_alarm_but_are_said_to():
    # darker members: fakes and held-out reals alike lie nearer to the non-members
    alarms = differs = 0
    for seed in range(20):
        generator = np.random.default_rng(seed)
        training, held_out, fake = (generator.normal(size=(n, 12)) for n in (60, 150, 30))
        parts = np.split(np.arange(150), [60, 120])
        dealt = Roles(np.arange(60), *parts, np.arange(60), np.arange(60))
        done = audit({"f": fake}, {"f": training + 1}, {"f": held_out}, dealt)
        alarms += done.alarm
        differs += "differ by themselves" in done.sentence
    assert alarms <= 1 and differs >= 19
    assert "would have been noticed" in done.sentence and "proof" in done.sentence


def test_a_collapsed_generator_is_audited_without_densities(patterns):
    done = _audited(patterns[:1].repeat(40, 0), patterns[:100], patterns[100:300])
    assert [r.attack for r in done.results] == ["monte_carlo", "gan_leaks", "gan_leaks_calibrated"]
    assert done.refused == ("DOMIAS, pixels: images vary too little for densities.",)


def test_roles_keep_patients_together(patterns):
    training, held_out = _pools(patterns[:100], patterns[100:300])
    groups = tuple(tuple(held_out.names[i : i + 5]) for i in range(0, 200, 5))
    dealt = roles(training, held_out, ((), groups), seed=3)
    parts = (dealt.non_members, dealt.reference, dealt.control)
    assert sorted(np.concatenate(parts)) == list(range(200))
    assert [len(part) for part in parts] == [80, 80, 40]
    whose = [set(part // 5) for part in parts]
    assert not whose[0] & whose[1] | whose[0] & whose[2] | whose[1] & whose[2]
    assert len(dealt.members) == len(dealt.non_members) == len(set(dealt.members))
    assert len(set(dealt.other_patients)) == 16
    again = roles(training, held_out, ((), groups), seed=3)
    np.testing.assert_array_equal(dealt.members, again.members)


def test_what_cannot_be_audited_is_refused_in_one_line(patterns):
    training, few = _pools(patterns[:100], patterns[100:160])
    with pytest.raises(InputError, match=r"--audit: 60 images held out; at least 100 are needed"):
        roles(training, few)
    with pytest.raises(InputError, match="--audit: 0 images held out"):
        roles(training, None)
    with pytest.raises(InputError, match=r"1 images are both trained on and held out, such as"):
        roles(*_pools(patterns[:100], patterns[99:300]))
    held_out = array_pool(patterns[100:300], "held out")
    with pytest.raises(InputError, match="since images of one patient stay together"):
        roles(training, held_out, ((), (held_out.names,)))


def test_authenticity_equals_a_double_loop():
    # Alaa et al. 2022: a fake is authentic if its nearest training image has a nearer other
    generator = np.random.default_rng(0)
    training, fake, held_out = (generator.normal(size=(n, 6)) for n in (60, 50, 40))
    space = distances("f", False, fake, training, held_out)
    count = 0
    for image in fake:
        apart = [np.linalg.norm(image - other) for other in training]
        nearest = int(np.argmin(apart))
        own = min(
            np.linalg.norm(training[nearest] - other)
            for index, other in enumerate(training)
            if index != nearest
        )
        count += apart[nearest] > own
    assert space.authentic == count / 50
