"""limeros2022: "GAN-based generative modelling for dermatological applications", central part.

S. Carrasco Limeros et al. 2022; StyleGAN2-ADA on the lesions of ISIC 2020.
"""

from dataclasses import replace

from tfmedgan.architectures.stylegan2 import StyleGAN2Config
from tfmedgan.config import AdaptiveAugment, DataConfig, Experiment, PyTorchAdamConfig
from tfmedgan.data.chains import LIMEROS2022
from tfmedgan.papers import publish

UNCONDITIONAL = Experiment(
    # tfmedgan-train --preset limeros2022/unconditional --data manifest:isic2020:DIR
    # 256×256 at batch 16, learning rate 0.002, R1 weight 10, target of ADA 0.6
    paper="limeros2022, unconditional",
    data=DataConfig(source="manifest:isic2020", steps=LIMEROS2022),
    model=StyleGAN2Config(
        image_shape=(256, 256, 3), latent_dim=512, mapping_layers=8, channel_base=32768,
        channel_max=512, r1_weight=10.0, path_length_weight=2.0,
    ),
    generator_optimizer=PyTorchAdamConfig(2e-3, 0.0, 0.99),
    discriminator_optimizer=PyTorchAdamConfig(2e-3, 0.0, 0.99),
    batch_size=16,
    epochs=100,
    ema=0.9989,  # half-life 10,000 images
    augment=AdaptiveAugment(target=0.6, images=500_000),
    unstated=(
        "epochs: the number of images shown",
        "the networks, Adam's betas, path_length_weight and the average: configuration F of "
        "Karras et al. 2020a, whose rate and R1 weight the document has",
        "how images that are no square become one: the shorter side to 256, then the centre",
    ),
    deviations=(
        "the split is by patient, and nothing is chosen on the images that it is measured on; the "
        "document's is by image, and the images that chose an epoch also gave the figures",
        "R1 and path lengths join the gradient of a step where Karras et al. give each an update "
        "of its own, so Adam's rate and betas need no correction; the path lengths' mean is that "
        "before the step",
        "R1 is taken where the discriminator looks, at augmented images",
        "fakes have the labels of the reals of their batch, as frequent as those",
        "both networks learn from the same fakes",
        "the discriminator's label is one learned vector, without a mapping network of its own",
        "augmentation without the transformations that ADA here leaves out: turns of the hue, "
        "luma flips",
        "the average follows faster in the first updates, by min(ema, (1 + t)/(10 + t))",
    ),
)  # fmt: skip

publish(
    "limeros2022",
    {
        "unconditional": UNCONDITIONAL,
        "conditional": replace(
            UNCONDITIONAL,
            # tfmedgan-train --preset limeros2022/conditional --data manifest:isic2020:DIR
            # the same with the labels benign and malignant
            paper="limeros2022, conditional",
            model=replace(UNCONDITIONAL.model, n_classes=2),
        ),
    },
)
