"""StyleGAN2 and its training step as they are written in plain PyTorch (see torch_gans.py).

As in most code for it, a modulated convolution scales the maps before and after, and a change of
resolution is zeros between pixels or every second pixel, and a grouped convolution by the filter.
"""

import math
from contextlib import nullcontext
from functools import partial

import torch
from torch import nn
from torch.nn import functional
from torch_gans import SLOPE, full

RECTIFIED = math.sqrt(2)


def upfirdn(x, up=1, down=1, pad=(0, 0), gain=1.0):
    """Zeros between pixels, padding, the filter (1, 3, 3, 1), every `down`-th pixel."""
    n, c, h, w = x.shape
    if up > 1:
        x = x.reshape(n, c, h, 1, w, 1)
        x = functional.pad(x, (0, up - 1, 0, 0, 0, up - 1)).reshape(n, c, h * up, w * up)
    x = functional.pad(x, (*pad, *pad))
    taps = torch.tensor([1.0, 3.0, 3.0, 1.0], dtype=x.dtype)
    kernel = gain * torch.outer(taps, taps) / 64
    return functional.conv2d(x, kernel.expand(c, 1, 4, 4), stride=down, groups=c)


def rectified(x):
    return RECTIFIED * functional.leaky_relu(x, SLOPE)


class Dense(nn.Module):
    def __init__(self, inputs: int, outputs: int, rectify=False, rate=1.0):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs) / rate)
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.scale, self.rectify, self.rate = rate / math.sqrt(inputs), rectify, rate

    def forward(self, x):
        x = functional.linear(x, self.weight * self.scale, self.bias * self.rate)
        return rectified(x) if self.rectify else x


