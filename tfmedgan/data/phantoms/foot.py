"""A drawn foot with an ulcer, infected or not: a phantom, not a model of disease.

Coordinates: the foot fills [-1, 1], y goes down, toes at the top, the big toe to
the left; feet are mirrored, turned and enlarged at random. The signs of
infection are those of the IWGDF/IDSA classification that show in a photograph:
redness around the ulcer, and purulent slough.
"""

from itertools import pairwise

import numpy as np

from tfmedgan.data.phantoms.canvas import Canvas, overlap
from tfmedgan.data.phantoms.shapes import Dice, Frame, Outline, compass, outline, rounded

Toes = list[tuple[np.ndarray, np.ndarray]]  # centres and radii
SKINS = (  # RGB
    (236, 190, 168),
    (222, 164, 132),
    (198, 138, 100),
    (160, 104, 74),
    (116, 74, 54),
    (214, 150, 140),
)
GROUNDS = ((58, 54, 52), (206, 210, 216), (92, 126, 168), (128, 126, 120), (34, 36, 44))
SOLE: Outline = ((0.0, 0.95), (0.24, 0.9), (0.29, 0.6), (0.27, 0.3), (0.36, 0.0), (0.44, -0.3))
SOLE += ((0.34, -0.52), (0.02, -0.66), (-0.36, -0.66), (-0.44, -0.3), (-0.34, 0.0), (-0.2, 0.3))
SOLE += ((-0.27, 0.6), (-0.24, 0.9))
BACK: Outline = ((0.24, 1.6), (0.24, 0.7), (0.3, 0.4), (0.38, 0.0), (0.44, -0.3), (0.34, -0.52))
BACK += ((0.02, -0.66), (-0.36, -0.66), (-0.42, -0.3), (-0.34, 0.1), (-0.27, 0.5), (-0.26, 1.6))
TOES = (  # x, y, half width, half length
    (-0.27, -0.72, 0.15, 0.21),
    (-0.06, -0.74, 0.09, 0.18),
    (0.11, -0.67, 0.082, 0.16),
    (0.25, -0.58, 0.075, 0.145),
    (0.36, -0.46, 0.075, 0.12),
)
SITES = ((-0.24, -0.34), (0.0, -0.36), (0.2, -0.28), (-0.05, 0.0), (0.02, 0.62), (0.05, 0.3))


def draw(label: int, dice: Dice, size: int) -> np.ndarray:
    """Phantom of a photograph of a foot, uint8 RGB (size, size, 3)."""
    canvas, _ = photograph(label, dice, size)
    return canvas.finish(dice, noise=4)


def draw_mask(label: int, dice: Dice, size: int) -> np.ndarray:
    """The bed of the ulcer in the same photograph, uint8 (size, size, 1), 0 or 255."""
    canvas, bed = photograph(label, dice, size)
    return canvas.finished_mask(bed)


def photograph(label: int, dice: Dice, size: int) -> tuple[Canvas, np.ndarray]:
    """The painted canvas, and the mask of the ulcer's bed on it."""
    site = np.array(dice.pick(SITES)) + dice.reals(-0.05, 0.05, 2)
    canvas = Canvas(size, 3, view(dice, site))
    skin = dice.blend(SKINS)
    ground(canvas, dice)
    shape = foot(canvas, dice, skin)
    bed = ulcer(canvas, dice, site, shape, infected=label == 1)
    canvas.absorb(canvas.clouds(dice, 3), (0.2, 0.2, 0.2))
    canvas.planes *= int(256 * dice.real(0.9, 1.35))
    canvas.planes >>= 8
    return canvas, bed


