"""Steps of preprocessing: frozen callables whose repr is the record of what was done.

A chain has three stages, in this order:

1. image steps take and return NumPy images, (height, width, channels), uint8 (`Window` also
   uint16), and run once per image;
2. random steps take float32 batches in [0, 255] and a key, run inside `tf.data` after the
   prepared images have been stored, and draw anew on each pass;
3. `Rescale`, last, maps bytes to the range that the network expects.

Each step of the first two says whether it is `geometric`, that is, whether it moves pixels: such
steps act on masks too, by `of_mask`, and the others leave a mask as it is.
"""

from tfmedgan.data.steps.chain import (
    adapted,
    batch_steps,
    check_chain,
    check_masks,
    image_steps,
    run_batch_steps,
    run_steps,
    standard_steps,
)
from tfmedgan.data.steps.geometry import CentreCrop, Resize
from tfmedgan.data.steps.intensity import Clahe, Grayscale, Rescale, ToRGB, Window
from tfmedgan.data.steps.random import Contrast, FlipHorizontal, FlipVertical, Rotate, Rows, Zoom
