"""What a user would take instead, for time_to_quality.py: each trains in a process of its own.

    python benchmarks/time_to_quality_contestants.py NAME IMAGES.npz OUT SEED MINUTES …

trains on the images (n, 64, 64, C) and writes OUT/MINUTES.npy, 500 samples in bytes, after so many
minutes of the process's processor time, sampling not counted. `lightweight-gan` and
`stylegan2-pytorch` ask for a CUDA device; here they are told that the processor is one. Their
values are those of their own commands.
"""

import importlib
import random
import sys
import time
import types
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from PIL import Image
from torch.nn import functional

SAMPLES = 500
CHUNK = 50  # samples made at once


def main() -> None:
    name, images, out, seed, *minutes = sys.argv[1:]
    torch.set_num_threads(1)
    torch.manual_seed(int(seed))
    random.seed(int(seed))
    np.random.seed(int(seed))
    contestant = CONTESTANTS[name](np.load(images)["images"], Path(out))
    spent = 0.0  # seconds
    for mark in map(float, minutes):
        while spent < mark * 60:
            begun = time.process_time()
            contestant.step()
            spent += time.process_time() - begun
        made = np.concatenate([contestant.samples(CHUNK) for _ in range(SAMPLES // CHUNK)])
        np.save(Path(out) / f"{mark:g}.npy", made)


class Dcgan:
    """PyTorch's DCGAN tutorial, its loop and its values, with DiffAugment (Zhao et al. 2020)."""

    def __init__(self, images: np.ndarray, out: Path):
        from torch_gans import discriminator64, generator64

        colour = np.repeat(images, 4 - images.shape[-1], axis=-1)[..., :3]
        self.images = torch.tensor(colour).permute(0, 3, 1, 2).float() / 127.5 - 1
        self.g, self.d = generator64(), discriminator64()
        for network in (self.g, self.d):
            network.apply(_as_in_the_tutorial)
        self.g_adam, self.d_adam = (
            torch.optim.Adam(n.parameters(), 2e-4, (0.5, 0.999)) for n in (self.g, self.d)
        )
        self.channels, self.order = images.shape[-1], []

    def step(self) -> None:
        """One update of each network, on 64 images (of few, 128 are too many for an epoch)."""
        batch = min(64, len(self.images))
        if len(self.order) < batch:
            self.order = torch.randperm(len(self.images)).tolist()
        chosen, self.order = self.order[:batch], self.order[batch:]
        real, fake = self.images[chosen], self.g(torch.randn(batch, 100))
        self.d_adam.zero_grad()
        loss = sum(
            functional.binary_cross_entropy(scores, torch.full_like(scores, target))
            for scores, target in (
                (self.d(diff_augmented(real)), 1.0),
                (self.d(diff_augmented(fake.detach())), 0.0),
            )
        )
        loss.backward()
        self.d_adam.step()
        self.g_adam.zero_grad()
        scores = self.d(diff_augmented(fake))
        functional.binary_cross_entropy(scores, torch.ones_like(scores)).backward()
        self.g_adam.step()

    @torch.no_grad()
    def samples(self, count: int) -> np.ndarray:
        made = self.g(torch.randn(count, 100)) * 0.5 + 0.5
        return to_bytes(made, self.channels)


def _as_in_the_tutorial(layer) -> None:
    if isinstance(layer, torch.nn.Conv2d | torch.nn.ConvTranspose2d):
        torch.nn.init.normal_(layer.weight, 0.0, 0.02)
    elif isinstance(layer, torch.nn.BatchNorm2d):
        torch.nn.init.normal_(layer.weight, 1.0, 0.02)


def diff_augmented(x):
    """Colour, shifts by up to an eighth, and squares of half a side cut out."""
    n, _, side, _ = x.shape
    x = x + torch.rand(n, 1, 1, 1) - 0.5
    grey = x.mean(1, keepdim=True)
    x = grey + (x - grey) * 2 * torch.rand(n, 1, 1, 1)
    mean = x.mean((1, 2, 3), keepdim=True)
    x = mean + (x - mean) * (torch.rand(n, 1, 1, 1) + 0.5)
    places = torch.arange(side)
    reach = side // 8
    shifts = torch.randint(-reach, reach + 1, (2, n, 1))
    rows, columns = (places + shift for shift in shifts)
    inside = (rows >= 0) & (rows < side), (columns >= 0) & (columns < side)
    image = torch.arange(n)[:, None, None]
    x = x.permute(0, 2, 3, 1)[
        image, rows.clamp(0, side - 1)[:, :, None], columns.clamp(0, side - 1)[:, None]
    ]
    kept = inside[0][:, :, None] & inside[1][:, None]
    corners = torch.randint(-side // 4, side - side // 4 + 1, (2, n, 1))
    cut = [(places >= corner) & (places < corner + side // 2) for corner in corners]
    kept &= ~(cut[0][:, :, None] & cut[1][:, None])
    return (x * kept[..., None]).permute(0, 3, 1, 2)


class Packaged:
    """A trainer of a package for CUDA, on the processor; it reads its images from a folder."""

    module: str
    options: ClassVar[dict]  # those of its command that are not its class's

    def __init__(self, images: np.ndarray, out: Path):
        folder = out / "images"
        folder.mkdir(parents=True, exist_ok=True)
        for index, image in enumerate(images):
            picture = image[..., 0] if image.shape[-1] == 1 else image
            Image.fromarray(picture).save(folder / f"{index}.png")
        self.channels = images.shape[-1]
        self.package = on_processor(self.module)
        self.trainer = self.package.Trainer(
            base_dir=out, image_size=64, num_workers=0, aug_types=["cutout", "translation"],
            **self.options, **self.of_channels(),
        )  # fmt: skip
        self.trainer.evaluate = self.trainer.save = lambda *_, **__: None
        self.trainer.set_data_src(str(folder))
        self.trainer.init_GAN()

    def of_channels(self) -> dict:
        return {}

    def step(self) -> None:
        self.trainer.train()


class LightweightGAN(Packaged):
    module = "lightweight_gan.lightweight_gan"
    options: ClassVar[dict] = {
        "batch_size": 10, "gradient_accumulate_every": 4, "attn_res_layers": [32],
        "disc_output_size": 1, "use_aim": False,
    }  # fmt: skip

    def of_channels(self) -> dict:
        return {"greyscale": self.channels == 1}

    @torch.no_grad()
    def samples(self, count: int) -> np.ndarray:
        gan = self.trainer.GAN.eval()
        return to_bytes(gan.GE(torch.randn(count, gan.latent_dim)), self.channels)


class StyleGAN2Pytorch(Packaged):
    """Samples are those of the generator itself: its average begins after 20,000 steps only."""

    module = "stylegan2_pytorch.stylegan2_pytorch"
    options: ClassVar[dict] = {"batch_size": 5, "gradient_accumulate_every": 6, "ttur_mult": 1.5}

    @torch.no_grad()
    def samples(self, count: int) -> np.ndarray:
        gan, package = self.trainer.GAN.eval(), self.package
        latents = package.noise_list(count, gan.G.num_layers, gan.G.latent_dim, device="cpu")
        styles = package.styles_def_to_tensor(package.latent_to_w(gan.S, latents))
        return to_bytes(gan.G(styles, package.image_noise(count, 64, device="cpu")), self.channels)


def to_bytes(images, channels: int) -> np.ndarray:
    """Images (n, C, 64, 64) in [0, 1] in bytes (n, 64, 64, channels); grey ones are the mean."""
    images = images.mean(1, keepdim=True) if channels == 1 else images
    return (255 * images.clamp(0, 1)).round().byte().permute(0, 2, 3, 1).numpy()


def on_processor(module: str):
    """A module that insists on a GPU, with the processor in its place."""
    for absent in ("aim", "fire", "contrastive_learner"):  # logs and options that nothing here uses
        sys.modules.setdefault(absent, types.ModuleType(absent))
    torch.cuda.is_available = lambda: True
    torch.Tensor.cuda = torch.nn.Module.cuda = lambda self, *_, **__: self
    loaded = importlib.import_module(module)
    torch.cuda.is_available = lambda: False
    loaded.torch = _Torch()
    return loaded


class _Torch:
    """PyTorch whose every device is the processor."""

    def __getattr__(self, name: str):
        return getattr(torch, name)

    @staticmethod
    def device(_name: str):
        return torch.device("cpu")


CONTESTANTS = {
    "lightweight-gan": LightweightGAN,
    "stylegan2-pytorch": StyleGAN2Pytorch,
    "DCGAN tutorial, DiffAugment": Dcgan,
}

if __name__ == "__main__":
    main()
