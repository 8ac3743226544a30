"""PSNR, SSIM and MS-SSIM of pairs of images (Wang et al. 2004 and 2003: Gaussian window, σ 1.5).

PSNR and SSIM are scikit-image's.
"""

import numpy as np
from scipy.ndimage import convolve1d

SIGMA = 1.5
WINDOW = 11
SCALE_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)  # Wang et al. 2003
_OFFSETS = np.arange(WINDOW) - WINDOW // 2
_KERNEL = np.exp(-0.5 * (_OFFSETS / SIGMA) ** 2)
_KERNEL /= _KERNEL.sum()


def psnr(left: np.ndarray, right: np.ndarray, data_range: float = 255.0) -> np.ndarray:
    """10 log10(data_range² / mean squared error) of N pairs, dB, float64, (N,); inf where equal.

    Args:
        left, right: (N, height, width, channels), values in a range of width `data_range`.
    """
    from skimage.metrics import peak_signal_noise_ratio

    pairs = zip(left, right, strict=True)
    with np.errstate(divide="ignore"):
        return np.array([peak_signal_noise_ratio(*pair, data_range=data_range) for pair in pairs])


def ssim(left: np.ndarray, right: np.ndarray, data_range: float = 255.0) -> np.ndarray:
    """Structural similarity of N pairs, in [-1, 1].

    Args:
        left, right: (N, height, width, channels), of at least 11 pixels a side.
        data_range: largest minus smallest possible value of a pixel.

    Returns:
        Mean over pixels and channels, float64, (N,).
    """
    from skimage.metrics import structural_similarity

    options = {"gaussian_weights": True, "sigma": SIGMA, "use_sample_covariance": False}
    options |= {"data_range": data_range, "channel_axis": -1}
    pairs = zip(np.asarray(left, np.float64), np.asarray(right, np.float64), strict=True)
    return np.array([structural_similarity(*pair, **options) for pair in pairs])


def ms_ssim(left: np.ndarray, right: np.ndarray, data_range: float = 255.0) -> np.ndarray:
    """Multi-scale structural similarity of N pairs, in [0, 1], float64, (N,).

    Small images have fewer than five scales: as many as keep 11 pixels, their weights
    divided by their sum (see `scale_weights`).
    """
    left, right = np.asarray(left, np.float64), np.asarray(right, np.float64)
    weights = scale_weights(min(left.shape[1:3]))
    product = np.ones((len(left), left.shape[-1]))
    for scale, weight in enumerate(weights):
        similarity, contrast = _maps(left, right, data_range)
        last = scale == len(weights) - 1
        product *= np.maximum(similarity if last else contrast, 0) ** weight
        left, right = _halved(left), _halved(right)
    return np.minimum(product.mean(axis=-1), 1.0)  # rounding may leave it above


def scale_weights(size: int) -> np.ndarray:
    """Weights of the scales that an image of `size` pixels has; they sum to 1."""
    count = 1
    while count < len(SCALE_WEIGHTS) and size // 2**count >= WINDOW:
        count += 1
    weights = np.array(SCALE_WEIGHTS[:count])
    return weights / weights.sum()


def _maps(x: np.ndarray, y: np.ndarray, data_range: float) -> tuple[np.ndarray, np.ndarray]:
    """Mean SSIM, and mean contrast-structure term, of each pair and channel, (N, channels)."""
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    mean_x, mean_y = _smooth(x), _smooth(y)
    variances = _smooth(x * x + y * y) - mean_x**2 - mean_y**2
    covariance = _smooth(x * y) - mean_x * mean_y
    contrast = (2 * covariance + c2) / (variances + c2)
    luminance = (2 * mean_x * mean_y + c1) / (mean_x**2 + mean_y**2 + c1)
    return (luminance * contrast).mean(axis=(1, 2)), contrast.mean(axis=(1, 2))


def _smooth(images: np.ndarray) -> np.ndarray:
    """Filtered along both axes, without the border that the window does not fit into."""
    edge = WINDOW // 2
    rows = convolve1d(images, _KERNEL, axis=1)[:, edge:-edge]
    return convolve1d(rows, _KERNEL, axis=2)[:, :, edge:-edge]


def _halved(images: np.ndarray) -> np.ndarray:
    height, width = (side // 2 * 2 for side in images.shape[1:3])
    count, channels = len(images), images.shape[-1]
    cells = images[:, :height, :width].reshape(count, height // 2, 2, width // 2, 2, channels)
    return cells.mean(axis=(2, 4))
