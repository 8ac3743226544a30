"""The three ways to train one network that speed.py compares, each made for its own process.

Each trains without end and calls `after_step` after every step, until it returns true: one
iterator for all turns, since making and dropping one can cost as much as the steps.
Images are in memory, random numbers are drawn within the step, nothing is written.
"""

import itertools
from contextlib import nullcontext
from dataclasses import dataclass, replace

import numpy as np

MATRIX = 4096  # rows and columns of the product that measures the peak
PRESET_OF = {
    "dcgan": "iut2023/dcgan",
    "cgan": "iut2023/cgan",
    "dcgan64": "vuw-covid/table5-dcgan",
    "wgan-gp64": "vuw-covid/table5-wgan-gp",
    "wgan-gp-lstm": "dfu-lstm/wgan-gp-lstm",
}
TUTORIALS = tuple(PRESET_OF)  # networks whose step Keras's or TensorFlow's tutorials have


@dataclass(frozen=True)
class Race:
    """One network, batch size and precision."""

    network: str
    batch: int  # images of one update of the discriminator or critic
    precision: str  # float32 | mixed_bfloat16

    @property
    def experiment(self):
        """The document's values, or the toolkit's, without average or augmentation."""
        from tfmedgan.architectures import ARCHITECTURES
        from tfmedgan.papers import PRESETS

        chosen = {"batch_size": self.batch, "precision": self.precision}
        known = {**ARCHITECTURES, **PRESETS}
        base = known[PRESET_OF.get(self.network, self.network)]
        return replace(base, **chosen, ema=0.0, augment=None)

    @property
    def per_step(self) -> int:
        """Real images of one step: all critic updates of a Wasserstein GAN, and its generator's."""
        return self.experiment.model.images_per_step(self.batch)

    @property
    def work(self) -> float:
        """Floating-point operations of convolutions and matrix products an image, in 1e9.

        Penalties count by the share of the steps that have them.
        """
        from tfmedgan.training.loop import build
        from tfmedgan.training.step_graph import multiplications, step_graph

        graph = step_graph(build(replace(self.experiment, precision="float32")), self.batch)
        with_penalty, without = (multiplications(graph, choose) for choose in (max, min))
        return (without + (with_penalty - without) / self.every) / self.per_step / 1e9

    @property
    def every(self) -> int:
        """Steps between two with a penalty."""
        config = self.experiment.model
        return getattr(config, "penalty_every", getattr(config, "r1_every", 1))

    def images(self) -> np.ndarray:
        """Noise in [-1, 1] (n, H, W, C) for one step."""
        shape = (self.per_step, *self.experiment.model.image_shape)
        return np.random.default_rng(0).uniform(-1, 1, shape).astype("float32")

    def labels(self) -> np.ndarray:
        return np.random.default_rng(1).integers(0, 5, self.per_step)


