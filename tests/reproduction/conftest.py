"""One smoke study a document, shared by the tests: all tables, one seed, tiny features."""

import shutil

import pytest

from tfmedgan.data import prepare
from tfmedgan.errors import InputError
from tfmedgan.files import locked
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
def finished(tmp_path_factory, shared_folder, network):
    """Function: name of a document → its finished study at scale smoke.

    One of the processes that run the tests measures it, and each has a copy.
    """
    from tfmedgan.papers import TABLES

    made = {}

    def study(document: str) -> Study:
        if document == "limeros2022":
            pytest.importorskip("flwr", reason="needs the extra federated")
        if document not in made:
            names = [
                t.name
                for t in TABLES.values()
                if (t.document, t.kind in TRAINED) == (document, True)
            ]
            seeds = 2 if document == "dfu-dcgan" else 1
            plan = make_plan(document, tuple(names), "smoke", seeds=seeds, features=str(network))
            with locked(shared_folder / f"{document}.lock"):
                measured = Study.open(shared_folder / "measured" / document, plan)
                run(measured, jobs(measured))
                copy = tmp_path_factory.mktemp("studies") / document
                shutil.copytree(measured.path, copy)
            made[document] = Study.open(copy, plan)
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