def view(dice: Dice, site: np.ndarray) -> Frame:
    """The whole foot, or a close-up with the ulcer near the middle."""
    tilt, mirrored = dice.real(-40, 40), dice.chance(50)
    zoom = dice.real(1.5, 2.2) if dice.chance(40) else dice.real(0.85, 1.15)
    seen = Frame(zoom, tilt, (0.0, 0.0), mirrored).place(site)
    limit = dice.reals(0.0, 0.35, 2)
    return Frame(zoom, tilt, tuple(np.clip(seen, -limit, limit) - seen), mirrored)


def ground(canvas: Canvas, dice: Dice) -> None:
    """What the foot lies on: a floor, and the border of a sheet or drape."""
    first, second = dice.blend(GROUNDS), dice.blend(GROUNDS)
    canvas.planes[:] = np.rint(first).astype(np.int32)[:, None, None]
    centre = compass(dice.real(0, 360)) * dice.real(0.8, 1.4)
    sheet = outline(dice, centre, (1.2, 1.2), dice.real(0, 90), 0.05, 4)
    canvas.paint(canvas.region(sheet, 0.02), second)
    canvas.absorb(canvas.clouds(dice, 7), (0.4, 0.4, 0.4))


def foot(canvas: Canvas, dice: Dice, skin: np.ndarray) -> np.ndarray:
    """Skin of the back or the sole of a foot, rounded by light and shade; returns its mask."""
    back = dice.chance(45)
    shape = canvas.mask()
    canvas.fill(shape, rounded(BACK if back else SOLE))
    toes = [(np.array(toe[:2]), np.array(toe[2:]) * dice.real(0.92, 1.08)) for toe in TOES]
    for centre, radii in toes:
        canvas.fill(shape, outline(dice, centre, radii, dice.real(-12, 6)))
    wide = canvas.soften(shape, 0.2)
    canvas.absorb(wide, (0.45, 0.45, 0.45))
    shape = canvas.soften(shape, 0.015)
    canvas.paint(shape, skin)
    canvas.absorb(overlap(shape, 255 - wide), (0.6, 0.8, 0.85))
    light = canvas.glow(dice.reals(-0.15, 0.15, 2), (0.35, 1.1))
    canvas.paint(overlap(shape, light), np.minimum(skin * 1.25, 255), 0.5)
    for cells, depth in ((6, 0.24), (30, 0.14)):
        canvas.absorb(overlap(shape, canvas.clouds(dice, cells)), (depth * 0.6, depth, depth))
    if back:
        nails(canvas, dice, toes)
    else:
        creases(canvas, dice, toes, shape)
    return shape


def nails(canvas: Canvas, dice: Dice, toes: Toes) -> None:
    """Toe nails: pale, glossy ovals; between the toes, shade."""
    mask, gaps = canvas.mask(), canvas.mask()
    for centre, radii in toes:
        canvas.fill(mask, outline(dice, centre - (0, radii[1] * 0.5), radii * (0.62, 0.36)))
    for (one, radii), (other, _) in pairwise(toes):
        middle = (one + other) / 2 + (0.02, 0.05)
        course = middle + radii[1] * np.array([[0, -0.5], [0, 0.3], [0, 0.9]])
        canvas.strokes(gaps, course[None], np.array([0.05]))
    canvas.absorb(canvas.soften(gaps, 0.03), (0.5, 0.6, 0.6))
    canvas.paint(canvas.soften(mask, 0.015), (238, 214, 196), 0.55)


def creases(canvas: Canvas, dice: Dice, toes: Toes, shape: np.ndarray) -> None:
    """Creases below the toes, and faint curved lines of the sole."""
    mask = canvas.mask()
    for centre, radii in toes:
        arc = compass(np.arange(190, 360, 20)) * radii + centre
        canvas.strokes(mask, arc[None], np.array([0.04]))
    canvas.absorb(canvas.soften(mask, 0.035), (0.24, 0.38, 0.38))
    starts = dice.reals(-0.25, 0.1, 7, 1, 2) + np.array([0, 0.15])
    across = np.arange(9)[:, None] / 8
    lines = starts + across * (0.35, 0.1) - across * (1 - across) * (0, 0.25)
    mask = canvas.mask()
    canvas.strokes(mask, lines, np.full(7, 0.012))
    canvas.absorb(overlap(shape, canvas.soften(mask, 0.02)), (0.14, 0.22, 0.22))


