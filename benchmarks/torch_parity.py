"""The same network in plain PyTorch, from the same weights and batch: the same first step?

    python benchmarks/torch_parity.py     (with PyTorch installed beside the toolkit)

Gives, for dcgan64, wgan-gp64, rgan and stylegan2, the relative differences of the losses and, per
network, of
the gradient's direction (‖Δ‖ of the first Adam update over its own norm). The networks here are
written as PyTorch code for them is written (torch_gans.py), so the comparison covers the port:
padding, normalisation, momentum, epsilon, the order of updates and the optimizer.
"""

from dataclasses import replace

import keras
import numpy as np
import tensorflow as tf
import torch
import torch_gans
import torch_stylegan2
from pages import parser, show, table
from torch import nn
from torch_gans import adam

from tfmedgan import models
from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.config import Experiment
from tfmedgan.models import optimizers
from tfmedgan.models.nested import every_layer
from tfmedgan.papers import PRESETS

LIMIT = 1e-4
KINDS = (  # of layers here and there
    ("Modulated",), ("Dense", "Linear"), ("Up",), ("Conv",), ("Norm",), ("Noisy",),
    ("Constant", "Generator"), ("Bias", "ParameterList"),
)  # fmt: skip


def to_torch(value: np.ndarray) -> torch.Tensor:
    """Kernels (h, w, a, b) as (b, a, h, w), those of transposed convolutions alike."""
    value = np.asarray(value)
    if value.shape[:2] == (1, 4):  # maps, and no kernel
        return torch.tensor(value.transpose(0, 3, 1, 2))
    return torch.tensor(value.transpose(3, 2, 0, 1) if value.ndim == 4 else value.T)


def ordered(layers, weights_of) -> list:
    """The weights of layers, those of a kind together, as the two libraries order kinds apart."""
    weights = []
    layers = list(layers)
    for kind in KINDS:
        of_kind = [x for x in layers if any(word in type(x).__name__ for word in kind)]
        weights += [weight for layer in of_kind for weight in weights_of(layer)]
        layers = [x for x in layers if x not in of_kind]
    assert not any(weights_of(layer) for layer in layers)
    return weights


def weights_here(network) -> list:
    layers = [layer for layer in every_layer(network) if not isinstance(layer, keras.Model)]
    if any(type(layer).__name__.startswith("Equalized") for layer in layers):
        layers.sort(key=number)  # as they were made: those of StyleGAN2 stand beside each other
    return ordered(layers, lambda layer: layer.trainable_variables)


def number(layer) -> int:
    """Which of its kind a layer is, by the name that Keras gave it."""
    last = layer.name.rpartition("_")[2]
    return int(last) if last.isdigit() else 0


def weights_there(network: nn.Module) -> list:
    return ordered(network.modules(), lambda module: list(module.parameters(recurse=False)))


def load(network: nn.Module, weights: list) -> None:
    for parameter, value in zip(weights_there(network), weights, strict=True):
        parameter.data = to_torch(value).contiguous()


def picture(images) -> torch.Tensor:
    return torch.tensor(np.asarray(images).transpose(0, 3, 1, 2).copy())


def latent(z) -> torch.Tensor:
    return torch.tensor(np.asarray(z, np.float64))


def dcgan_step(model, experiment, g, d, images) -> dict[str, float]:
    g_adam = adam(g, experiment.generator_optimizer)
    d_adam = adam(d, experiment.discriminator_optimizer)
    z = latent(model.draw(len(images), "z", 0))
    results = torch_gans.dcgan_step(g, d, g_adam, d_adam, picture(images), z, nn.BCELoss())
    return {name: value.item() for name, value in results.items()}


def wgan_gp_step(model, experiment, g, d, images) -> dict[str, float]:
    """`critic_steps` updates of the critic and one of the generator."""
    config = experiment.model
    g_adam = adam(g, experiment.generator_optimizer)
    d_adam = adam(d, experiment.discriminator_optimizer)
    share = len(images) // config.critic_steps
    steps = []
    for k, real in enumerate(picture(images).split(share)):
        z = latent(model.draw(share, "critic", k))
        ones = tf.ones((share, 1, 1, 1), tf.float64)
        alpha = torch.tensor(np.asarray(model.interpolated(ones, 0 * ones, k)))
        weight = config.penalty_weight
        steps.append(torch_gans.critic_step(g, d, d_adam, real, z, alpha, weight))
    z = latent(model.draw(share, "generator", 0))
    g_loss = torch_gans.wasserstein_generator_step(g, d, g_adam, z)
    means = {name: np.mean([step[name].item() for step in steps]) for name in steps[0]}
    return {**means, "g_loss": g_loss.item()}


