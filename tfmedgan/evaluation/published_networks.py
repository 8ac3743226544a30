"""Networks that publications compare images by, whose weights the user has in a file."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tfmedgan.errors import require
from tfmedgan.evaluation.extractor import Extractor
from tfmedgan.evaluation.scaling import SCALINGS, scaled


@dataclass(frozen=True)
class PublishedNetwork:
    """What is known of the network without its weights; it takes RGB."""

    extractor: str
    title: str
    size: int  # pixels
    length: int  # of a feature vector
    scaling: str


NETWORKS = {  # by the value of --protocol
    "clip": PublishedNetwork("clip_vitl14_336", "CLIP ViT-L/14@336", 336, 768, "clip"),
    "dinov2": PublishedNetwork("dinov2_vitl14", "DINOv2 ViT-L/14", 224, 1024, "imagenet"),
}


def check_options(features: str | Path, scaling: str | None, protocol: str | None) -> None:
    """Refuse what does not say, or says twice, how values are scaled before a file's network.

    Raises:
        InputError: names the option.
    """
    require(scaling in (None, *SCALINGS), f"--scaling {scaling}: valid: {', '.join(SCALINGS)}")
    require(protocol in (None, *NETWORKS), f"--protocol {protocol}: valid: {', '.join(NETWORKS)}")
    require(not (scaling and protocol), "--protocol has a scaling of its own; leave out --scaling")
    require(
        scaling or protocol or Path(features).suffix.lower() != ".onnx",
        f"{features}: an ONNX file does not say how it wants its values; tfmedgan-evaluate has "
        f"--scaling {'|'.join(SCALINGS)} and --protocol {'|'.join(NETWORKS)} for that",
    )


def with_protocol(extractor: Extractor, protocol: str) -> Extractor:
    """A file's network under the name of its publication, and with its scaling.

    Whether the weights are the published ones cannot be seen: every row has their digest.

    Raises:
        InputError: when size or length of the features are not those of the network.
    """
    network = NETWORKS[protocol]
    shape = (network.size, network.size, 3)
    takes = (*(extractor.size or ()), extractor.channels)
    require(takes == shape, f"{extractor.name}: takes {takes}; {network.title} takes {shape}")
    known = with_scaling(extractor, network.scaling)
    vectors = known.network(np.zeros((1, *shape), np.float32))[0]
    require(
        vectors.shape == (1, network.length),
        f"{extractor.name}: gives {vectors.shape} of one image; {network.title} gives "
        f"{(1, network.length)}",
    )
    return replace(known, name=network.extractor)


def with_scaling(extractor: Extractor, scaling: str) -> Extractor:
    """The extractor whose network takes values so scaled.

    Raises:
        InputError: a scaling of three channels before a network of one.
    """
    require(
        len(SCALINGS[scaling][1]) in (1, extractor.channels),
        f"--scaling {scaling} is for three channels; {extractor.name} takes one",
    )
    network = extractor.network
    return replace(
        extractor, scaling=scaling, network=lambda images: network(scaled(images, scaling))
    )