def ulcer(
    canvas: Canvas, dice: Dice, site: np.ndarray, shape: np.ndarray, infected: bool
) -> np.ndarray:
    """An ulcer with its callus and bed; if infected, with redness and slough; the bed's mask."""
    size = dice.real(0.1, 0.17)
    radii, tilt = np.array([size, size * dice.real(0.6, 1)]), dice.real(0, 180)
    if infected:
        erythema(canvas, dice, overlap(shape, canvas.glow(site, radii * dice.real(2.6, 3.8), tilt)))
    rim = outline(dice, site, radii * dice.real(1.15, 1.5), tilt, 0.16, 14)
    callus(canvas, dice, overlap(shape, canvas.region(rim, 0.06)))
    bed = overlap(shape, canvas.region(outline(dice, site, radii, tilt, 0.16, 16), 0.025))
    granulation(canvas, dice, bed)
    if infected:
        slough(canvas, dice, site, radii, bed)
    gloss(canvas, dice, site, radii)
    return bed


def erythema(canvas: Canvas, dice: Dice, flush: np.ndarray) -> None:
    """Periwound erythema: a wide red flush that fades into the skin."""
    part = dice.real(0.6, 0.85)
    canvas.absorb(flush, (0.1, part, part * 0.9))


def callus(canvas: Canvas, dice: Dice, rim: np.ndarray) -> None:
    """Callus: a pale, macerated rim."""
    canvas.paint(rim, (232, 208, 176), dice.real(0.2, 0.7))


def granulation(canvas: Canvas, dice: Dice, bed: np.ndarray) -> None:
    """Granulation tissue: a beefy red, grainy bed, deeper and darker below its edge."""
    canvas.paint(bed, (dice.whole(150, 205), dice.whole(36, 66), dice.whole(40, 66)), 0.95)
    canvas.absorb(overlap(bed, canvas.clouds(dice, 44)), (0.4, 0.5, 0.5))
    edge = overlap(bed, 255 - canvas.soften(bed, 0.08))
    canvas.absorb(edge, (0.5, 0.6, 0.6))


def slough(
    canvas: Canvas, dice: Dice, site: np.ndarray, radii: np.ndarray, bed: np.ndarray
) -> None:
    """Slough and pus: yellow-green patches on the bed, at times with black necrosis."""
    mask = canvas.mask()
    for turn in dice.reals(0, 360, dice.whole(3, 5)):
        centre = site + compass(turn) * radii * dice.real(0.2, 0.6)
        canvas.fill(mask, outline(dice, centre, radii * dice.real(0.35, 0.6), 0, 0.3, 12))
    tint = dice.blend(((222, 206, 112), (196, 190, 96), (232, 220, 160)))
    canvas.paint(overlap(canvas.soften(mask, 0.025), bed), tint, 0.9)
    if dice.chance(35):
        centre = site + radii * dice.reals(-0.3, 0.3, 2)
        black = canvas.region(outline(dice, centre, radii * 0.4, 0, 0.3, 12), 0.02)
        canvas.paint(overlap(black, bed), (34, 26, 24), 0.9)


def gloss(canvas: Canvas, dice: Dice, site: np.ndarray, radii: np.ndarray) -> None:
    """Gloss: the flash mirrored by the wet bed."""
    mask = canvas.mask()
    for turn in dice.reals(0, 360, 4):
        spot = site + compass(turn) * radii * dice.real(0.1, 0.7)
        canvas.fill(mask, outline(dice, spot, radii * 0.09, 0, 0.4, 8))
    canvas.paint(canvas.soften(mask, 0.01), (255, 228, 220), 0.4)
