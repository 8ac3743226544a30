"""The two U-Nets that segmentation.py compares, the toolkit's and one in plain PyTorch.

Each is made for its own process, trains or predicts without end, and calls `after_step` after
every step, until it returns true. Images are in memory, nothing is written.
"""

from contextlib import nullcontext
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Pace:
    """What is timed: one network size, batch size and precision."""

    size: int
    width: int
    batch: int
    precision: str  # float32 | mixed_bfloat16

    def images(self) -> np.ndarray:
        """Noise, uint8 (batch, size, size, 3)."""
        shape = (self.batch, self.size, self.size, 3)
        return np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)

    def masks(self) -> np.ndarray:
        """Brighter than the middle, bool (batch, size, size)."""
        return self.images().mean(axis=-1) > 127


def _unet(pace: Pace):
    from tfmedgan.segmentation import UNetConfig, unet

    config = UNetConfig((pace.size, pace.size, 3), pace.width)
    return unet.build(config, precision=pace.precision)


def toolkit_training(pace: Pace, after_step) -> None:
    """What `tfmedgan-segment train` runs: `fit` over the toolkit's pipeline."""
    from dataclasses import replace

    import keras

    from tfmedgan.segmentation import UNET
    from tfmedgan.segmentation.fitting import course, paired

    class Turns(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.stop_training = after_step()

    network, arrays = _unet(pace), paired(pace.images(), pace.masks())
    batches = course(network, replace(UNET, batch_size=pace.batch), arrays, arrays).batches(0)
    endless = {"epochs": 1, "steps_per_epoch": 1_000_000, "shuffle": False}
    network.fit(batches, callbacks=[Turns()], verbose=0, **endless)


def toolkit_prediction(pace: Pace, after_step) -> None:
    from tfmedgan.segmentation.fitting import Segmenter

    segmenter, image = Segmenter(_unet(pace)), pace.images()[:1]
    while not after_step():
        segmenter.masks(image)


def _torch_unet(width: int, depth: int = 4):
    """The same layers, in NCHW."""
    import torch
    from torch import nn

    def two(inputs, filters):
        parts = []
        for source in (inputs, filters):
            conv = nn.Conv2d(source, filters, 3, padding=1, bias=False)
            parts += [conv, nn.BatchNorm2d(filters), nn.ReLU()]
        return nn.Sequential(*parts)

    class UNet(nn.Module):
        def __init__(self):
            super().__init__()
            filters = [width * 2**level for level in range(depth + 1)]
            self.down = nn.ModuleList(
                two(a, b) for a, b in zip([3, *filters], filters, strict=False)
            )
            self.up = nn.ModuleList(nn.ConvTranspose2d(2 * f, f, 2, 2) for f in filters[:-1])
            self.joined = nn.ModuleList(two(2 * f, f) for f in filters[:-1])
            self.logits = nn.Conv2d(width, 1, 1)

        def forward(self, images):
            x, skips = images / 127.5 - 1, []
            for level, block in enumerate(self.down):
                x = block(nn.functional.max_pool2d(x, 2) if level else x)
                skips.append(x)
            for level in reversed(range(depth)):
                x = self.joined[level](torch.cat([skips[level], self.up[level](x)], 1))
            return self.logits(x)

    return UNet()


def _half(pace: Pace):
    import torch

    return torch.autocast("cpu", torch.bfloat16) if pace.precision != "float32" else nullcontext()


def _torch_images(pace: Pace):
    import torch

    return torch.tensor(pace.images().transpose(0, 3, 1, 2).astype(np.float32))


def pytorch_training(pace: Pace, after_step) -> None:
    """The same network, loss and Adam, eager."""
    import torch
    from torch.nn.functional import binary_cross_entropy_with_logits

    network, images = _torch_unet(pace.width), _torch_images(pace)
    masks = torch.tensor(pace.masks()[:, np.newaxis].astype(np.float32))
    adam = torch.optim.Adam(network.parameters(), 1e-3)
    while not after_step():
        adam.zero_grad()
        with _half(pace):
            logits = network(images).float()
        share, pixels = torch.sigmoid(logits), (1, 2, 3)
        total = share.sum(pixels) + masks.sum(pixels)
        dice = (2 * (share * masks).sum(pixels) + 1) / (total + 1)
        loss = binary_cross_entropy_with_logits(logits, masks) + (1 - dice).mean()
        loss.backward()
        adam.step()
        loss.item()


def pytorch_prediction(pace: Pace, after_step) -> None:
    import torch

    network, image = _torch_unet(pace.width).eval(), _torch_images(pace)[:1]
    while not after_step():
        with torch.no_grad(), _half(pace):
            (network(image) > 0).numpy()


TASKS = {
    "training step": {"toolkit": toolkit_training, "PyTorch": pytorch_training},
    "one prediction": {"toolkit": toolkit_prediction, "PyTorch": pytorch_prediction},
}