def relativistic_step(model, experiment, g, d, images) -> dict[str, float]:
    adams = adam(g, experiment.generator_optimizer), adam(d, experiment.discriminator_optimizer)
    z = latent(model.draw(len(images), "z", 0))
    noises = [picture(model._noise(tf.constant(images), number)) for number in (0, 1)]
    results = torch_gans.relativistic_step(
        g, d, *adams, picture(images), z, noises, experiment.model
    )
    return {name: value.item() for name, value in results.items()}


def stylegan2_step(model, experiment, g, d, images) -> dict[str, float]:
    """With both penalties, as the first step has them."""
    adams = adam(g, experiment.generator_optimizer), adam(d, experiment.discriminator_optimizer)
    real = tf.constant(images)

    def draws(some, stream):
        z, other = (model.draw(len(some), f"{stream}/{name}", 0) for name in ("z", "other z"))
        styles, firsts = model._styles(some, None, stream), model.mapping(z)[:, tf.newaxis]
        of_first = tf.reduce_all(tf.abs(styles - firsts) < 1e-9, axis=2)
        noise = model._noise(some, stream)
        return latent(z), latent(other), torch.tensor(of_first.numpy()), latent(noise)

    some = real[::2]
    path = *draws(some, "path"), picture(model._normal(some.shape[1:], some, "path/directions"))
    results = torch_stylegan2.stylegan2_step(
        g, d, *adams, picture(images), draws(real, "fake"), path, experiment.model, True
    )
    return {name: value.item() for name, value in results.items()}


def small_stylegan2() -> Experiment:
    """With path lengths, whose second derivatives take long in float64."""
    base = ARCHITECTURES["stylegan2"]
    small = {"image_shape": (32, 32, 3), "channel_base": 256, "latent_dim": 32}
    return replace(base, model=replace(base.model, path_length_weight=2.0, **small))


STEPS = {
    "dcgan64": (PRESETS["vuw-covid/table5-dcgan"], dcgan_step),
    "wgan-gp64": (PRESETS["vuw-covid/table5-wgan-gp"], wgan_gp_step),
    "rgan": (ARCHITECTURES["rgan"], relativistic_step),
    "stylegan2": (small_stylegan2(), stylegan2_step),
}


def compare(name: str, batch_size: int) -> list[tuple]:
    """Rows of one architecture, which end in the relative difference."""
    experiment, step = STEPS[name]
    model = models.create(experiment.model, seed=experiment.seed, precision="float64")
    adams = (experiment.generator_optimizer, experiment.discriminator_optimizer)
    model.compile(*map(optimizers.build, adams))
    count = experiment.model.images_per_step(batch_size)
    rng = np.random.default_rng(0)
    images = np.clip(rng.normal(0, 0.5, (count, *experiment.model.image_shape)), -1, 1)
    images = images.astype("float64")
    networks = {"generator": model.generator, "discriminator": model.discriminator}
    before = {n: [np.asarray(v) for v in weights_here(net)] for n, net in networks.items()}
    makers = torch_gans.NETWORKS.get(name) or torch_stylegan2.makers(experiment.model)
    ports = dict(zip(networks, (make().double() for make in makers), strict=True))
    for n, port in ports.items():
        load(port, before[n])
    theirs = step(model, experiment, ports["generator"], ports["discriminator"], images)
    ours = model.train_on_batch(images, return_dict=True)
    rows = [
        (name, key, f"{float(ours[key]):.6f}", f"{value:.6f}", abs(float(ours[key]) / value - 1))
        for key, value in theirs.items()
    ]
    for n, net in networks.items():
        error = update_error(before[n], net, ports[n])
        rows.append((name, f"first update, {n}", "", "", error))
    return rows


def update_error(before, network, port) -> float:
    """‖our update − theirs‖ / ‖theirs‖ over all weights of a network."""
    difference = reference = 0.0
    for old, new, other in zip(before, weights_here(network), weights_there(port), strict=True):
        ours = to_torch(np.asarray(new) - old)
        theirs = other.data - to_torch(old)
        difference += ((ours - theirs) ** 2).sum().item()
        reference += (theirs**2).sum().item()
    return (difference / reference) ** 0.5


def main() -> None:
    options = parser(__doc__, "tensorflow", "keras", "torch")
    options.add_argument("--batch-size", type=int, default=16)
    options.add_argument("--only", nargs="*", choices=STEPS, default=list(STEPS))
    arguments = options.parse_args()
    rows = [row for name in arguments.only for row in compare(name, arguments.batch_size)]
    worst = max(error for *_, error in rows)
    heads = ("network", "value", "toolkit", "PyTorch", "relative difference")
    text = table(heads, [(*cells, f"{error:.1e}") for *cells, error in rows])
    limit = f"Largest difference {worst:.1e}, limit {LIMIT:.0e}."
    show(arguments, "differences", text, limit)
    raise SystemExit(worst > LIMIT)


if __name__ == "__main__":
    main()
