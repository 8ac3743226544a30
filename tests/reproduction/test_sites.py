"""limeros2022: one place, sites together and alone show equally many images; rows by site."""

import pytest

from tfmedgan.evaluation.run_images import held_out_of, pools_of
from tfmedgan.federated.sites import dealt
from tfmedgan.papers.limeros2022_sites import SITES
from tfmedgan.reproduction.material import prepared
from tfmedgan.reproduction.run import make_plan
from tfmedgan.reproduction.stages import stages
from tfmedgan.reproduction.study import Study
from tfmedgan.reproduction.synthesis import _of_site


@pytest.fixture(scope="module")
def planned(tmp_path_factory):
    plan = make_plan("limeros2022", ("quality", "sites"), "smoke", seeds=1)
    study = Study.open(tmp_path_factory.mktemp("studies") / "limeros2022", plan)
    return {s.experiment.name.split("/")[1]: s for s in stages(study, study.tables)}


def steps(experiment) -> int:
    """Of all sites together."""
    if experiment.federation is None:
        images = len(prepared(experiment.data).parts["train"])
        return experiment.epochs * experiment.model.steps_per_epoch(images, experiment.batch_size)
    sites = 1 if experiment.federation.only else 3
    return experiment.epochs * experiment.federation.local_steps * sites


def test_five_trainings_show_as_many_images(planned):
    assert list(planned) == ["unconditional", "federated", *(f"alone-{site}" for site in SITES)]
    shown = {name: steps(stage.experiment) for name, stage in planned.items()}
    federation = planned["federated"].experiment.federation
    a_round = 3 * federation.local_steps
    assert all(abs(count - shown["unconditional"]) <= a_round / 2 for count in shown.values()), (
        shown
    )


def test_a_training_is_measured_on_all_images_and_on_each_sites(planned):
    for stage in planned.values():
        assert [cell.row.site for cell in stage.cells] == ["", *SITES]


def test_the_sites_of_a_reference_are_those_of_the_training(planned):
    data = prepared(planned["unconditional"].experiment.data)
    whole = held_out_of(pools_of(data))
    parts = [_of_site(site, whole, data, 0) for site in SITES]
    assert sum(map(len, parts)) == len(whole)
    site_of = dealt(data.split, 3, 0)
    for site, pool in zip(SITES, parts, strict=True):
        assert {site_of[name] for name in pool.names} == {site}
        assert site in pool.name
