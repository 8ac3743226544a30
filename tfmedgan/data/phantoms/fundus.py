"""A drawn retina, one of five grades of diabetic retinopathy: a phantom, not a model of disease.

Coordinates: the field of view has radius 1, y goes down, the disc lies to the
right (a right eye as the camera sees it) and left eyes are mirrored. The signs
of each grade follow the International Clinical Diabetic Retinopathy Scale
(Wilkinson et al., Ophthalmology 110, 2003, Table 2), drawn larger than life so
that they survive shrinking to 32 pixels.
"""

from dataclasses import dataclass

import numpy as np

from tfmedgan.data.phantoms.canvas import Canvas, Dice, Frame, compass, outline

PIGMENTS = ((215, 118, 38), (165, 68, 24), (205, 128, 104), (196, 84, 22), (176, 112, 40))
PIGMENTS += ((128, 68, 32), (160, 84, 66))
VEIN, ARTERY = (0.36, 0.66, 0.6), (0.16, 0.46, 0.5)  # light absorbed in red, green, blue
BLOOD = (0.52, 0.84, 0.8)


@dataclass(frozen=True)
class Landmarks:
    """Where things are in this eye."""

    disc: np.ndarray
    fovea: np.ndarray


def draw(grade: int, key: tuple[int, int], size: int) -> np.ndarray:
    """Phantom fundus photograph, uint8 RGB (size, size, 3)."""
    seed, index = key
    dice = Dice(seed, f"phantom/fundus/{grade}/{index}")
    shift = (dice.real(-0.03, 0.03), dice.real(-0.03, 0.03))
    frame = Frame(dice.real(0.9, 0.98), dice.real(-12, 12), shift, dice.chance(50))
    canvas = Canvas(size, 3, frame)
    disc = np.array([dice.real(0.5, 0.68), dice.real(-0.08, 0.08)])
    eye = Landmarks(disc, disc + (dice.real(-0.72, -0.6), dice.real(0.02, 0.1)))
    pigment(canvas, dice)
    macula(canvas, dice, eye)
    optic_disc(canvas, dice, eye)
    vessels(canvas, dice, eye)
    for sign, fewest, most in SIGNS[grade]:
        sign(canvas, dice, eye, dice.whole(fewest, most))
    photograph(canvas, dice)
    return canvas.finish(dice, noise=5)


def pigment(canvas: Canvas, dice: Dice) -> None:
    """Retinal pigment epithelium: one of many tints, mottled."""
    canvas.planes[:] = np.rint(dice.mix(PIGMENTS)).astype(np.int32)[:, None, None]
    for cells, depth in ((5, 0.3), (24, 0.18)):
        canvas.absorb(canvas.clouds(dice, cells), (depth / 2, depth, depth))


def macula(canvas: Canvas, dice: Dice, eye: Landmarks) -> None:
    """Macula: a wide brownish shade, darkest in the fovea."""
    depth = dice.real(0.25, 0.5)
    canvas.absorb(canvas.glow(eye.fovea, (0.42, 0.38)), (depth / 2, depth / 2, depth / 2))
    canvas.absorb(canvas.glow(eye.fovea, (0.16, 0.15)), (depth / 2, depth, depth))


def optic_disc(canvas: Canvas, dice: Dice, eye: Landmarks) -> None:
    """Optic disc: a pale yellow oval, a brighter cup, a faint halo around."""
    radius = dice.real(0.125, 0.16)
    tint = np.array((255, 205, 110)) + np.array((0, 30, 80)) * dice.real(0, 1)
    canvas.paint(canvas.glow(eye.disc, (0.4, 0.42)), tint, 0.3)
    for scale, level, opacity in ((1.0, 0, 0.72), (0.55, 30, 0.7)):
        mask = canvas.mask()
        canvas.fill(mask, outline(dice, eye.disc, (0.88 * scale * radius, scale * radius), 0, 0.03))
        canvas.paint(canvas.soften(mask, 0.03), np.minimum(tint + level, 255), opacity)


