"""Features of images: extractors by name or file, batches, and a bounded cache."""

import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tfmedgan.config import DEFAULT_FEATURES
from tfmedgan.errors import InputError, require
from tfmedgan.evaluation.cache import FeatureCache
from tfmedgan.evaluation.extractor import Extractor
from tfmedgan.evaluation.images import ImagePool
from tfmedgan.evaluation.published_networks import (
    NETWORKS,
    check_options,
    with_protocol,
    with_scaling,
)
from tfmedgan.evaluation.resize import resize, to_channels

Progress = Callable[[int, int, str], None]
NAMES = ("multiscale", "random", "inception", "classifier", "radiomics")
UNTRAINED = ("multiscale", "random")  # nothing of them can be missing or damaged
BATCH = 32


@dataclass(frozen=True)
class Features:
    """Features of N images and, from classifiers, the probabilities of the classes."""

    values: np.ndarray  # float32, (N, d)
    probabilities: np.ndarray | None = None  # float32, (N, classes)


def check_name(
    features: str | Path, scaling: str | None = None, protocol: str | None = None
) -> None:
    """Refuse, without loading TensorFlow, what cannot name an extractor.

    Raises:
        InputError: neither one of `NAMES` nor an existing file or folder; a file's scaling that
            is not stated, or not known.
    """
    require(
        str(features) in NAMES or Path(features).exists(),
        f"no feature extractor {str(features)!r}; valid: {', '.join(NAMES)}, "
        "or the path of a Keras model file, SavedModel or ONNX file",
    )
    require(
        str(features) not in NAMES or not (scaling or protocol),
        f"--{'scaling' if scaling else 'protocol'} is for the network of a file, and --features "
        f"{features} is none",
    )
    check_options(features, scaling, protocol)


def name_of(features: str | Path | Extractor, protocol: str | None = None) -> str:
    """The extractor's name as far as it is known before a file is opened."""
    if protocol in NETWORKS:
        return NETWORKS[protocol].extractor
    return features.name if isinstance(features, Extractor) else str(features)


def open_extractor(
    features: str | Path | Extractor = DEFAULT_FEATURES,
    labelled=None,
    *,
    scaling: str | None = None,
    protocol: str | None = None,
) -> Extractor:
    """The extractor with this name, or in this Keras file, SavedModel folder or ONNX file.

    Args:
        features: `multiscale`: five depths of an untrained InceptionV3 from a fixed seed;
            `random`: its last maps alone, for what was measured on them before; `inception`:
            InceptionV3 trained on ImageNet, downloaded by Keras; `classifier`: a network trained
            here on `labelled`; `radiomics`: those of FRD, by PyRadiomics; or a path.
        labelled: (images, labels) for `classifier`: uint8 (N, H, W, C) and int (N,).
        scaling: of a file, how it wants values: one of `scaling.SCALINGS`. ONNX files need it or
            a `protocol`; Keras's get [0, 255] without.
        protocol: of a file, which published network it holds, `clip` or `dinov2`. Features and
            metrics then have its name.

    Raises:
        InputError: for an unknown name, a file that cannot be loaded, no labels, a package that
            is not installed.
    """
    if isinstance(features, Extractor):
        return features
    check_name(features, scaling, protocol)
    if str(features) == "radiomics":
        from tfmedgan.evaluation.radiomic_features import radiomics

        return radiomics()
    if str(features) in NAMES:
        return _known(str(features), labelled)
    extractor = _from_file(Path(features), protocol)
    if protocol:
        return with_protocol(extractor, protocol)
    return with_scaling(extractor, scaling) if scaling else extractor


def _known(name: str, labelled) -> Extractor:
    from tfmedgan.evaluation import networks

    if name == "classifier":
        require(
            labelled is not None,
            "--features classifier needs real images with labels of at least two classes",
        )
        return networks.trained_classifier(*labelled)
    makers = {"multiscale": networks.multiscale, "random": networks.random_inception}
    return makers.get(name, networks.imagenet_inception)()


def _from_file(path: Path, protocol: str | None) -> Extractor:
    if path.suffix.lower() == ".onnx":
        from tfmedgan.evaluation.onnx_network import from_onnx

        return from_onnx(path, NETWORKS[protocol].size if protocol else None)
    from tfmedgan.evaluation.networks import from_path

    return from_path(path)


def labelled(training: ImagePool | None, features: str | Path | Extractor):
    """Training images and their labels, if the extractor is the one that is trained on them."""
    if str(features) != "classifier" or training is None or training.labels is None:
        return None
    return training.stack(range(len(training))), training.labels


def extract(
    extractor: Extractor,
    images: ImagePool,
    *,
    batch_size: int = BATCH,
    cache: FeatureCache | None = None,
    progress: Progress | None = None,
) -> Features:
    """Features in the order of the images; at most two batches are in memory at a time.

    Raises:
        InputError: when the network does not give one finite vector per image, or takes images
            as they are and these have several sizes.
    """
    require(
        extractor.size or images.shape,
        f"{images.name}: {extractor.name} features need images of one size, and these have several",
    )
    key = cache_key(extractor, images)
    cached = cache.load(key) if cache else None
    if cached:
        return Features(**cached)
    values: Any = None
    probabilities = None
    done = 0
    for batch in _batches(extractor, images, batch_size):
        vectors, shares = extractor.network(batch)
        _check(vectors, len(batch), extractor, images)
        values = _placed(values, vectors, done, len(images))
        probabilities = (
            None if shares is None else _placed(probabilities, shares, done, len(images))
        )
        done += len(batch)
        if progress:
            progress(done, len(images), f"features of {images.name}")
    result = Features(values, probabilities)
    if cache:
        cache.save(key, vars(result))
    return result


def cache_key(extractor: Extractor, images: ImagePool) -> str:
    """Changes with the images, their order, the weights and the resizing."""
    order = hashlib.sha256(b"".join(images.hashes)).hexdigest()
    parts = (order, extractor.sha256, extractor.resizer, str(extractor.channels))
    return hashlib.sha256("/".join(parts).encode()).hexdigest()


def _batches(extractor: Extractor, images: ImagePool, batch_size: int) -> Iterator[np.ndarray]:
    """The next batch is read and resized while the network works on this one."""

    def one(index: int) -> np.ndarray:
        image = images.read(index)
        resized = resize(image, extractor.size or image.shape[:2])
        return to_channels(resized, extractor.channels)

    def load(start: int) -> np.ndarray:
        chosen = range(start, min(start + batch_size, len(images)))
        return np.stack([one(index) for index in chosen])

    starts = range(0, len(images), batch_size)
    with ThreadPoolExecutor(1) as worker:
        ahead = worker.submit(load, 0)
        for start in starts:
            batch = ahead.result()
            if start + batch_size < len(images):
                ahead = worker.submit(load, start + batch_size)
            yield batch


def _placed(whole: np.ndarray | None, part: np.ndarray, start: int, count: int) -> np.ndarray:
    """`whole` with `part` at `start`. Its room is made once: to join parts would take it twice."""
    if whole is None:
        whole = np.empty((count, *part.shape[1:]), part.dtype)
    whole[start : start + len(part)] = part
    return whole


def _check(vectors: np.ndarray, count: int, extractor: Extractor, images: ImagePool) -> None:
    if vectors.ndim != 2 or len(vectors) != count or not np.isfinite(vectors).all():
        raise InputError(
            f"{extractor.name}: gives {vectors.shape} with non-finite values or no vectors for "
            f"{count} of {images.name}; it must give one finite vector per image"
        )
