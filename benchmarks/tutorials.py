"""Training steps as the tutorials of Keras and TensorFlow write them; each maker gives a `step`.

They take the networks, generator first, and an optimizer for each.
"""

import keras
import numpy as np
import tensorflow as tf

from tfmedgan.models.cgan import define_gan


def dcgan(networks, optimizers, from_logits):
    """tensorflow.org/tutorials/generative/dcgan: two tapes over one forward pass."""
    generator, discriminator = networks
    cross_entropy = keras.losses.BinaryCrossentropy(from_logits=from_logits)

    @tf.function
    def step(images, labels):
        noise = tf.random.normal([images.shape[0], 100])
        with tf.GradientTape() as gen_tape, tf.GradientTape() as disc_tape:
            fake = generator(noise, training=True)
            real_scores = discriminator(images, training=True)
            fake_scores = discriminator(fake, training=True)
            g_loss = cross_entropy(tf.ones_like(fake_scores), fake_scores)
            d_loss = cross_entropy(tf.ones_like(real_scores), real_scores)
            d_loss += cross_entropy(tf.zeros_like(fake_scores), fake_scores)
        g_gradients = gen_tape.gradient(g_loss, generator.trainable_variables)
        d_gradients = disc_tape.gradient(d_loss, discriminator.trainable_variables)
        optimizers[0].apply_gradients(zip(g_gradients, generator.trainable_variables, strict=True))
        optimizers[1].apply_gradients(
            zip(d_gradients, discriminator.trainable_variables, strict=True)
        )
        return g_loss

    return step


def cgan(networks, optimizers, seed: int = 0):
    """The composite of iut2023: `train_on_batch` with noise and labels from NumPy.

    Takes half a batch of real images, (half, H, W, C), and their labels, (half,).
    """
    generator, discriminator = networks
    discriminator.compile(optimizers[1], "binary_crossentropy")
    gan = define_gan(generator, discriminator)
    gan.compile(optimizers[0], "binary_crossentropy")
    rng = np.random.default_rng(seed)

    def step(images, labels):
        half = len(images)
        z, drawn = rng.normal(size=(half, 100)), rng.integers(0, 5, half)
        fake = generator.predict_on_batch([z, drawn])
        discriminator.trainable = True  # Keras 3 reads it when it traces a function
        discriminator.train_on_batch([images, labels], np.ones((half, 1)))
        discriminator.train_on_batch([fake, drawn], np.zeros((half, 1)))
        discriminator.trainable = False
        z, drawn = rng.normal(size=(2 * half, 100)), rng.integers(0, 5, 2 * half)
        return gan.train_on_batch([z, drawn], np.ones((2 * half, 1)))

    return step


def wgan_gp(networks, optimizers, config):
    """keras.io/examples/generative/wgan_gp: three passes of the critic, a nested tape."""
    generator, critic = networks

    def penalty(real, fake):
        alpha = tf.random.uniform([tf.shape(real)[0], 1, 1, 1])
        between = real + alpha * (fake - real)
        with tf.GradientTape() as tape:
            tape.watch(between)
            scores = critic(between, training=True)
        gradient = tape.gradient(scores, [between])[0]
        norm = tf.sqrt(tf.reduce_sum(tf.square(gradient), axis=[1, 2, 3]))
        return tf.reduce_mean((norm - 1.0) ** 2)

    @tf.function
    def step(images, labels):
        for real in tf.split(images, config.critic_steps):
            noise = tf.random.normal((real.shape[0], config.latent_dim))
            with tf.GradientTape() as tape:
                fake = generator(noise, training=True)
                fake_scores = critic(fake, training=True)
                real_scores = critic(real, training=True)
                cost = tf.reduce_mean(fake_scores) - tf.reduce_mean(real_scores)
                loss = cost + penalty(real, fake) * config.penalty_weight
            gradients = tape.gradient(loss, critic.trainable_variables)
            optimizers[1].apply_gradients(zip(gradients, critic.trainable_variables, strict=True))
        noise = tf.random.normal((real.shape[0], config.latent_dim))
        with tf.GradientTape() as tape:
            loss = -tf.reduce_mean(critic(generator(noise, training=True), training=True))
        gradients = tape.gradient(loss, generator.trainable_variables)
        optimizers[0].apply_gradients(zip(gradients, generator.trainable_variables, strict=True))
        return loss

    return step
