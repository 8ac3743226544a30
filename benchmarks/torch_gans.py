"""The documents' networks and training steps as they are written in plain PyTorch.

They serve two comparisons: torch_parity.py (the same numbers?) and speed.py (which is faster?).
Layers, initial values apart, are those of the toolkit; the steps are those of PyTorch's own
DCGAN tutorial and of Gulrajani et al. 2017, Algorithm 1, as most repositories write them.
"""

from contextlib import nullcontext

import numpy as np
import torch
from torch import nn
from torch.nn import functional

SLOPE = float(np.float32(0.2))  # TensorFlow keeps it as float32 even where all else is float64


def generator64() -> nn.Module:
    def stage(inputs, outputs):
        conv = nn.ConvTranspose2d(inputs, outputs, 4, 2, 1, bias=False)
        return conv, nn.BatchNorm2d(outputs), nn.ReLU()

    first = nn.ConvTranspose2d(100, 512, 4, 1, 0, bias=False)
    last = nn.ConvTranspose2d(64, 3, 4, 2, 1, bias=False)
    return nn.Sequential(
        nn.Unflatten(1, (100, 1, 1)),
        first, nn.BatchNorm2d(512), nn.ReLU(),
        *stage(512, 256), *stage(256, 128), *stage(128, 64), last, nn.Tanh(),
    )  # fmt: skip


def halvings(size: int, ndf: int, norm, first: bool, bias: bool) -> nn.Sequential:
    """Images → scores (n, 1, 1, 1) by convolutions of 4 with stride 2 down to 4×4."""
    layers, inputs, filters = [], 3, ndf
    while size > 4:
        layers.append(nn.Conv2d(inputs, filters, 4, 2, 1, bias=bias))
        if first or inputs > 3:
            layers.append(norm(filters))
        layers.append(nn.LeakyReLU(SLOPE))
        size, inputs, filters = size // 2, filters, 2 * filters
    return nn.Sequential(*layers, nn.Conv2d(inputs, 1, 4, 1, 0, bias=bias))


def discriminator64() -> nn.Module:
    return nn.Sequential(*halvings(64, 64, nn.BatchNorm2d, False, False), nn.Sigmoid())


def critic64() -> nn.Module:
    return halvings(64, 64, nn.InstanceNorm2d, True, False)


def generator28() -> nn.Module:
    return nn.Sequential(
        nn.Linear(100, 7 * 7 * 256, bias=False), nn.BatchNorm1d(7 * 7 * 256), nn.LeakyReLU(0.3),
        nn.Unflatten(1, (256, 7, 7)),
        nn.ConvTranspose2d(256, 128, 5, 1, 2, bias=False), nn.BatchNorm2d(128), nn.LeakyReLU(0.3),
        nn.ConvTranspose2d(128, 64, 5, 2, 2, 1, bias=False), nn.BatchNorm2d(64), nn.LeakyReLU(0.3),
        nn.ConvTranspose2d(64, 1, 5, 2, 2, 1, bias=False), nn.Tanh(),
    )  # fmt: skip


def discriminator28() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 64, 5, 2, 2), nn.LeakyReLU(0.3), nn.Dropout(0.3),
        nn.Conv2d(64, 128, 5, 2, 2), nn.LeakyReLU(0.3), nn.Dropout(0.3),
        nn.Flatten(), nn.Linear(128 * 7 * 7, 1),
    )  # fmt: skip


SIDES = {8: (384, 256), 16: (256, 128), 32: (128, 64), 64: (64, 32)}
GATES = {32: 384, 64: 256}  # side → channels of the maps, an eighth of it, that gate it
LATENT = 128


class UpConv2d(nn.Conv2d):
    """Nearest neighbours to twice the side, then a convolution."""

    def forward(self, x):
        return super().forward(functional.interpolate(x, scale_factor=2))