class Conv(nn.Module):
    def __init__(self, inputs: int, outputs: int, kernel: int, halve=False, rectify=True, gain=1.0):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(outputs)) if rectify else None
        self.scale = 1 / math.sqrt(inputs * kernel**2)
        self.halve, self.gain = halve, gain

    def forward(self, x):
        weight, one = self.weight * self.scale, self.weight.shape[-1] == 1
        if self.halve and one:
            x = functional.conv2d(upfirdn(x, down=2, pad=(1, 1)), weight)
        elif self.halve:
            x = functional.conv2d(upfirdn(x, pad=(2, 2)), weight, stride=2)
        else:
            x = functional.conv2d(x, weight, padding=weight.shape[-1] // 2)
        return self.gain * (x if self.bias is None else rectified(x + self.bias.view(1, -1, 1, 1)))


class Modulated(nn.Module):
    def __init__(self, inputs: int, outputs: int, kernel: int, latent: int, double=False):
        super().__init__()
        self.style = nn.Parameter(torch.randn(inputs, latent))
        self.style_bias = nn.Parameter(torch.ones(inputs))
        self.weight = nn.Parameter(torch.randn(outputs, inputs, kernel, kernel))
        self.scale, self.double = 1 / math.sqrt(inputs * kernel**2), double
        self.demodulate = kernel > 1

    def forward(self, x, w):
        styles = functional.linear(w, self.style / math.sqrt(w.shape[1]), self.style_bias)
        weight = self.weight * self.scale
        x = x * styles.to(x.dtype)[:, :, None, None]
        if self.double:
            x = functional.conv_transpose2d(x, weight.transpose(0, 1), stride=2)
            x = upfirdn(x, pad=(1, 1), gain=4)
        else:
            x = functional.conv2d(x, weight, padding=weight.shape[-1] // 2)
        if not self.demodulate:
            return x
        lengths = (styles.square() @ weight.square().sum((2, 3)).T + 1e-8).rsqrt()
        return x * lengths.to(x.dtype)[:, :, None, None]


class Noisy(nn.Module):
    def __init__(self, filters: int):
        super().__init__()
        self.strength = nn.Parameter(torch.zeros(()))
        self.bias = nn.Parameter(torch.zeros(filters))

    def forward(self, x, noise):
        noise = (self.strength * noise).view(-1, 1, *x.shape[2:])
        return rectified(x + noise.to(x.dtype) + self.bias.to(x.dtype).view(1, -1, 1, 1))


class Generator(nn.Module):
    def __init__(self, config):
        super().__init__()
        size, _, channels = config.image_shape
        latent, inputs = config.latent_dim, config.num_filters(4)
        self.mapping = nn.Sequential(
            *(Dense(latent, latent, True, 0.01) for _ in range(config.mapping_layers))
        )
        self.maps = nn.Parameter(torch.randn(1, inputs, 4, 4))
        self.modulated, self.noises = nn.ModuleList(), nn.ModuleList()
        self.biases = nn.ParameterList()
        side = 4
        while side <= size:
            filters = config.num_filters(side)
            for double in (False,) if side == 4 else (True, False):
                self.modulated.append(Modulated(inputs, filters, 3, latent, double))
                self.noises.append(Noisy(filters))
                inputs = filters
            self.modulated.append(Modulated(filters, channels, 1, latent))
            self.biases.append(nn.Parameter(torch.zeros(channels)))
            side *= 2

    def styles(self, z):
        return self.mapping(z * (z.square().mean(1, keepdim=True) + 1e-8).rsqrt())

    def forward(self, ws, noise):
        """Styles (n, L, d), noise (n, pixels of all maps) → images."""
        x, images, start, number = self.maps.expand(len(ws), -1, -1, -1), None, 0, 0
        noises, biases = iter(self.noises), iter(self.biases)
        for conv in self.modulated:
            if conv.demodulate:
                x = conv(x, ws[:, number])
                pixels = x.shape[2] * x.shape[3]
                x = next(noises)(x, noise[:, start : start + pixels])
                start, number = start + pixels, number + 1
            else:
                part = full(conv(x, ws[:, number])) + next(biases).view(1, -1, 1, 1)
                images = part if images is None else upfirdn(images, 2, 1, (2, 1), 4) + part
        return images


class Discriminator(nn.Module):
    def __init__(self, config):
        super().__init__()
        side, inputs = config.image_shape[0], config.num_filters(config.image_shape[0])
        self.first = Conv(config.image_shape[2], inputs, 1)
        self.blocks = nn.ModuleList()
        while side > 4:
            side //= 2
            outputs = config.num_filters(side)
            beside = Conv(inputs, outputs, 1, halve=True, rectify=False, gain=math.sqrt(0.5))
            second = Conv(inputs, outputs, 3, halve=True, gain=math.sqrt(0.5))
            self.blocks.append(nn.ModuleList([beside, Conv(inputs, inputs, 3), second]))
            inputs = outputs
        self.last = Conv(inputs + 1, inputs, 3)
        self.dense, self.score = Dense(16 * inputs, inputs, True), Dense(inputs, 1)

    def forward(self, images):
        x = self.first(images)
        for beside, first, second in self.blocks:
            x = beside(x) + second(first(x))
        groups = x.reshape(-1, 4, *x.shape[1:])
        spread = (groups.var(1, unbiased=False) + 1e-8).sqrt().mean((1, 2, 3))
        plane = spread.repeat_interleave(4).view(-1, 1, 1, 1).expand(-1, 1, *x.shape[2:])
        x = self.last(torch.cat([x, plane], 1))
        return self.score(self.dense(x.permute(0, 2, 3, 1).flatten(1)))


def makers(config):
    """Builders of both networks."""
    return partial(Generator, config), partial(Discriminator, config)


def mixed(g, z, other, first):
    """Styles of z where `first` (n, L) says so, of the other latent vectors elsewhere."""
    return torch.where(first[:, :, None], g.styles(z)[:, None], g.styles(other)[:, None])


def stylegan2_step(g, d, g_adam, d_adam, real, draws, path, config, due, autocast=nullcontext):
    """One update of both networks on the same fakes.

    Args:
        draws: z, others z, which styles are of the first, noise.
        path: the same for the path lengths, and their directions; None: without.
        due: whether the penalties are taken.
    """
    *styles, noise = draws
    with autocast():
        fake = g(mixed(g, *styles), noise)
        of_real, of_fake = full(d(real)), full(d(fake))
    g_loss = functional.softplus(-of_fake).mean()
    d_loss = functional.softplus(-of_real).mean() + functional.softplus(of_fake).mean()
    g_gradients = torch.autograd.grad(g_loss, list(g.parameters()), retain_graph=True)
    d_gradients = torch.autograd.grad(d_loss, list(d.parameters()))
    results = {"d_loss": d_loss, "g_loss": g_loss, "d_real": torch.sigmoid(of_real).mean()}
    if due:
        seen = real.detach().requires_grad_()
        with autocast():
            scores = d(seen).sum()
        (slope,) = torch.autograd.grad(scores, seen, create_graph=True)
        r1 = config.r1_every * slope.square().sum((1, 2, 3)).mean()
        d_gradients = added(d_gradients, config.r1_weight / 2 * r1, d)
        results["r1"] = r1
    if due and path:
        *styles, noise, directions = path
        with autocast():
            ws = mixed(g, *styles)
            pixels = (g(ws, noise) * directions).sum() / math.sqrt(directions[0, 0].numel())
        (slope,) = torch.autograd.grad(pixels, ws, create_graph=True)
        lengths = (slope.square().sum(2).mean(1) + 1e-12).sqrt()
        every = config.path_length_every
        loss = every * config.path_length_weight * lengths.square().mean()  # their mean is 0 yet
        g_gradients = added(g_gradients, loss, g)
        results["path_length"] = every * lengths.mean()
    for network, optimizer, gradients in ((g, g_adam, g_gradients), (d, d_adam, d_gradients)):
        for parameter, gradient in zip(network.parameters(), gradients, strict=True):
            parameter.grad = gradient
        optimizer.step()
    return results


def added(gradients, loss, network):
    more = torch.autograd.grad(loss, list(network.parameters()), allow_unused=True)
    return [a if b is None else a + b for a, b in zip(gradients, more, strict=True)]
