"""The same network in plain PyTorch, from the same weights and batch: the same first step?

    python benchmarks/torch_parity.py     (with PyTorch installed beside the toolkit)

Prints, for dcgan64 and wgan-gp64, the relative differences of the losses and, per network, of
the gradient's direction (‖Δ‖ of the first Adam update over its own norm). The networks here are
written as PyTorch code for them is written, so the comparison covers the port: padding,
normalisation, momentum, epsilon, the order of updates and the optimizer.
"""

import argparse

import keras
import numpy as np
import tensorflow as tf
import torch
from torch import nn

from tfmedgan import models
from tfmedgan.models import optimizers
from tfmedgan.studies import PRESETS

LIMIT = 1e-4
SLOPE = float(np.float32(0.2))  # TensorFlow keeps it as float32 even where all else is float64


def generator() -> nn.Sequential:
    def stage(inputs, outputs):
        conv = nn.ConvTranspose2d(inputs, outputs, 4, 2, 1, bias=False)
        return conv, nn.BatchNorm2d(outputs), nn.ReLU()

    first = nn.ConvTranspose2d(100, 512, 4, 1, 0, bias=False)
    last = nn.ConvTranspose2d(64, 3, 4, 2, 1, bias=False)
    return nn.Sequential(
        first, nn.BatchNorm2d(512), nn.ReLU(),
        *stage(512, 256), *stage(256, 128), *stage(128, 64), last, nn.Tanh(),
    )  # fmt: skip


def discriminator(critic: bool) -> nn.Sequential:
    def stage(inputs, outputs, norm):
        conv = nn.Conv2d(inputs, outputs, 4, 2, 1, bias=False)
        return (conv, *([norm(outputs)] if norm else []), nn.LeakyReLU(SLOPE))

    norm = nn.InstanceNorm2d if critic else nn.BatchNorm2d
    stages = [stage(3, 64, norm if critic else None), stage(64, 128, norm)]
    stages += [stage(128, 256, norm), stage(256, 512, norm)]
    last = nn.Conv2d(512, 1, 4, 1, 0, bias=False)
    layers = [layer for stage in stages for layer in stage]
    return nn.Sequential(*layers, last, *([] if critic else [nn.Sigmoid()]))


def to_torch(value: np.ndarray) -> torch.Tensor:
    """Kernels (h, w, a, b) as (b, a, h, w), those of transposed convolutions alike."""
    value = np.asarray(value)
    return torch.tensor(value.transpose(3, 2, 0, 1) if value.ndim == 4 else value)


def load(network: nn.Module, weights: list) -> None:
    parameters = list(network.parameters())
    for parameter, value in zip(parameters, weights, strict=True):
        parameter.data = to_torch(value).contiguous()


def picture(images) -> torch.Tensor:
    return torch.tensor(np.asarray(images).transpose(0, 3, 1, 2).copy())


def latent(z) -> torch.Tensor:
    return torch.tensor(np.asarray(z, np.float64))[:, :, None, None]


def adam(network, config):
    betas = (config.beta_1, config.beta_2)
    return torch.optim.Adam(network.parameters(), config.learning_rate, betas, config.epsilon)


def dcgan_step(model, experiment, g, d, real) -> dict[str, float]:
    """The DCGAN's step as PyTorch tutorials write it."""
    g_adam = adam(g, experiment.generator_optimizer)
    d_adam = adam(d, experiment.discriminator_optimizer)
    bce = nn.BCELoss()
    z = latent(model.draw(len(real), "z", 0))
    real_scores = d(picture(real)).flatten()
    real_loss = bce(real_scores, torch.ones_like(real_scores))
    fake = g(z)
    fake_scores = d(fake.detach()).flatten()
    fake_loss = bce(fake_scores, torch.zeros_like(fake_scores))
    (real_loss + fake_loss).backward()
    d_adam.step()
    after = d(fake).flatten()
    g_loss = bce(after, torch.ones_like(after))
    g.zero_grad()
    g_loss.backward()
    g_adam.step()
    return {
        "d_loss": (real_loss + fake_loss).item(),
        "g_loss": g_loss.item(),
        "d_real": real_scores.mean().item(),
        "d_fake_before": fake_scores.mean().item(),
        "d_fake_after": after.mean().item(),
    }


