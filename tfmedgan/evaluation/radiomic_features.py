"""Radiomic features of Fréchet radiomic distance (Konz et al. 2025, v1), by PyRadiomics."""

import hashlib
import json
import logging
from typing import Any

import numpy as np

from tfmedgan.errors import InputError
from tfmedgan.evaluation.extractor import Extractor

# The values of the reference implementation, frd-score, for images of two dimensions.
SETTINGS = {
    "imageType": {"Original": {}, "LoG": {"sigma": [2.0, 3.0, 4.0, 5.0]}, "Wavelet": {}},
    "setting": {
        "normalize": True,
        "normalizeScale": 100,
        "interpolator": "sitkBSpline",
        "resampledPixelSpacing": [2, 2, 0],  # of pixels that count as 1: half the size
        "padDistance": 10,
        "preCrop": True,
        "force2D": True,
        "force2Ddimension": 0,
        "binWidth": 5,
        "voxelArrayShift": 300,
        "label": 1,
    },
}
CLASSES = ("firstorder", "glcm", "glrlm", "glszm", "ngtdm")
GLCM_LEFT_OUT = {"MCC", "SumAverage"}
SMALLEST = 16  # pixels a side; of less, nothing is left to measure at half the size


def radiomics() -> Extractor:
    """Formulas in place of a network: 398 numbers of the brightness and texture of grey images.

    Raises:
        InputError: PyRadiomics is not installed.
    """
    extractor = _pyradiomics()

    def network(images: np.ndarray) -> tuple[np.ndarray, None]:
        return np.stack([_features(extractor, image[..., 0]) for image in images]), None

    return Extractor("radiomics", _digest(extractor), None, 1, network, standardised=True)


def _pyradiomics() -> Any:
    try:
        from radiomics import featureextractor, glcm
    except ImportError:
        raise InputError(
            "--features radiomics needs PyRadiomics: pip install 'tfmedgan[radiomics]'"
        ) from None
    logging.getLogger("radiomics").setLevel(logging.ERROR)
    names = sorted(
        name
        for name, deprecated in glcm.RadiomicsGLCM.getFeatureNames().items()
        if not deprecated and name not in GLCM_LEFT_OUT
    )
    classes = dict.fromkeys(CLASSES) | {"glcm": names}  # None: all of the class
    return featureextractor.RadiomicsFeatureExtractor({**SETTINGS, "featureClass": classes})


def _features(extractor: Any, image: np.ndarray) -> np.ndarray:
    """Features of a grey image, (height, width), float32 as the reference has them.

    As there the mask leaves out a corner, and LoG is asked for, though PyRadiomics leaves it out
    of single slices; the numbers among its diagnostics count as features.
    """
    import SimpleITK

    if min(image.shape) < SMALLEST or np.ptp(image) == 0:
        why = "has one grey level" if np.ptp(image) == 0 else f"is {image.shape} pixels"
        raise InputError(
            f"radiomics: an image {why}; texture needs several levels and {SMALLEST} pixels a side"
        )
    mask = np.ones((1, *image.shape), np.uint8)
    mask[0, 0, 0] = 0
    measured = extractor.execute(*map(SimpleITK.GetImageFromArray, (image[None], mask)))
    return np.array([float(v) for _, v in sorted(measured.items()) if _is_number(v)], np.float32)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) or (
        isinstance(value, np.ndarray) and value.ndim == 0
    )


def _digest(extractor: Any) -> str:
    """SHA-256 of what is measured, and of the version that measures it."""
    import radiomics

    parts = (extractor.settings, extractor.enabledImagetypes, extractor.enabledFeatures)
    text = json.dumps([radiomics.__version__, *parts], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
