"""A guard that counts: what one step computes, what it is fed, and how often it is traced."""

import json
from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.costs import COSTS
from tfmedgan.papers import PRESETS
from tfmedgan.training.loop import build
from tfmedgan.training.step_graph import multiplications, operations, step_graph

KERNELS = ("Conv2D", "Conv2DBackpropInput", "Conv2DBackpropFilter", "MatMul")

# Per architecture and step: convolutions and matrix products, exactly; the most operations of
# any type that may run; millions of multiply-adds an image. Fewer is progress: lower the number.
GOLDEN = {
    "cgan": (53, 800, 878),
    "dcgan": (33, 610, 236),
    "dcgan64": (52, 1000, 1137),
    "cgan64": (55, 1090, 1155),
    "dcgan-k16": (52, 1000, 1561),
    "wgan-gp64": (244, 4300, 1445),
    "wgan-gp128": (299, 6000, 671),
    "wgan-gp-lstm": (2268, 27600, 706),
    "stylegan2": (342, 3900, 3741),  # of the steps that take R1, every sixteenth
    "rgan": (152, 1870, 1724),  # of the steps that take the penalty, every fourth
}


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_a_step_computes_no_more_than_it_did(name):
    experiment = replace(ARCHITECTURES[name], ema=0.0)
    graph = step_graph(build(experiment), experiment.batch_size)
    counted = operations(graph)
    images = experiment.model.images_per_step(experiment.batch_size)
    kernels = sum(counted[kind] for kind in KERNELS)
    work = multiplications(graph) // (2 * images * 10**6)
    measured = (kernels, counted.total(), work)
    assert name in GOLDEN, f"if {measured} is what {name} should compute, write it into GOLDEN"
    expected, most, millions = GOLDEN[name]
    assert (kernels, work) == (expected, millions)
    assert counted.total() <= most


@pytest.mark.parametrize("name", ["iut2023/cgan", "iut2023/dcgan", "vuw-covid/table5-dcgan"])
def test_listed_costs_are_those_of_the_graphs(name):
    """benchmarks/costs.py writes them anew."""
    preset = PRESETS[name]
    graph = step_graph(build(preset), preset.batch_size)
    images = preset.model.images_per_step(preset.batch_size)
    counted = multiplications(graph) / images / 1e9
    assert json.loads(COSTS.read_text())[name] == pytest.approx(counted, abs=6e-4)


def test_bfloat16_adds_casts_and_no_multiplications():
    experiment = replace(ARCHITECTURES["dcgan64"], ema=0.0)
    full, half = (
        step_graph(build(replace(experiment, precision=precision)), 32)
        for precision in ("float32", "mixed_bfloat16")
    )
    assert multiplications(half) == multiplications(full)
    added = operations(half) - operations(full)
    assert added["Cast"] <= 45


def test_multiplications_are_those_of_the_layers():
    """A DCGAN's step: the discriminator thrice forward, its gradients, the generator's."""
    experiment = replace(ARCHITECTURES["dcgan64"], ema=0.0)
    sides, filters = (32, 16, 8, 4, 1), (3, 64, 128, 256, 512, 1)
    layers = [
        2 * side**2 * 16 * inputs * outputs
        for side, inputs, outputs in zip(sides, filters[:-1], filters[1:], strict=True)
    ]
    forward = sum(layers)
    reals_and_fakes = 2 * (3 * forward - layers[0])  # no gradient of the images
    generator = sum(layers[:4]) + 2 * 16 * 100 * 512
    through = 2 * forward + 3 * generator - 2 * 16 * 100 * 512  # none of z
    graph = step_graph(build(experiment), 8)
    assert multiplications(graph) == 8 * (reals_and_fakes + through)


@pytest.mark.parametrize("name", ["cgan", "dcgan", "wgan-gp64"])
def test_a_step_is_traced_once_also_with_a_smaller_last_batch(name):
    experiment = ARCHITECTURES[name]
    shape = experiment.model.image_shape if name != "wgan-gp64" else (32, 32, 1)
    fields = {"image_shape": shape} | ({"ngf": 4, "ndf": 4} if name == "wgan-gp64" else {})
    model = build(replace(experiment, model=replace(experiment.model, **fields)))
    images = np.zeros((25, *shape), "float32")
    traced = []
    step = model.train_step
    model.train_step = lambda data: traced.append(data) or step(data)
    batches = tf.data.Dataset.from_tensor_slices((images, np.zeros(25, "int32"))).batch(10)
    model.fit(batches, epochs=2, verbose=0)
    assert model.generator_optimizer.iterations == 6
    assert len(traced) == 1


@pytest.mark.parametrize("name", ["cgan", "wgan-gp64"])
def test_a_step_takes_nothing_from_the_host_but_its_images_and_labels(name):
    graph = step_graph(build(ARCHITECTURES[name]), 8)
    captured = [tensor for tensor, _ in graph.captures]
    assert {tensor.dtype for tensor in captured} == {tf.resource}  # variables stay where they are
    fed = [tensor for tensor in graph.inputs if tensor.dtype != tf.resource]
    assert [tensor.dtype for tensor in fed] == [tf.float32, tf.int32]
    assert not {"PyFunc", "EagerPyFunc", "PyFuncStateless"} & set(operations(graph))
