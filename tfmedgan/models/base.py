"""What every adversarial model shares: compilation, metrics, noise, updates, exact state."""

from contextlib import contextmanager
from typing import Any

import keras
import tensorflow as tf

from tfmedgan.config import ModelConfig
from tfmedgan.determinism import compute_as_written
from tfmedgan.losses import LOSSES, OF_PROBABILITIES, AdversarialLoss
from tfmedgan.models import augmentation, average, replicas
from tfmedgan.models.configured import ConfiguredModel
from tfmedgan.models.draws import Draws
from tfmedgan.models.dropout import seed_dropout
from tfmedgan.registry import Registry
from tfmedgan.seeding import step_key

MODELS = Registry("model for configuration")
BATCH = 64  # for BatchNorm's statistics of the averaged generator, which moves slowly:
STATISTICS_AT_FIRST, STATISTICS_EVERY = 200, 8  # at each of the first updates, then at every 8th
STANDARD_METRICS = ("d_loss", "g_loss", "d_real", "d_fake_before", "d_fake_after")


class AdversarialModel(Draws, ConfiguredModel):
    """A generator and a discriminator (or critic) trained against each other.

    A family subclasses it with `build_networks` and `train_step`. Batches are
    (images, labels): images (n, height, width, channels) in [-1, 1], labels (n,).
    Noise comes from stateless keys counted by the optimizers' own iterations,
    so the weights and the optimizers are all the state there is.
    """

    metric_names: tuple[str, ...] = STANDARD_METRICS
    from_logits = False  # whether scores have no bounds; else they are probabilities

    def __init__(self, config: ModelConfig, seed: int = 0, **kwargs):
        super().__init__(**kwargs)
        self.config = config
        self.seed = seed
        self.generator, self.discriminator = self.build_networks(config)
        self.ema_generator: Any = None
        self.augmentation: Any = None
        self._means = [replicas.Mean(name) for name in self.metric_names]
        self.updates_tried: Any = None
        seed_dropout(seed, self.generator, self.discriminator)
        self.built = True

    @staticmethod
    def build_networks(config: Any) -> tuple[keras.Model, keras.Model]:
        """The generator and the discriminator of `config`, the family's own `ModelConfig`."""
        raise NotImplementedError

    def compile(
        self,
        generator_optimizer,
        discriminator_optimizer,
        ema: float = 0.0,
        augment=None,
        label_fade: tuple[int, int] = (0, 0),
        **kwargs,
    ):
        """Set the two optimizers and make their slots, so that a restore finds them.

        Args:
            ema: decay of a moving average of the generator's weights (Yazıcı et al. 2019),
                from which samples are then taken; 0 for none.
            augment: `DiffAugment` or `AdaptiveAugment` of `tfmedgan.config`, for what
                the discriminator sees; None for none.
            label_fade: generator updates between which labels begin to count; (0, 0): at once.
        """
        super().compile(optimizer=None, **kwargs)
        self.generator_optimizer = self._scaled(generator_optimizer)
        self.discriminator_optimizer = self._scaled(discriminator_optimizer)
        if self._has_scaled_loss:
            self.updates_tried = keras.Variable(0, trainable=False, dtype="int64", name="updates")
        self.generator_optimizer.build(self.generator.trainable_variables)
        self.discriminator_optimizer.build(self.discriminator.trainable_variables)
        self.ema = ema
        self.ema_generator = average.copy(self.generator) if ema else None
        self.label_fade = tuple(label_fade)
        self.augment = augment
        self.augmentation = augmentation.build(augment)
        compute_as_written()

    @property
    def _has_scaled_loss(self) -> bool:
        """Whether losses are scaled; an update that overflows is then left out, and not counted."""
        return self.dtype_policy.name == "mixed_float16"

    def _scaled(self, optimizer):
        return (
            keras.optimizers.LossScaleOptimizer(optimizer) if self._has_scaled_loss else optimizer
        )

    @property
    def metrics(self):
        return self._means

    def update_metrics(self, **values):
        """Add this step's values to the epoch's means and return the means so far."""
        values = replicas.means({name: values[name] for name in self.metric_names})
        for mean in self._means:
            mean.update_state(values[mean.name])
        return {mean.name: mean.result() for mean in self._means}

    @staticmethod
    def unpack(data):
        """Images and labels of a batch as tensors; labels are None if there are none."""
        images, labels, _ = keras.utils.unpack_x_y_sample_weight(data)
        tensor = tf.convert_to_tensor
        return tensor(images), None if labels is None else tensor(labels)

    @contextmanager
    def gradient_tape(self, network):
        """A tape that watches the weights of one network only."""
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch([v.value for v in network.trainable_variables])
            yield tape

    def gradients(self, tape, value, network, output_gradients=None) -> list:
        """Gradients of a value on the tape in a network's weights, for `apply_gradients`."""
        weights = [v.value for v in network.trainable_variables]
        return tape.gradient(value, weights, output_gradients)

    def apply_gradients(self, gradients, network) -> None:
        """One optimizer update of a network by gradients of its scaled loss."""
        self.optimizer_of(network).apply(replicas.shares(gradients), network.trainable_variables)
        if network is self.generator and self.updates_tried is not None:
            self.updates_tried.assign_add(1)
        if network is self.generator and self.ema_generator:
            step = self.generator_optimizer.iterations
            average.update_ema(self.ema_generator, network, self.ema, step)
            if average.has_batch_norm(network):
                due = (step <= STATISTICS_AT_FIRST) | (step % STATISTICS_EVERY == 0)
                tf.cond(due, lambda: self._update_statistics(step), lambda: False)

    def _update_statistics(self, step) -> bool:
        inputs = self.draw(BATCH, "statistics", step, rows=replicas.all_rows)
        self.ema_generator(inputs, training=True)
        return True

    def optimizer_of(self, network):
        is_generator = network is self.generator
        return self.generator_optimizer if is_generator else self.discriminator_optimizer

    def minimise(self, loss_of, network):
        """One update of a network; returns what `loss_of()` returned, the loss first."""
        with self.gradient_tape(network) as tape:
            results = loss_of()
            scaled = self.optimizer_of(network).scale_loss(results[0])
        self.apply_gradients(self.gradients(tape, scaled, network), network)
        return results

    def update_discriminator(self, loss_of):
        return self.minimise(loss_of, self.discriminator)

    def update_generator(self, loss_of):
        return self.minimise(loss_of, self.generator)

    @property
    def sampler(self) -> keras.Model:
        """The generator that samples are taken from, the averaged one if there is one."""
        return self.ema_generator or self.generator

    def score(self, images, labels, training=True):
        """What the discriminator says of images, and their labels if conditional, (n, 1)."""
        if not self.config.conditional:
            return self.discriminator(images, training=training)
        told = self.told_labels(labels) if training else labels
        return self.discriminator([images, told], training=training)

    def augmented(self, images, stream: str = ""):
        """Images as the discriminator sees them: augmented, anew for each stream and update.

        Args:
            stream: name of the draw; empty: without augmentation.
        """
        if self.augmentation is None or not stream:
            return images
        step = self.discriminator_optimizer.iterations
        return self.augmentation(images, step_key(self.seed, f"augmentation/{stream}", step))

    def adapt_augmentation(self, correct, count) -> None:
        """Tell an adaptive augmentation how well `count` reals were recognised, in [-1, 1]."""
        if self.augmentation is not None:
            self.augmentation.adapt(correct, count)

    def replica_mean(self, value):
        """A mean over the images at hand, over all replicas if the augmentation adapts to it."""
        adaptive = self.augmentation is not None and self.augmentation.variables
        return replicas.mean(value) if adaptive else value

    @property
    def adversarial_loss(self) -> AdversarialLoss:
        """What the configuration's `loss` names, for what this discriminator ends in."""
        of_probabilities = self.config.loss == "non_saturating" and not self.from_logits
        return OF_PROBABILITIES if of_probabilities else LOSSES[self.config.loss]

    def comparison_loss(self, of_real, of_fake):
        """The discriminator's loss for scores of reals (n, 1) and of fakes (m, 1), all pairs."""
        return self.adversarial_loss.discriminator(of_real, tf.transpose(of_fake))

    def call(self, inputs, training=False):
        """Generate: z, or [z, labels] → images in [-1, 1]."""
        return self.sampler(inputs, training=training)

    @property
    def steps_done(self) -> int:
        """Finished training steps: each ends with one update of the generator, or one tried."""
        tried = self.updates_tried
        count = self.generator_optimizer.iterations if tried is None else tried
        return int(count.numpy())

    @property
    def state(self) -> list:
        """All variables that exact resume needs, in a fixed order."""
        optimizers = (self.generator_optimizer, self.discriminator_optimizer)
        optional = (self.ema_generator, self.augmentation)
        present = [owner for owner in optional if owner is not None]
        owners = (self.generator, self.discriminator, *present, *optimizers)
        counted = [] if self.updates_tried is None else [self.updates_tried]
        return [variable for owner in owners for variable in owner.variables] + counted
