"""vuw-covid: "Generating COVID-19 chest X-ray images using DCGAN and WGAN-GP".

H. Nguyen, Victoria University of Wellington.
"""

from dataclasses import replace
from typing import Any

from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.architectures.dcgan64 import DCGAN64Config
from tfmedgan.architectures.wgan_gp import WGANGPConfig
from tfmedgan.config import DataConfig, Experiment, ModelConfig, PyTorchAdamConfig
from tfmedgan.data.chains import VUW_COVID_64, VUW_COVID_128
from tfmedgan.papers import publish


def _model(experiment: Experiment, **fields: Any) -> ModelConfig:
    """The experiment's model with other values of these fields."""
    return replace(experiment.model, **fields)


BASE_128 = Experiment(
    # tfmedgan-train --preset vuw-covid/base-128 --data manifest:covid19-radiography:DIR
    # 1,000 images of 128×128, 50 epochs: 50 generator updates of batch 128; reported FID 960
    paper="vuw-covid, the row that Tables 1–4 share",
    data=DataConfig(
        source="manifest:covid19-radiography",
        steps=VUW_COVID_128,
        classes=("COVID",),
        images=1000,
        fractions=(0.85, 0.075, 0.075),  # so that Table 1 finds its 3,000 for training
    ),
    model=WGANGPConfig(
        image_shape=(128, 128, 3),
        latent_dim=100,
        ngf=32,
        ndf=16,
        use_bias=True,
        critic_steps=5,  # n_critic
        penalty_weight=10.0,  # λ
        critic_range=(0.0, 1.0),  # "not normalised"
    ),
    generator_optimizer=PyTorchAdamConfig(1e-4, 0.5, 0.9),
    discriminator_optimizer=PyTorchAdamConfig(1e-4, 0.5, 0.9),
    batch_size=128,
    epochs=50,
    unstated=(
        "critic_steps",
        "generator_optimizer and discriminator_optimizer",
        "initialisation: N(0, 0.02)",
        "fresh_reals: a new batch for each critic update, as in Gulrajani et al. 2017",
        "CLAHE's clip limit (2.0) and tiles (8×8)",
        "batch_size of Tables 1–4: that of Table 5",
    ),
    deviations=(
        '"not normalised" means that the critic sees images in [0, 1], real and generated alike; '
        "in the document reals in [0, 1] seem to have met fakes in [-1, 1]",
        "15 % of the images are held out for validation and test",
        "full batches only: what is left of a pass comes first in the next",
    ),
)

NORMALISED_128 = replace(
    BASE_128,
    # reported FID 1336, where the base row has 960
    paper="vuw-covid, comparison of normalising",
    model=_model(BASE_128, critic_range=(-1.0, 1.0)),
    deviations=BASE_128.deviations[1:],
)

WGAN_GP_64 = replace(
    BASE_128,
    # tfmedgan-train --preset vuw-covid/table5-wgan-gp --data manifest:covid19-radiography:DIR
    # 2,000 images of 64×64, 500 epochs: 1,500 generator updates; reported FID 110
    paper="vuw-covid, Table 5",
    data=replace(BASE_128.data, steps=VUW_COVID_64, images=2000),
    model=WGANGPConfig(image_shape=(64, 64, 3), latent_dim=100, critic_steps=5),
    epochs=500,
    unstated=BASE_128.unstated[:-1],
    deviations=BASE_128.deviations[1:],
)

DCGAN_64 = Experiment(
    # tfmedgan-train --preset vuw-covid/table5-dcgan --data manifest:covid19-radiography:DIR
    # 2,000 images of 64×64, 500 epochs: 7,500 updates of batch 128; reported FID 155
    paper="vuw-covid, Table 5",
    data=WGAN_GP_64.data,
    model=DCGAN64Config(image_shape=(64, 64, 3), latent_dim=100),
    generator_optimizer=PyTorchAdamConfig(2e-4, 0.5),
    discriminator_optimizer=PyTorchAdamConfig(2e-4, 0.5),
    batch_size=128,
    epochs=500,
    unstated=("CLAHE's clip limit (2.0) and tiles (8×8)", "the range of the images, [-1, 1]"),
    deviations=BASE_128.deviations[1:],
)

RGAN_64 = replace(
    ARCHITECTURES["rgan"],
    # tfmedgan-train --preset vuw-covid/table5-rgan --data manifest:covid19-radiography:DIR
    # 300,000 images shown, the length that is recommended for own data
    paper="vuw-covid, beside Table 5",
    data=WGAN_GP_64.data,
    epochs=151,
    unstated=DCGAN_64.unstated,
    deviations=(*DCGAN_64.deviations, "rgan is this toolkit's and not of the document"),
)


def _with_images(count: int) -> Experiment:
    data = replace(BASE_128.data, images=count)
    return replace(BASE_128, paper="vuw-covid, Table 1", data=data)


def _with_noise(factor: float) -> Experiment:
    model = _model(BASE_128, noise_factor=factor)
    return replace(BASE_128, paper="vuw-covid, Table 2", model=model)


def _with_epochs(epochs: int) -> Experiment:
    return replace(BASE_128, paper="vuw-covid, Table 3", epochs=epochs)


TABLE_4_SIZE_64 = replace(
    WGAN_GP_64,
    # reported FID 696, where 128 px have 960
    paper="vuw-covid, Table 4",
    data=replace(BASE_128.data, steps=VUW_COVID_64),
    model=_model(WGAN_GP_64, critic_range=(0.0, 1.0)),
    epochs=BASE_128.epochs,
    unstated=BASE_128.unstated,
    deviations=BASE_128.deviations,
)

publish(
    "vuw-covid",
    {
        "base-128": BASE_128,
        "normalised-128": NORMALISED_128,
        **{f"table1-images-{n}": _with_images(n) for n in (1000, 2000, 3000)},
        **{f"table2-noise-{f:g}": _with_noise(f) for f in (0.0, 0.01, 0.1, 0.5, 1.0)},
        **{f"table3-epochs-{n}": _with_epochs(n) for n in (50, 100, 300, 500, 700)},
        "table4-size-128": replace(BASE_128, paper="vuw-covid, Table 4"),
        "table4-size-64": TABLE_4_SIZE_64,
        "table5-wgan-gp": WGAN_GP_64,
        "table5-dcgan": DCGAN_64,
        "table5-rgan": RGAN_64,
    },
)