class Modulated(nn.Module):
    """Batch normalisation, then a scale and a shift that z decides on, then LeakyReLU."""

    def __init__(self, filters: int):
        super().__init__()
        self.scale, self.shift = nn.Linear(LATENT, filters), nn.Linear(LATENT, filters)
        self.norm = nn.BatchNorm2d(filters)

    def forward(self, x, z):
        scale, shift = (layer(z)[:, :, None, None] for layer in (self.scale, self.shift))
        x = self.norm(x)
        return functional.leaky_relu(x + x * scale + shift, SLOPE)


class Stage(nn.Module):
    """Maps of twice the side, gated by much smaller ones where there are any."""

    def __init__(self, side: int):
        super().__init__()
        inputs, filters = SIDES[side]
        self.up = UpConv2d(inputs, filters, 3, padding=1, bias=False)
        self.first = Modulated(filters)
        self.gated, self.twice = side in GATES, side in (16, 32)
        if self.gated:
            self.gate = nn.Conv2d(GATES[side], filters, 4)
            self.mix = nn.Conv2d(filters, filters, 1)
        if self.twice:
            self.conv = nn.Conv2d(filters, filters, 3, padding=1, bias=False)
            self.second = Modulated(filters)

    def forward(self, x, z, small):
        x = self.first(self.up(x), z)
        if self.gated:
            gate = functional.silu(self.gate(functional.adaptive_avg_pool2d(small, 4)))
            x = x * 2 * torch.sigmoid(self.mix(gate))
        return self.second(self.conv(x), z) if self.twice else x


