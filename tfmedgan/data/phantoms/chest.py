"""A drawn frontal chest radiograph, normal or with pneumonia: a phantom, not a model of disease.

Coordinates: the film is [-1, 1], y goes down, the patient faces the viewer, so
that the heart's apex points to the right. Bright means dense.
"""

import numpy as np

from tfmedgan.data.phantoms.canvas import Canvas, overlap
from tfmedgan.data.phantoms.shapes import Dice, Frame, Outline, Stems, fork, grow, outline, rounded

TRUNK: Outline = ((-0.22, -1.6), (-0.2, -1.02), (-0.44, -0.9), (-0.9, -0.82), (-1.1, -0.5))
TRUNK += ((-0.98, -0.1), (-0.93, 0.4), (-0.95, 1.6))
LUNG: Outline = ((0.12, -0.62), (0.2, -0.8), (0.38, -0.78), (0.55, -0.5), (0.66, -0.1), (0.7, 0.3))
LUNG += ((0.72, 0.6), (0.62, 0.5), (0.44, 0.38), (0.26, 0.38), (0.13, 0.46), (0.13, 0.0))
DENSE = 235  # grey level of the mediastinum


def draw(label: int, dice: Dice, size: int) -> np.ndarray:
    """Phantom of a chest radiograph, uint8 (size, size, 1)."""
    shift = (dice.real(-0.06, 0.06), dice.real(-0.08, 0.06))
    canvas = Canvas(size, 1, Frame(dice.real(0.95, 1.2), dice.real(-4, 4), shift))
    build = np.array([dice.real(0.92, 1.1), dice.real(0.88, 1.08)])
    lungs = thorax(canvas, dice, build)
    lung_markings(canvas, dice, build, lungs)
    if label == 1:
        opacities(canvas, dice, build, lungs)
    mediastinum(canvas, dice, build)
    ribs(canvas, dice, build)
    clavicles(canvas, dice, build)
    expose(canvas, dice)
    return canvas.finish(dice, noise=4)


def thorax(canvas: Canvas, dice: Dice, build: np.ndarray) -> np.ndarray:
    """Soft tissue around two air-filled lungs, whose bases are the domes of the diaphragm.

    Returns the lungs' mask.
    """
    canvas.planes[:] = dice.whole(8, 40)
    left = np.array(TRUNK) * build
    trunk = canvas.region(rounded([*left, *(left[::-1] * (-1, 1))]), 0.03)
    canvas.paint(trunk, (dice.whole(165, 205),))
    canvas.paint(overlap(trunk, canvas.glow((0, 1.1), (1.2, 0.9))), (DENSE,), 0.8)
    lungs = canvas.mask()
    for side, drop in ((1, 0.04), (-1, 0.0)):
        wobble = dice.reals(-0.02, 0.02, len(LUNG), 2)
        canvas.fill(lungs, rounded((np.array(LUNG) + wobble + (0, drop)) * build * (side, 1)))
    lungs = canvas.soften(lungs, 0.035)
    canvas.paint(lungs, (dice.whole(30, 80),), 0.92)
    return lungs


def lung_markings(canvas: Canvas, dice: Dice, build: np.ndarray, lungs: np.ndarray) -> None:
    """Pulmonary vessels: bright hila, from which branches fade towards the periphery."""
    mask = canvas.mask()
    for side in (1, -1):
        hilum = np.array([0.2 * side, -0.06]) * build
        middle = 0 if side == 1 else 180
        first = middle + np.linspace(-80, 80, 7) + dice.reals(-10, 10, 7)
        turns = np.stack([first, first + dice.reals(-30, 30, 7)], axis=1)
        stems = Stems(np.repeat(hilum[None], 7, axis=0), turns, np.full(7, 0.45), np.full(7, 0.035))
        courses, headings = grow(dice, stems, 8, 8)
        twigs = fork(dice, stems, courses, headings, 4)
        canvas.strokes(mask, courses, stems.widths)
        canvas.strokes(mask, grow(dice, twigs, 4, 10)[0], twigs.widths)
        canvas.paint(canvas.glow(hilum, (0.16, 0.24)), (DENSE,), 0.4)
    canvas.paint(overlap(canvas.soften(mask, 0.02), lungs), (200,), dice.real(0.25, 0.45))