def vessels(canvas: Canvas, dice: Dice, eye: Landmarks) -> None:
    """Arteries and veins: four trunks each, the temporal ones arching around the macula."""
    for light, width, lag in ((VEIN, 0.03, 0), (ARTERY, 0.021, 9)):
        mask = canvas.mask()
        for up in (1, -1):
            start = eye.disc + compass(dice.real(0, 360)) * 0.03
            temporal = (dice.real(86, 100) + lag, dice.real(185, 200))
            nasal = (dice.real(50, 72) - 2 * lag, dice.real(5, 35))
            trunk(canvas, dice, mask, start, temporal, up, dice.real(1.5, 1.8), width)
            trunk(canvas, dice, mask, start, nasal, up, dice.real(0.6, 0.9), width * 0.7)
        canvas.absorb(canvas.soften(mask, 0.008), light)


def trunk(canvas, dice, mask, start, turn, up, length, width, generation=0) -> None:
    """One vessel from `start`, heading from turn[0] to turn[1] degrees, and its branches."""
    steps = 16 if generation == 0 else 8
    along = np.sqrt(np.arange(1, steps + 1) / steps)
    wander = np.cumsum(dice.reals(-6, 6, steps))
    headings = turn[0] + (turn[1] - turn[0]) * along + wander
    course = np.vstack([start, start + np.cumsum(compass(up * headings), axis=0) * length / steps])
    canvas.stroke(mask, course, (width, width * 0.35))
    if generation == 2:
        return
    for number in range(5 if generation == 0 else 2):
        at = (number + 1) * steps // (6 if generation == 0 else 3) + dice.whole(-1, 1)
        heading = headings[at] + (1 if number % 2 else -1) * dice.real(25, 55)
        bend = (heading, heading + dice.real(-35, 35))
        size = (1 - at / steps * 0.6) * width * 0.6
        reach = length * dice.real(0.2, 0.4)
        trunk(canvas, dice, mask, course[at], bend, up, reach, size, generation + 1)


def places(dice: Dice, eye: Landmarks, count: int, reach: float = 0.85) -> np.ndarray:
    """`count` points of the field of view, (count, 2), off the disc and off each other's angle."""
    angles = dice.real(0, 360) + (np.arange(count) + dice.reals(0, 1, count)) * (360 / count)
    points = compass(angles) * np.sqrt(dice.reals(0.02, reach**2, count))[:, None]
    near = np.abs(points - eye.disc).max(axis=1) < 0.2
    points[near] = -points[near]
    return points


def microaneurysms(canvas: Canvas, dice: Dice, eye: Landmarks, count: int) -> None:
    """Microaneurysms: small round red dots with sharp borders."""
    mask = canvas.mask()
    for point in places(dice, eye, count, 0.7):
        radius = dice.real(0.02, 0.032)
        canvas.fill(mask, outline(dice, point, (radius, radius), 0, 0.1, 10))
    canvas.absorb(canvas.soften(mask, 0.008), BLOOD)


def haemorrhages(canvas: Canvas, dice: Dice, eye: Landmarks, count: int) -> None:
    """Intraretinal haemorrhages: blots, and flames that lie along the nerve fibres."""
    mask = canvas.mask()
    for point in places(dice, eye, count):
        radius = dice.real(0.04, 0.075)
        flame = dice.chance(35)
        away = point - eye.disc
        tilt = -45 if away[0] * away[1] > 0 else 45
        radii = (radius * 1.7, radius * 0.6) if flame else (radius, radius * dice.real(0.7, 1))
        canvas.fill(mask, outline(dice, point, radii, tilt, 0.35), dice.whole(190, 255))
    canvas.absorb(canvas.soften(mask, 0.014), BLOOD)