def toolkit(race: Race, after_step) -> None:
    """What `tfmedgan-train` runs: `fit` of the compiled model over the toolkit's pipeline."""
    import keras

    from tfmedgan.data.pipeline import stream
    from tfmedgan.data.records import ImageArrays
    from tfmedgan.data.steps import Rescale
    from tfmedgan.training.loop import build

    experiment = race.experiment
    model = build(experiment)
    bytes_ = ((race.images() + 1) * 127.5).astype("uint8")
    names = tuple(map(str, range(race.per_step)))
    arrays = ImageArrays(bytes_, race.labels().astype("int32"), names)
    batches = stream(arrays, (Rescale(-1, 1),), race.per_step, 0, 0)

    class Turns(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.stop_training = after_step()

    endless = {"epochs": 1, "steps_per_epoch": 1_000_000, "shuffle": False}
    model.fit(batches, callbacks=[Turns()], verbose=0, **endless)


def tutorial(race: Race, after_step) -> None:
    """The same networks of Keras's own layers in the loops of its and TensorFlow's tutorials."""
    import keras
    import tensorflow as tf
    import tutorials

    from tfmedgan import models
    from tfmedgan.models.fast_layers import plain

    experiment = race.experiment
    model = models.create(experiment.model, precision=race.precision)
    networks = plain(model.generator), plain(model.discriminator)
    configs = experiment.generator_optimizer, experiment.discriminator_optimizer
    optimizers = [
        keras.optimizers.Adam(c.learning_rate, c.beta_1, c.beta_2, epsilon=c.epsilon)
        for c in configs
    ]
    if race.network == "cgan":
        step = tutorials.cgan(networks, optimizers)
    elif race.network.startswith("wgan"):
        step = tutorials.wgan_gp(networks, optimizers, experiment.model)
    else:
        step = tutorials.dcgan(networks, optimizers, model.from_logits)
    images, labels = race.images(), race.labels()
    data = tf.data.Dataset.from_tensors((images, labels)).repeat()

    for real, label in data:
        np.asarray(step(real, label))
        if after_step():
            return


def pytorch_stylegan2(race: Race, after_step) -> None:
    """The same networks and schedule in plain PyTorch; penalties at the steps that are due."""
    import torch
    import torch_stylegan2 as port
    from torch_gans import adam

    from tfmedgan.models.stylegan2_networks import noise_size, num_styles

    experiment, config = race.experiment, race.experiment.model
    half = race.precision == "mixed_bfloat16"
    g, d = (maker() for maker in port.makers(config))
    adams = adam(g, experiment.generator_optimizer), adam(d, experiment.discriminator_optimizer)
    real = torch.tensor(race.images().transpose(0, 3, 1, 2).copy())
    n, size = race.batch, config.image_shape[0]
    number, done = torch.arange(num_styles(size)), 0

    def autocast():
        return torch.autocast("cpu", torch.bfloat16) if half else nullcontext()

    while not after_step():
        z, other = torch.randn(2, n, config.latent_dim)
        change = torch.where(torch.rand(n) < config.style_mixing, torch.rand(n), 1.0)
        first = number < 1 + change[:, None] * (len(number) - 1)
        draws = z, other, first, torch.randn(n, noise_size(size))
        due = done % race.every == 0
        port.stylegan2_step(g, d, *adams, real, draws, None, config, due, autocast)["d_loss"].item()
        done += 1


def pytorch(race: Race, after_step) -> None:
    """The same networks and schedule in plain PyTorch, eager, NCHW."""
    if race.network == "stylegan2":
        pytorch_stylegan2(race, after_step)
        return
    import torch
    import torch_gans as port
    from torch import nn

    experiment = race.experiment
    half = race.precision == "mixed_bfloat16"

    def autocast():
        return torch.autocast("cpu", torch.bfloat16) if half else nullcontext()

    g, d = (maker() for maker in port.NETWORKS[race.network])
    g_adam = port.adam(g, experiment.generator_optimizer)
    d_adam = port.adam(d, experiment.discriminator_optimizer)
    images = torch.tensor(race.images().transpose(0, 3, 1, 2).copy())
    labels = torch.tensor(race.labels())

    def relativistic_step():
        z, noise = torch.randn(race.batch, 128), experiment.model.penalty_noise
        noises = [noise * torch.randn_like(images) for _ in range(2)] if due() else []
        options = experiment.model, autocast
        return port.relativistic_step(g, d, g_adam, d_adam, images, z, noises, *options)["g_loss"]

    def wasserstein_step():
        for real in images.chunk(experiment.model.critic_steps):
            z, alpha = torch.randn(race.batch, 100), torch.rand(race.batch, 1, 1, 1)
            port.critic_step(g, d, d_adam, real, z, alpha, autocast=autocast)
        return port.wasserstein_generator_step(g, d, g_adam, torch.randn(race.batch, 100), autocast)

    def standard_step():
        if race.network == "cgan":
            return port.cgan_step(g, d, g_adam, d_adam, images, labels, autocast)["g_loss"]
        loss = nn.BCEWithLogitsLoss() if race.network == "dcgan" else nn.BCELoss()
        z = torch.randn(race.batch, 100)
        return port.dcgan_step(g, d, g_adam, d_adam, images, z, loss, autocast)["g_loss"]

    numbers = itertools.count()

    def due() -> bool:
        return next(numbers) % race.every == 0

    step = {"rgan": relativistic_step}.get(
        race.network, wasserstein_step if race.network.startswith("wgan") else standard_step
    )

    while not after_step():
        step().item()


def peak(race: Race, after_step) -> None:
    """Products of two large matrices, one a step."""
    import tensorflow as tf

    dtype = "bfloat16" if race.precision == "mixed_bfloat16" else race.precision
    matrix = tf.cast(tf.random.normal((MATRIX, MATRIX)), dtype)
    product = tf.function(lambda: tf.matmul(matrix, matrix))

    while not after_step():
        product()[0, 0].numpy()


CONTESTANTS = {"toolkit": toolkit, "PyTorch": pytorch, "tutorial": tutorial, "peak": peak}