def opacities(canvas: Canvas, dice: Dice, build: np.ndarray, lungs: np.ndarray) -> None:
    """Airspace opacities: ill-defined, patchy white areas where alveoli are full."""
    patchy = canvas.clouds(dice, 9).astype(np.int32) * 2 + canvas.clouds(dice, 30) - 160
    patchy = np.minimum(np.maximum(patchy, 30), 255).astype(np.uint8)
    first = dice.whole(0, 1)
    for number in range(dice.whole(2, 5)):
        side = 1 if (number + first) % 2 else -1
        centre = np.array([dice.real(0.32, 0.55) * side, dice.real(-0.35, 0.4)]) * build
        radii = (dice.real(0.28, 0.45), dice.real(0.3, 0.5))
        patch = overlap(canvas.glow(centre, radii, dice.real(0, 180)), patchy, lungs)
        canvas.paint(patch, (DENSE,), dice.real(0.85, 1.0))


def mediastinum(canvas: Canvas, dice: Dice, build: np.ndarray) -> None:
    """Heart with its apex to the patient's left, aortic knob, spine and the windpipe's air."""
    dense = canvas.mask()
    wide = dice.real(0.85, 1.15)
    heart = outline(dice, np.array([0.14, 0.22]) * build, (0.36 * wide, 0.25), -32, 0.03, 32)
    canvas.fill(dense, heart)
    canvas.fill(dense, outline(dice, np.array([0.1, -0.3]) * build, (0.11, 0.12)))
    line = np.array([[0, -0.9], [0.01, -0.3], [0.02, 0.3], [0.0, 1.2]])
    canvas.strokes(dense, line[None, ::-1] * build, np.array([0.42]))
    canvas.paint(canvas.soften(dense, 0.05), (DENSE,), 0.88)
    discs = np.arange(-0.9, 1.0, 0.115)
    ends = np.array([[-0.08, 0], [0.08, 0]])
    mask = canvas.mask()
    canvas.strokes(mask, ends + np.stack([0 * discs, discs], axis=1)[:, None], 0.05 + 0 * discs)
    canvas.absorb(canvas.soften(mask, 0.02), (dice.real(0.02, 0.06),))
    canvas.absorb(canvas.glow((0, -0.62), (0.08, 0.42)), (0.3,))


def ribs(canvas: Canvas, dice: Dice, build: np.ndarray) -> None:
    """Ribs: behind, nearly level arches from the spine; in front, fainter, down to the middle."""
    number = np.arange(9)[:, None]
    across = np.arange(13) / 12
    top = -0.84 + number * dice.real(0.125, 0.145)
    reach = (0.45 + 0.3 * np.sqrt((number + 1) / 9)) * across + 0.06
    behind = np.stack([reach, top - 0.4 * across * (0.5 - across)], axis=-1)
    front = np.stack([reach, top + 0.2 + 0.4 * (1 - across) * (1 - across)], axis=-1)[:, :3:-1]
    strength = dice.real(0.18, 0.34)
    for courses, soft, part in ((behind, 0.018, 1.0), (front, 0.025, 0.5)):
        mask = canvas.mask()
        for side in (1, -1):
            canvas.strokes(mask, courses * build * (side, 1), np.full(9, 0.06))
        canvas.paint(canvas.soften(mask, soft), (245,), strength * part)


def clavicles(canvas: Canvas, dice: Dice, build: np.ndarray) -> None:
    """Collar bones: a shallow S on each side, over the tips of the lungs."""
    rise = dice.real(-0.1, 0.02)
    course = np.array([[0.08, -0.6], [0.2, -0.62], [0.36, -0.7], [0.55, -0.74], [0.78, -0.74]])
    course[:, 1] += rise * np.arange(5) / 4
    mask = canvas.mask()
    for side in (1, -1):
        canvas.strokes(mask, (course * build * (side, 1))[None], np.array([0.085]))
    canvas.paint(canvas.soften(mask, 0.02), (245,), 0.38)


def expose(canvas: Canvas, dice: Dice) -> None:
    """The film: uneven tissue, contrast and darkness that differ from machine to machine."""
    canvas.absorb(canvas.clouds(dice, 5), (0.14,))
    canvas.absorb(255 - canvas.glow(dice.reals(-0.4, 0.4, 2), (2.4, 2.4)), (dice.real(0.0, 0.3),))
    gain, level = int(256 * dice.real(0.65, 1.1)), dice.whole(-10, 45)
    canvas.planes *= gain
    canvas.planes >>= 8
    canvas.planes += level
