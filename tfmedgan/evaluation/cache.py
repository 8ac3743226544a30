"""Features on disk under the hash of the images and of the network, within a limit."""

import os
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfmedgan.files import replacing

LIMIT_BYTES = 2**30


@dataclass(frozen=True)
class FeatureCache:
    """Arrays in one folder, NPZ without pickle; the least recently used go first."""

    folder: Path
    limit: int = LIMIT_BYTES  # bytes

    def load(self, key: str) -> dict[str, np.ndarray] | None:
        """The arrays saved under `key`; None when absent or damaged."""
        path = self._path(key)
        try:
            with np.load(path, allow_pickle=False) as arrays:
                loaded = dict(arrays)
            os.utime(path)
        except (OSError, ValueError, zipfile.BadZipFile):
            return None
        return loaded if "values" in loaded else None

    def save(self, key: str, arrays: dict) -> None:
        """Write atomically, then drop the oldest files beyond the limit."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with replacing(self._path(key)) as part, open(part, "wb") as file:
            np.savez(file, **{name: a for name, a in arrays.items() if a is not None})
        self._trim()

    def _path(self, key: str) -> Path:
        return Path(self.folder) / f"{key}.npz"

    def _trim(self) -> None:
        files = sorted(self.folder.glob("*.npz"), key=lambda p: p.stat().st_mtime_ns, reverse=True)
        total = 0
        for path in files:
            total += path.stat().st_size
            if total > self.limit:
                path.unlink(missing_ok=True)
