"""A tiny experiment that trains in a second."""

from dataclasses import replace

import pytest

from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.data.prepare import prepare


@pytest.fixture(scope="session", params=["cgan", pytest.param("dcgan", marks=pytest.mark.slow)])
def experiment(request):
    base = ARCHITECTURES[request.param]
    data = replace(base.data, source="phantom:fundus:6")
    return replace(base, data=data, batch_size=6, epochs=3)


@pytest.fixture(scope="session")
def data(experiment):
    return prepare(experiment.data, experiment.seed)
