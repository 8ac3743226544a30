"""A drawn retina of one of five grades of diabetic retinopathy: a phantom, not a model of disease.

Coordinates: the field of view has radius 1, y goes down, the disc lies to the
right (a right eye as the camera sees it) and left eyes are mirrored. The signs
of each grade follow the International Clinical Diabetic Retinopathy Scale
(Wilkinson et al., Ophthalmology 110, 2003), drawn larger than life so that they
survive shrinking to 32 pixels.
"""

from dataclasses import dataclass

import numpy as np

from tfmedgan.data.phantoms.canvas import Canvas
from tfmedgan.data.phantoms.shapes import Dice, Frame, Stems, compass, fork, grow, outline

PIGMENTS = (  # RGB
    (222, 124, 36),
    (176, 72, 24),
    (212, 132, 104),
    (206, 88, 22),
    (190, 118, 40),
    (136, 70, 32),
    (168, 88, 68),
)
# Light absorbed in red, green and blue.
VEIN, ARTERY, BLOOD = (0.32, 0.6, 0.55), (0.12, 0.4, 0.45), (0.42, 0.82, 0.78)


@dataclass(frozen=True)
class Eye:
    """Where things are in this eye, and how large its disc is."""

    disc: np.ndarray
    fovea: np.ndarray
    radius: float


def draw(grade: int, dice: Dice, size: int) -> np.ndarray:
    """Phantom of a fundus photograph, uint8 RGB (size, size, 3)."""
    shift = (dice.real(-0.03, 0.03), dice.real(-0.03, 0.03))
    frame = Frame(dice.real(0.9, 0.98), dice.real(-12, 12), shift, dice.chance(50))
    canvas = Canvas(size, 3, frame)
    disc = np.array([dice.real(0.5, 0.68), dice.real(-0.08, 0.08)])
    fovea = disc + np.array([dice.real(-0.72, -0.6), dice.real(0.02, 0.1)])
    eye = Eye(disc, fovea, dice.real(0.13, 0.17))
    pigment(canvas, dice)
    macula(canvas, dice, eye)
    optic_disc(canvas, dice, eye)
    vessels(canvas, dice, eye)
    for sign, fewest, most in SIGNS[grade]:
        sign(canvas, dice, eye, dice.whole(fewest, most))
    photograph(canvas, dice)
    return canvas.finish(dice, noise=3)


def pigment(canvas: Canvas, dice: Dice) -> None:
    """Retinal pigment epithelium: one of many tints, mottled."""
    canvas.planes[:] = np.rint(dice.blend(PIGMENTS)).astype(np.int32)[:, None, None]
    for cells, depth in ((5, 0.3), (24, 0.16)):
        canvas.absorb(canvas.clouds(dice, cells), (depth / 2, depth, depth))


def macula(canvas: Canvas, dice: Dice, eye: Eye) -> None:
    """Macula: a wide brownish shade, darkest in the fovea."""
    depth = dice.real(0.25, 0.5)
    canvas.absorb(canvas.glow(eye.fovea, (0.42, 0.38)), (depth / 2, depth / 2, depth / 2))
    canvas.absorb(canvas.glow(eye.fovea, (0.16, 0.15)), (depth / 2, depth, depth))


def optic_disc(canvas: Canvas, dice: Dice, eye: Eye) -> None:
    """Optic disc: a yellow oval with a brighter cup, and a faint halo around."""
    tint = np.array((255, 190, 84)) + np.array((0, 40, 90)) * dice.real(0, 1)
    canvas.paint(canvas.glow(eye.disc, (0.4, 0.42)), tint, 0.25)
    for part, level, soft in ((1.0, 0, 0.03), (0.55, 36, 0.05)):
        oval = outline(dice, eye.disc, (0.86 * part * eye.radius, part * eye.radius), 0, 0.03)
        canvas.paint(canvas.region(oval, soft), np.minimum(tint + level, 255), 0.9)


def vessels(canvas: Canvas, dice: Dice, eye: Eye) -> None:
    """Arteries and veins: four trunks each, the temporal ones arching around the macula."""
    for light, width, lag in ((VEIN, 0.03, 0.0), (ARTERY, 0.02, 8.0)):
        mask = canvas.mask()
        stems = trunks(dice, eye, width, lag)
        for steps, wander, branches in ((16, 5, 5), (8, 12, 2), (6, 16, 0)):
            courses, headings = grow(dice, stems, steps, wander)
            canvas.strokes(mask, courses, stems.widths)
            if branches:
                stems = fork(dice, stems, courses, headings, branches)
        canvas.absorb(canvas.soften(mask, 0.01), light)


def trunks(dice: Dice, eye: Eye, width: float, lag: float) -> Stems:
    """Two temporal arcades and two nasal vessels, above and below; `lag` parts the arteries
    from the veins, in degrees."""
    up = np.array([1, -1, 1, -1])
    leave = np.array([92 + lag, 92 + lag, 75 - lag, 75 - lag]) + dice.reals(-8, 8, 4)
    arrive = np.array([192 - lag, 192 - lag, 15, 15]) + dice.reals(-9, 9, 4)
    lengths = np.array([1.65, 1.65, 0.8, 0.8]) * dice.reals(0.9, 1.1, 4)
    roots = eye.disc + compass(up * leave) * dice.reals(0, 0.3, 4, 1) * eye.radius
    turns = up[:, None] * np.stack([leave, arrive], axis=1)
    return Stems(roots, turns, lengths, width * np.array([1, 1, 0.6, 0.6]))