def hard_exudates(canvas: Canvas, dice: Dice, eye: Landmarks, count: int) -> None:
    """Hard exudates: sharp yellow-white grains of lipid in clusters and rings near the macula."""
    mask = canvas.mask()
    for angle in dice.real(0, 360) + np.arange(count) * (360 / count):
        middle = eye.fovea + compass(angle) * dice.real(0.18, 0.42)
        ring = dice.real(0.05, 0.14)
        for turn in dice.reals(0, 360, dice.whole(9, 16)):
            grain = middle + compass(turn) * ring * dice.real(0.5, 1.1)
            radius = dice.real(0.014, 0.036)
            canvas.fill(mask, outline(dice, grain, (radius, radius), 0, 0.35, 8))
    canvas.paint(canvas.soften(mask, 0.006), (255, 232, 120), 0.92)


def cotton_wool_spots(canvas: Canvas, dice: Dice, eye: Landmarks, count: int) -> None:
    """Cotton-wool spots: pale fluffy patches of infarcted nerve fibre, without sharp border."""
    mask = canvas.mask()
    for point in places(dice, eye, count, 0.7):
        radius = dice.real(0.06, 0.1)
        canvas.fill(mask, outline(dice, point, (radius, radius * 0.7), dice.real(0, 180), 0.3))
    canvas.paint(canvas.soften(mask, 0.05), (250, 226, 190), 0.85)


def new_vessels(canvas: Canvas, dice: Dice, eye: Landmarks, count: int) -> None:
    """New vessels: tufts of fine, looping vessels on the disc and elsewhere."""
    mask = canvas.mask()
    for number, point in enumerate(places(dice, eye, count, 0.6)):
        root = eye.disc if number == 0 else point
        for heading in np.arange(9) * 40 + dice.reals(-20, 20, 9):
            headings = heading + np.cumsum(dice.reals(-70, 70, 9))
            twig = root + np.cumsum(compass(headings), axis=0) * dice.real(0.03, 0.05)
            canvas.stroke(mask, twig, (0.014, 0.009))
    canvas.absorb(canvas.soften(mask, 0.006), BLOOD)


def preretinal_bleed(canvas: Canvas, dice: Dice, eye: Landmarks, count: int) -> None:
    """Pre-retinal haemorrhage: a large boat of blood, level above and round below."""
    mask = canvas.mask()
    for point in places(dice, eye, count, 0.5):
        width, depth = dice.real(0.3, 0.45), dice.real(0.22, 0.36)
        boat = outline(dice, (0, 0), (width, depth), 0, 0.08, 32)
        boat[:, 1] = np.maximum(boat[:, 1], -0.05)
        canvas.fill(mask, boat + point)
    canvas.absorb(canvas.soften(mask, 0.02), BLOOD)


def photograph(canvas: Canvas, dice: Dice) -> None:
    """The camera: uneven flash, exposure, and the round field of view on black."""
    flash = 255 - canvas.glow(dice.reals(-0.35, 0.35, 2), (1.9, 1.9))
    fall = dice.real(0.35, 0.75)
    canvas.absorb(flash, (fall * 0.9, fall, fall))
    gain = int(256 * dice.real(0.72, 1.22))
    canvas.planes *= gain
    canvas.planes >>= 8
    field = canvas.mask()
    canvas.fill(field, compass(np.arange(120) * 3.0))
    canvas.planes[:] = (canvas.planes * canvas.soften(field, 0.01)) >> 8


SIGNS = (  # for each grade: sign, fewest, most
    (),
    ((microaneurysms, 6, 12),),
    ((microaneurysms, 3, 8), (haemorrhages, 4, 8), (hard_exudates, 2, 3)),
    ((microaneurysms, 6, 12), (haemorrhages, 18, 28), (cotton_wool_spots, 4, 7)),
    ((haemorrhages, 2, 8), (new_vessels, 2, 3), (preretinal_bleed, 1, 1)),
)