def wgan_gp_step(model, experiment, g, d, images) -> dict[str, float]:
    """`critic_steps` updates of the critic and one of the generator."""
    config = experiment.model
    g_adam = adam(g, experiment.generator_optimizer)
    d_adam = adam(d, experiment.discriminator_optimizer)
    share = len(images) // config.critic_steps
    losses, norms, penalties, estimates = [], [], [], []
    for k in range(config.critic_steps):
        real = picture(images[k * share : (k + 1) * share])
        fake = g(latent(model.draw(share, "critic", k))).detach()
        ones = tf.ones((share, 1, 1, 1), tf.float64)
        alpha = torch.tensor(np.asarray(model.interpolated(ones, 0 * ones, k)))
        x_hat = (alpha * real + (1 - alpha) * fake).requires_grad_()
        gradient = torch.autograd.grad(d(x_hat).sum(), x_hat, create_graph=True)[0]
        norm = gradient.flatten(1).norm(2, dim=1)
        penalty = ((norm - 1) ** 2).mean()
        estimate = d(real).mean() - d(fake).mean()
        loss = config.penalty_weight * penalty - estimate
        d_adam.zero_grad()
        loss.backward()
        d_adam.step()
        for values, value in zip(
            (losses, norms, penalties, estimates),
            (loss, norm.mean(), penalty, estimate),
            strict=True,
        ):
            values.append(value.item())
    g_loss = -d(g(latent(model.draw(share, "generator", 0)))).mean()
    g_adam.zero_grad()
    g_loss.backward()
    g_adam.step()
    return {
        "critic_loss": np.mean(losses),
        "g_loss": g_loss.item(),
        "wasserstein": np.mean(estimates),
        "gradient_norm": np.mean(norms),
        "penalty": np.mean(penalties),
    }


def compare(name: str, preset: str, batch_size: int) -> float:
    """Print the differences of one architecture; return the largest."""
    experiment = PRESETS[preset]
    model = models.create(experiment.model, seed=experiment.seed, precision="float64")
    adams = (experiment.generator_optimizer, experiment.discriminator_optimizer)
    model.compile(*map(optimizers.build, adams))
    count = experiment.model.images_per_step(batch_size)
    rng = np.random.default_rng(0)
    images = np.clip(rng.normal(0, 0.5, (count, *experiment.model.image_shape)), -1, 1)
    images = images.astype("float64")
    networks = {"generator": model.generator, "discriminator": model.discriminator}
    before = {n: [np.asarray(v) for v in net.trainable_variables] for n, net in networks.items()}
    ports = {"generator": generator(), "discriminator": discriminator(name.startswith("wgan"))}
    ports = {n: port.double() for n, port in ports.items()}
    for n, port in ports.items():
        load(port, before[n])
    step = wgan_gp_step if name.startswith("wgan") else dcgan_step
    theirs = step(model, experiment, ports["generator"], ports["discriminator"], images)
    ours = model.train_on_batch(images, return_dict=True)
    worst = 0.0
    for key, value in theirs.items():
        error = abs(float(ours[key]) - value) / abs(value)
        worst = max(worst, error)
        print(f"| {name} | {key} | {float(ours[key]):.6f} | {value:.6f} | {error:.1e} |")
    for n, net in networks.items():
        error = update_error(before[n], net, ports[n])
        worst = max(worst, error)
        print(f"| {name} | first update, {n} | | | {error:.1e} |")
    return worst


def update_error(before, network, port) -> float:
    """‖our update − theirs‖ / ‖theirs‖ over all weights of a network."""
    difference = reference = 0.0
    for old, new, other in zip(before, network.trainable_variables, port.parameters(), strict=True):
        ours = to_torch(np.asarray(new) - old)
        theirs = other.data - to_torch(old)
        difference += ((ours - theirs) ** 2).sum().item()
        reference += (theirs**2).sum().item()
    return (difference / reference) ** 0.5


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--batch-size", type=int, default=16)
    options = parser.parse_args()
    print(f"TensorFlow {tf.__version__}, Keras {keras.__version__}, PyTorch {torch.__version__}\n")
    print("| network | value | toolkit | PyTorch | relative difference |\n|---|---|---|---|---|")
    pairs = {"dcgan64": "vuw-covid/table5-dcgan", "wgan-gp64": "vuw-covid/table5-wgan-gp"}
    worst = max(compare(name, preset, options.batch_size) for name, preset in pairs.items())
    print(f"\nlargest difference {worst:.1e}, limit {LIMIT:.0e}")
    raise SystemExit(worst > LIMIT)


if __name__ == "__main__":
    main()