def places(dice: Dice, eye: Eye, count: int, reach: float) -> np.ndarray:
    """`count` points, (count, 2), spread within `reach` of the centre and off the disc."""
    angles = dice.real(0, 360) + (np.arange(count) + dice.reals(0, 1, count)) * (360 / count)
    points = compass(angles) * np.sqrt(dice.reals(0.02, reach**2, count))[:, None]
    near = np.abs(points - eye.disc).max(axis=1) < 0.22
    points[near] *= -1
    return points


def microaneurysms(canvas: Canvas, dice: Dice, eye: Eye, count: int) -> None:
    """Microaneurysms: small round red dots with sharp borders."""
    mask = canvas.mask()
    for point in places(dice, eye, count, 0.7):
        radius = dice.real(0.02, 0.034)
        canvas.fill(mask, outline(dice, point, (radius, radius), 0, 0.1, 10))
    canvas.absorb(canvas.soften(mask, 0.008), BLOOD)


def haemorrhages(canvas: Canvas, dice: Dice, eye: Eye, count: int) -> None:
    """Intraretinal haemorrhages: blots, and flames that lie along the nerve fibres."""
    mask = canvas.mask()
    for point in places(dice, eye, count, 0.85):
        radius = dice.real(0.035, 0.075)
        away = point - eye.disc
        tilt = (-1 if away[0] * away[1] > 0 else 1) * dice.real(15, 60)
        flame, blot = (radius * 1.7, radius * 0.6), (radius, radius * dice.real(0.7, 1))
        shape = outline(dice, point, flame if dice.chance(35) else blot, tilt, 0.3, 14)
        canvas.fill(mask, shape, dice.whole(170, 255))
    canvas.absorb(canvas.soften(mask, 0.025), BLOOD)


def hard_exudates(canvas: Canvas, dice: Dice, eye: Eye, count: int) -> None:
    """Hard exudates: sharp yellow grains of lipid in clusters and rings near the macula."""
    mask = canvas.mask()
    for angle in dice.real(0, 360) + np.arange(count) * (360 / count):
        middle = eye.fovea + compass(angle) * dice.real(0.15, 0.4)
        ring = dice.real(0.08, 0.18)
        for turn in dice.reals(0, 360, dice.whole(14, 24)):
            grain = middle + compass(turn) * ring * dice.real(0.3, 1.2)
            radius = dice.real(0.008, 0.034)
            canvas.fill(mask, outline(dice, grain, (radius, radius), 0, 0.35, 8))
    canvas.paint(canvas.soften(mask, 0.008), (255, 226, 96), 0.9)


def cotton_wool_spots(canvas: Canvas, dice: Dice, eye: Eye, count: int) -> None:
    """Cotton-wool spots: pale fluffy patches of infarcted nerve fibre, without sharp border."""
    mask = canvas.mask()
    for point in places(dice, eye, count, 0.7):
        radius = dice.real(0.06, 0.11)
        shape = outline(dice, point, (radius, radius * 0.7), dice.real(0, 180), 0.4, 12)
        canvas.fill(mask, shape, dice.whole(190, 255))
    canvas.paint(canvas.soften(mask, 0.06), (252, 228, 180), 0.92)


def new_vessels(canvas: Canvas, dice: Dice, eye: Eye, count: int) -> None:
    """New vessels: tufts of fine, looping vessels, one on the disc and others elsewhere."""
    mask = canvas.mask()
    roots = places(dice, eye, count, 0.6)
    roots[0] = eye.disc
    total = 12 * count
    roots = np.repeat(roots, 12, axis=0) + dice.reals(-0.08, 0.08, total, 2)
    first = dice.reals(0, 360, total)
    turns = np.stack([first, first + dice.reals(-250, 250, total)], axis=1)
    tufts = Stems(roots, turns, dice.reals(0.15, 0.34, total), np.full(total, 0.015))
    canvas.strokes(mask, grow(dice, tufts, 10, 45)[0], tufts.widths)
    canvas.absorb(canvas.soften(mask, 0.006), (0.34, 0.74, 0.68))


def preretinal_bleed(canvas: Canvas, dice: Dice, eye: Eye, count: int) -> None:
    """Pre-retinal haemorrhage: a large boat of blood, level above and round below."""
    mask = canvas.mask()
    for point in places(dice, eye, count, 0.5):
        width, depth = dice.real(0.28, 0.42), dice.real(0.26, 0.4)
        boat = outline(dice, (0, 0), (width, depth), 0, 0.04, 40)
        boat[:, 1] = np.maximum(boat[:, 1], depth * dice.real(-0.6, -0.1))
        canvas.fill(mask, boat + point)
    canvas.absorb(canvas.soften(mask, 0.03), BLOOD)


def photograph(canvas: Canvas, dice: Dice) -> None:
    """The camera: uneven flash, exposure, and the round field of view on black."""
    flash = 255 - canvas.glow(dice.reals(-0.35, 0.35, 2), (1.9, 1.9))
    fall = dice.real(0.3, 0.7)
    canvas.absorb(flash, (fall * 0.9, fall, fall))
    field = canvas.region(compass(np.arange(120) * 3), 0.01)
    canvas.planes *= field.astype(np.int32) * int(256 * dice.real(0.75, 1.25))
    canvas.planes >>= 16


SIGNS = (  # for each grade: sign, fewest, most
    (),
    ((microaneurysms, 6, 12),),
    ((microaneurysms, 3, 8), (haemorrhages, 4, 8), (hard_exudates, 2, 3)),
    ((microaneurysms, 6, 12), (haemorrhages, 18, 28), (cotton_wool_spots, 4, 7)),
    ((haemorrhages, 2, 8), (new_vessels, 2, 3), (preretinal_bleed, 1, 1)),
)