class SmallGenerator(nn.Module):
    """The generator of rgan at 64 px."""

    def __init__(self):
        super().__init__()
        self.dense = nn.Linear(LATENT, 6144, bias=False)
        self.first = Modulated(384)
        self.stages = nn.ModuleList(Stage(side) for side in SIDES)
        self.last = nn.Conv2d(32, 3, 3, padding=1)

    def forward(self, z):
        z = functional.normalize(z) * LATENT**0.5
        x = self.first(self.dense(z).view(-1, 4, 4, 384).permute(0, 3, 1, 2), z)
        maps = {4: x}
        for side, stage in zip(SIDES, self.stages, strict=True):
            x = maps[side] = stage(x, z, maps.get(side // 8))
        return torch.tanh(self.last(x))


def small_discriminator() -> nn.Module:
    layers, inputs = [], 3
    for filters in (48, 96, 192, 384):
        layers += [nn.Conv2d(inputs, filters, 4, 2, 1), nn.LeakyReLU(SLOPE)]
        inputs = filters
    return nn.Sequential(*layers, nn.Conv2d(384, 1, 4, bias=False))


class LabelPlane(nn.Module):
    """A label as one more plane of the image."""

    def __init__(self, size: int, classes: int = 5):
        super().__init__()
        self.size = size
        self.layers = nn.Sequential(nn.Embedding(classes, 50), nn.Linear(50, size * size))

    def forward(self, images, labels):
        plane = self.layers(labels).view(-1, 1, self.size, self.size)
        return torch.cat([images, plane], 1)


class Generator32(nn.Module):
    def __init__(self):
        super().__init__()
        self.plane = LabelPlane(8)
        self.first = nn.Sequential(nn.Linear(100, 128 * 8 * 8), nn.LeakyReLU(SLOPE))
        self.layers = nn.Sequential(
            nn.ConvTranspose2d(129, 128, 4, 2, 1), nn.LeakyReLU(SLOPE),
            nn.ConvTranspose2d(128, 128, 4, 2, 1), nn.LeakyReLU(SLOPE),
            nn.Conv2d(128, 3, 8, padding="same"), nn.Tanh(),
        )  # fmt: skip

    def forward(self, z, labels):
        return self.layers(self.plane(self.first(z).view(-1, 128, 8, 8), labels))


class Discriminator32(nn.Module):
    def __init__(self):
        super().__init__()
        self.plane = LabelPlane(32)
        self.layers = nn.Sequential(
            nn.Conv2d(4, 128, 3, 2, 1), nn.LeakyReLU(SLOPE),
            nn.Conv2d(128, 128, 3, 2, 1), nn.LeakyReLU(SLOPE),
            nn.Flatten(), nn.Dropout(0.4), nn.Linear(128 * 8 * 8, 1),
        )  # fmt: skip

    def forward(self, images, labels):
        return self.layers(self.plane(images, labels))


class GeneratorLSTM(nn.Module):
    """z, 64 times over, through two LSTM layers to 8×8×256, then doublings to 128 px."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(100, 256, 2, batch_first=True, dropout=0.3)
        stages, inputs = [], 256
        for filters in (256, 128, 64):
            stages += [
                nn.ConvTranspose2d(inputs, filters, 4, 2, 1), nn.BatchNorm2d(filters), nn.ReLU(),
            ]  # fmt: skip
            inputs = filters
        self.layers = nn.Sequential(*stages, nn.ConvTranspose2d(inputs, 3, 4, 2, 1), nn.Tanh())

    def forward(self, z):
        cells, _ = self.lstm(z[:, None].expand(-1, 64, -1))
        return self.layers(cells.transpose(1, 2).reshape(-1, 256, 8, 8))


def critic128() -> nn.Module:
    return halvings(128, 16, nn.InstanceNorm2d, True, True)


NETWORKS = {  # builders of generator and discriminator or critic, by architecture
    "dcgan": (generator28, discriminator28),
    "cgan": (Generator32, Discriminator32),
    "dcgan64": (generator64, discriminator64),
    "wgan-gp64": (generator64, critic64),
    "wgan-gp-lstm": (GeneratorLSTM, critic128),
    "rgan": (SmallGenerator, small_discriminator),
}


def adam(network, config) -> torch.optim.Adam:
    betas = (config.beta_1, config.beta_2)
    return torch.optim.Adam(network.parameters(), config.learning_rate, betas, config.epsilon)


def full(scores):
    """Scores in float32 where they come in half precision."""
    return scores.float() if scores.dtype == torch.bfloat16 else scores


def dcgan_step(g, d, g_adam, d_adam, real, z, loss, autocast=nullcontext) -> dict:
    """One update of each network, on the same fakes.

    Args:
        loss: cross-entropy that suits what the discriminator ends in.
        autocast: maker of the context in which the networks run.
    """
    d.zero_grad()
    with autocast():
        real_scores = d(real).flatten()
        fake = g(z)
        fake_scores = d(fake.detach()).flatten()
    real_scores, fake_scores = full(real_scores), full(fake_scores)
    real_loss = loss(real_scores, torch.ones_like(real_scores))
    fake_loss = loss(fake_scores, torch.zeros_like(fake_scores))
    (real_loss + fake_loss).backward()
    d_adam.step()
    g.zero_grad()
    with autocast():
        after = full(d(fake).flatten())
    g_loss = loss(after, torch.ones_like(after))
    g_loss.backward()
    g_adam.step()
    return {
        "d_loss": real_loss + fake_loss,
        "g_loss": g_loss,
        "d_real": real_scores.mean(),
        "d_fake_before": fake_scores.mean(),
        "d_fake_after": after.mean(),
    }


def cgan_step(g, d, g_adam, d_adam, real, labels, autocast=nullcontext) -> dict:
    """One update on a half-batch of reals, one on fakes, one of the generator on both."""
    half, bce = len(real), nn.BCEWithLogitsLoss()

    def update(optimizer, score, target):
        optimizer.zero_grad()
        with autocast():
            scores = full(score())
        loss = bce(scores, torch.full_like(scores, target))
        loss.backward()
        optimizer.step()
        return loss

    def inputs(count):
        return torch.randn(count, 100), torch.randint(0, 5, (count,))

    z, drawn = inputs(half)
    with torch.no_grad(), autocast():
        fake = g(z, drawn)
    real_loss = update(d_adam, lambda: d(real, labels), 1.0)
    fake_loss = update(d_adam, lambda: d(fake, drawn), 0.0)
    z, drawn = inputs(2 * half)
    g_loss = update(g_adam, lambda: d(g(z, drawn), drawn), 1.0)
    return {"d_loss": real_loss + fake_loss, "g_loss": g_loss}


def critic_step(g, d, d_adam, real, z, alpha, weight=10.0, autocast=nullcontext) -> dict:
    """One update of a critic with gradient penalty; alpha (n, 1, 1, 1)."""
    with torch.no_grad(), autocast():
        fake = g(z)
    x_hat = (alpha * real + (1 - alpha) * fake).to(real.dtype).requires_grad_()
    with autocast():
        scores = d(x_hat)
        estimate = d(real).mean() - d(fake).mean()
    gradient = torch.autograd.grad(scores.sum(), x_hat, create_graph=True)[0]
    norm = gradient.flatten(1).norm(2, dim=1)
    penalty = ((norm - 1) ** 2).mean()
    loss = weight * penalty - estimate
    d_adam.zero_grad()
    loss.backward()
    d_adam.step()
    return {
        "critic_loss": loss, "wasserstein": estimate, "gradient_norm": norm.mean(),
        "penalty": penalty,
    }  # fmt: skip


def energy_distance(real, fake):
    """Of means and deviations of 16×16 blocks, over the mean distance of reals."""

    def vectors(images):
        side = images.shape[-1] // 16
        means = functional.avg_pool2d(images, side)
        variances = functional.avg_pool2d(images**2, side) - means**2
        return torch.cat([means, 2 * (variances.clamp(min=0) + 1e-5).sqrt()], 1).flatten(1)

    real, fake = vectors(real), vectors(fake)
    among_reals, among_fakes = (torch.pdist(x).mean() for x in (real, fake))
    between = torch.linalg.vector_norm(real[:, None] - fake, dim=2).mean()
    return (2 * between - among_reals - among_fakes) / among_reals


def relativistic_step(g, d, g_adam, d_adam, real, z, noises, config, autocast=nullcontext) -> dict:
    """One update of both networks on the same fakes.

    Args:
        noises: what the penalty adds to the reals and to the fakes; nothing: without a penalty.
        config: of the toolkit, for its weights.
    """

    def scores(images):
        with autocast():
            return full(d(images)).flatten()

    with autocast():
        fake = g(z)
    fake = full(fake)
    of_real, of_fake = scores(real), scores(fake)
    energy = energy_distance(real, fake)
    g_loss = functional.softplus(of_real - of_fake).mean()
    total = g_loss + config.energy_weight * energy
    g_gradients = torch.autograd.grad(total, list(g.parameters()), retain_graph=True)
    d_loss = functional.softplus(of_fake - of_real).mean()
    penalty = sum(
        ((scores(images) - scores(images + noise)) ** 2).mean() / config.penalty_noise**2
        for images, noise in zip((real, fake.detach()), noises, strict=bool(noises))
    )
    penalty = config.penalty_every * penalty
    smooth = d_loss + config.penalty_weight / 2 * penalty
    d_gradients = torch.autograd.grad(smooth, list(d.parameters()))
    for network, optimizer, gradients in ((g, g_adam, g_gradients), (d, d_adam, d_gradients)):
        for parameter, gradient in zip(network.parameters(), gradients, strict=True):
            parameter.grad = gradient
        optimizer.step()
    return {
        "d_loss": d_loss, "g_loss": g_loss, "d_real": torch.sigmoid(of_real - of_fake).mean(),
        "penalty": penalty, "energy": energy,
    }  # fmt: skip


def wasserstein_generator_step(g, d, g_adam, z, autocast=nullcontext):
    """One update of a generator against a critic; returns its loss."""
    with autocast():
        loss = -d(g(z)).mean()
    g_adam.zero_grad()
    loss.backward()
    g_adam.step()
    return loss
