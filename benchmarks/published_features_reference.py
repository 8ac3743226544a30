"""CMMD and FRD of other tools; run by benchmarks/published_features.py.

python published_features_reference.py DIR, in an environment with clip-mmd (and PyTorch),
frd-score and PyRadiomics. DIR holds features in SET.real.npy and SET.fake.npy, and images in the
folders `real` and those in frd.txt. The last line of the output is JSON.
"""

import json
import logging
import sys
from importlib.metadata import version
from pathlib import Path
from unittest.mock import MagicMock

import numpy as np

sys.modules["transformers"] = MagicMock()  # for networks, which are not used here


def main() -> None:
    folder = Path(sys.argv[1])
    names = (folder / "frd.txt").read_text().split() if (folder / "frd.txt").exists() else []
    pairs = sorted(folder.glob("*.real.npy"))
    packages = ("frd-score", "pyradiomics") if names else ("clip-mmd", "torch")
    result = {
        "cmmd": {path.name.split(".")[0]: cmmd(path) for path in pairs},
        "frd": {name: frd(folder / "real", folder / name) for name in names},
        "features": features(folder / "real") if names else [],
        "versions": ", ".join(f"{name} {version(name)}" for name in packages),
    }
    print(json.dumps(result))


def cmmd(path: Path) -> float:
    from clip_mmd.calculation import mmd

    fake = path.with_name(path.name.replace("real", "fake"))
    return float(mmd(np.load(path), np.load(fake)))


def frd(real: Path, fake: Path) -> float:
    from frd_score.frd import compute_frd

    return float(compute_frd([str(real), str(fake)], num_workers=1))


def features(folder: Path) -> list[list[float]]:
    """Of the first five images, in the order of PyRadiomics's names."""
    from frd_score.frd import get_feature_extractor, process_image_mask_pair

    logging.getLogger("radiomics").setLevel(logging.ERROR)
    extractor = get_feature_extractor("v1")
    rows = []
    for path in sorted(folder.iterdir())[:5]:
        _, values, _ = process_image_mask_pair((path, None), None, extractor)
        rows.append([values[name] for name in sorted(values, key=own_name)])
    return rows


def own_name(name: str) -> str:
    """PyRadiomics's name, from which frd-score takes "original_"."""
    filtered = name.startswith(("diagnostics", "log-sigma", "wavelet"))
    return name if filtered else f"original_{name}"


if __name__ == "__main__":
    main()
