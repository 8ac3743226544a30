"""One strict decoder per image format: bytes → uint8 or uint16, (h, w) or (h, w, 3) RGB.

A library decodes the samples; `samples.py` decides, for all of them, what the file says of these.
"""

import logging
import warnings

for _library in ("PIL", "pydicom", "tifffile"):  # their warnings are refused in one line, or meant
    logging.getLogger(_library).setLevel(logging.CRITICAL)
    warnings.filterwarnings("ignore", module=rf"{_library}\.")
