"""Metrics of other tools on features from .npy files; run by benchmarks/metrics.py.

python metrics_reference.py DIR, in an environment with torch-fidelity, pytorch-fid and prdc;
DIR holds real.npy and fake.npy. The last line of the output is a JSON list of
(tool, metric, value).
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path
from unittest.mock import MagicMock

import numpy as np

# Both tools import torchvision for networks and image files, neither of which is used here; one
# built for another torch cannot be imported.
for name in ("", ".datasets", ".models", ".transforms", ".transforms.functional"):
    sys.modules[f"torchvision{name}"] = MagicMock()


def main() -> None:
    real, fake = (np.load(Path(sys.argv[1]) / f"{name}.npy") for name in ("real", "fake"))
    rows = []
    for tool, values in (
        ("torch-fidelity", torch_fidelity(real, fake)),
        ("pytorch-fid", pytorch_fid(real, fake)),
        ("prdc", prdc(real, fake)),
    ):
        rows += [(f"{tool} {version(tool)}", metric, float(value)) for metric, value in values]
    print(json.dumps(rows))


def torch_fidelity(real: np.ndarray, fake: np.ndarray):
    import torch
    from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric
    from torch_fidelity.metric_kid import kernel_mmd
    from torch_fidelity.metric_prc import prc_features_to_metric

    tensors = [torch.from_numpy(x) for x in (real, fake)]
    statistics = [fid_features_to_statistics(x) for x in tensors]
    result = fid_statistics_to_metric(*statistics, verbose=False)
    yield "FID", result["frechet_inception_distance"]
    size = min(len(real), len(fake))
    yield "KID, sets of equal size", kernel_mmd(real[:size], fake[:size])
    result = prc_features_to_metric(*tensors[::-1], verbose=False)
    yield "precision, k = 3", result["precision"]
    yield "recall, k = 3", result["recall"]


def pytorch_fid(real: np.ndarray, fake: np.ndarray):
    from pytorch_fid.fid_score import calculate_frechet_distance

    moments = [m for x in (real, fake) for m in (x.mean(axis=0), np.cov(x, rowvar=False))]
    yield "FID", calculate_frechet_distance(*moments)


def prdc(real: np.ndarray, fake: np.ndarray):
    from prdc import compute_prdc

    for k in (3, 5):
        result = compute_prdc(real_features=real, fake_features=fake, nearest_k=k)
        for name in ("precision", "recall", "density", "coverage"):
            yield f"{name}, k = {k}", result[name]


if __name__ == "__main__":
    main()
