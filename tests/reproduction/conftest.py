"""One smoke study a document, shared by the tests: all tables, one seed, tiny features."""

import pytest

from tfmedgan.data import prepare
from tfmedgan.errors import InputError
from tfmedgan.reproduction import material
from tfmedgan.reproduction.run import jobs, make_plan, run
from tfmedgan.reproduction.study import Study

DOCUMENTS = (
    "aims2023", "dfu-dcgan", "dfu-lstm", "iut2023",
    pytest.param("vuw-covid", marks=pytest.mark.slow),  # 22 runs
    pytest.param("limeros2022", marks=pytest.mark.slow),  # federations, too
)  # fmt: skip
TRAINED = ("synthesis", "training_curve", "authenticity")


@pytest.fixture(scope="session")
def finished(tmp_path_factory, network):
    """Function: name of a document → its finished study at scale smoke."""
    from tfmedgan.papers import TABLES

    made = {}

    def study(document: str) -> Study:
        if document == "limeros2022":
            pytest.importorskip("flwr", reason="needs the extra federated")
        if document not in made:
            own = [
                t.name
                for t in TABLES.values()
                if (t.document, t.kind in TRAINED) == (document, True)
            ]
            seeds = 2 if document == "dfu-dcgan" else 1
            plan = make_plan(document, tuple(own), "smoke", seeds=seeds, features=str(network))
            made[document] = Study.open(tmp_path_factory.mktemp("studies") / document, plan)
            run(made[document], jobs(made[document]))
        return made[document]

    return study


@pytest.fixture
def no_images(monkeypatch):
    """Function: from its call on, no source of images can be opened."""

    def gone(source, **_):
        raise InputError(f"{source}: was moved away")

    def move_away():
        for module in (prepare, material):
            monkeypatch.setattr(module, "open_source", gone)
        material.opened_source.cache_clear()
        material.prepared.cache_clear()

    return move_away
