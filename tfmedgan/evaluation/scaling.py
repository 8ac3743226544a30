"""How the values of images are scaled before a network that does not do it by itself."""

import numpy as np

SCALINGS = {  # name: (divisor, then subtracted, then divided by)
    "bytes": (1.0, (0.0,), (1.0,)),  # [0, 255]
    "unit": (255.0, (0.0,), (1.0,)),  # [0, 1]
    "signed": (127.5, (1.0,), (1.0,)),  # [-1, 1]
    "imagenet": (255.0, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    "clip": (
        255.0,
        (0.48145466, 0.4578275, 0.40821073),
        (0.26862954, 0.26130258, 0.27577711),
    ),
}


def scaled(images: np.ndarray, name: str) -> np.ndarray:
    """Float images, (..., channels), from [0, 255] to the range of one of `SCALINGS`, as float32.

    `imagenet` and `clip` have a mean and a deviation for each of three channels.
    """
    divisor, mean, deviation = (np.asarray(part, np.float32) for part in SCALINGS[name])
    return (np.asarray(images, np.float32) / divisor - mean) / deviation
