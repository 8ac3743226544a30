"""What every adversarial model shares: compilation, metrics, noise, saving, exact state."""

from contextlib import contextmanager

import keras
import tensorflow as tf

from tfmedgan.config import ModelConfig, decode, encode
from tfmedgan.registry import Registry
from tfmedgan.seeding import step_key, stream_seed

MODELS = Registry("model for configuration")
STANDARD_METRICS = ("d_loss", "g_loss", "d_real", "d_fake_before", "d_fake_after")


class AdversarialModel(keras.Model):
    """A generator and a discriminator (or critic) trained against each other.

    A family subclasses it with `build_networks` and `train_step`. Batches are
    (images, labels): images (n, height, width, channels) in [-1, 1], labels (n,).
    Noise comes from stateless keys counted by the optimizers' own iterations,
    so the weights and the optimizers are all the state there is.
    """

    metric_names = STANDARD_METRICS

    def __init__(self, config: ModelConfig, seed: int = 0, **kwargs):
        super().__init__(**kwargs)
        self.config = config
        self.seed = seed
        self.generator, self.discriminator = self.build_networks(config)
        self.averaged = None
        self._means = [keras.metrics.Mean(name) for name in self.metric_names]
        self.built = True

    @staticmethod
    def build_networks(config: ModelConfig) -> tuple[keras.Model, keras.Model]:
        """The generator and the discriminator of `config`."""
        raise NotImplementedError

    @classmethod
    def from_configuration(cls, config: ModelConfig, seed: int, precision: str):
        """Build with initial weights that depend on `seed` alone (sets Keras's global seed)."""
        keras.utils.set_random_seed(stream_seed(seed, "initial weights"))
        with dtype_policy(precision):
            return cls(config, seed, dtype=precision)

    def compile(self, generator_optimizer, discriminator_optimizer, ema: float = 0.0, **kwargs):
        """Set the two optimizers and make their slots, so that a restore finds them.

        Args:
            ema: decay of a moving average of the generator's weights (Yazıcı et al. 2019),
                from which samples are then taken; 0 for none.
        """
        super().compile(optimizer=None, **kwargs)
        self.generator_optimizer = self._scaled(generator_optimizer)
        self.discriminator_optimizer = self._scaled(discriminator_optimizer)
        self.generator_optimizer.build(self.generator.trainable_variables)
        self.discriminator_optimizer.build(self.discriminator.trainable_variables)
        self.ema = ema
        self.averaged = _copy(self.generator) if ema else None

    def _scaled(self, optimizer):
        needs_scale = self.dtype_policy.name == "mixed_float16"
        return keras.optimizers.LossScaleOptimizer(optimizer) if needs_scale else optimizer

    @property
    def metrics(self):
        return self._means

    def record(self, **values):
        """Add this step's values to the epoch's means and return the means so far."""
        for mean in self._means:
            mean.update_state(values[mean.name])
        return {mean.name: mean.result() for mean in self._means}

    def minimise(self, loss_of, optimizer, variables):
        """One optimizer update of `variables`; returns what `loss_of()` returned, loss first."""
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch([v.value for v in variables])
            results = loss_of()
            scaled = optimizer.scale_loss(results[0])
        optimizer.apply(tape.gradient(scaled, [v.value for v in variables]), variables)
        return results

    def update_discriminator(self, loss_of):
        return self.minimise(
            loss_of, self.discriminator_optimizer, self.discriminator.trainable_variables
        )

    def update_generator(self, loss_of):
        variables = self.generator.trainable_variables
        results = self.minimise(loss_of, self.generator_optimizer, variables)
        if self.averaged:
            self._update_average()
        return results

    def _update_average(self):
        """Follow the generator, fast in the first steps: decay min(ema, (1 + t) / (10 + t))."""
        step = tf.cast(self.generator_optimizer.iterations, tf.float32)
        follow = 1 - tf.minimum(self.ema, (1 + step) / (10 + step))
        for mean, new in zip(self.averaged.weights, self.generator.weights, strict=True):
            mean.assign_add(follow * (new - mean))

    @property
    def sampler(self) -> keras.Model:
        """The generator that samples are taken from: the averaged one if there is one."""
        return self.averaged or self.generator

    def draw(self, count, stream: str, step):
        """Generator inputs for `count` images: z ~ N(0, 1), and uniform labels if conditional."""
        key = step_key(self.seed, f"z/{stream}", step)
        z = tf.random.stateless_normal((count, self.config.latent_dim), key, alg="philox")
        if not self.config.conditional:
            return z
        key = step_key(self.seed, f"labels/{stream}", step)
        labels = tf.random.stateless_uniform(
            (count,), key, 0, self.config.n_classes, tf.int32, alg="philox"
        )
        return [z, labels]

    def call(self, inputs, training=False):
        """Generate: z, or [z, labels] → images in [-1, 1]."""
        return self.sampler(inputs, training=training)

    @property
    def state(self) -> list:
        """All variables that exact resume needs, in a fixed order."""
        optimizers = (self.generator_optimizer, self.discriminator_optimizer)
        averaged = (self.averaged,) if self.averaged else ()
        owners = (self.generator, self.discriminator, *averaged, *optimizers)
        return [variable for owner in owners for variable in owner.variables]

    def get_config(self):
        return {
            "config": encode(self.config),
            "seed": self.seed,
            "precision": self.dtype_policy.name,
        }

    @classmethod
    def from_config(cls, config):
        model = decode(config["config"])
        return cls.from_configuration(model, config["seed"], config["precision"])

    def get_compile_config(self):
        names = ("generator_optimizer", "discriminator_optimizer")
        optimizers = {n: keras.saving.serialize_keras_object(getattr(self, n)) for n in names}
        return {**optimizers, "ema": self.ema}

    def compile_from_config(self, config):
        self.compile(**keras.saving.deserialize_keras_object(config))


def _copy(network: keras.Model) -> keras.Model:
    """The same network with variables of its own and the same values."""
    copy = keras.models.clone_model(network)
    copy.set_weights(network.get_weights())
    return copy


@contextmanager
def dtype_policy(name: str):
    """Build layers under a Keras dtype policy and put the former one back."""
    former = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(former)
