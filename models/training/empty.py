"""Pictures without people, made by program: noise, clouds, tiles, stripes, leaves, walls, windows, roads, corridors, discs and posts. What a net of crowds takes for heads."""
import cv2
import numpy as np
from data import Picture

SIDE_PX = 640


def colour(rng, spread=40):
    return np.clip(rng.integers(25, 230) + rng.normal(0, spread, 3), 0, 255)


def clouds(rng, side, roughness):
    """Fractal noise, (side, side) in about -1..1."""
    out, part, step = np.zeros((side, side), np.float32), 1., 4
    while step <= side:
        out += part * cv2.resize(rng.standard_normal((step, step)).astype(np.float32), (side, side), interpolation=cv2.INTER_CUBIC)
        part *= roughness; step *= 2
    return out / max(1e-6, np.abs(out).max())


def tinted(rng, field, base=None, depth=None):
    base = colour(rng) if base is None else base
    return base + field[..., None] * (rng.uniform(15, 90) if depth is None else depth) * (1 + rng.normal(0, .15, 3))


def grid(rng, canvas, cell, line, shade, offset=False):
    height, width = canvas.shape[:2]
    cw, ch = cell
    for row, y in enumerate(range(0, height, ch)):
        cv2.line(canvas, (0, y), (width, y), shade, line)
        for x in range(-cw if offset and row % 2 else 0, width, cw):
            at = x + (cw // 2 if offset and row % 2 else 0)
            cv2.line(canvas, (at, y), (at, y + ch), shade, line)
    return canvas


def leaned(rng, canvas):
    """Seen along the ground: the top narrows."""
    side = canvas.shape[0]
    narrow, top = rng.uniform(.1, .42) * side, rng.uniform(0, .4) * side
    to = np.float32([[narrow, top], [side - narrow, top], [side * 1.3, side], [-side * .3, side]])
    warp = cv2.getPerspectiveTransform(np.float32([[0, 0], [side, 0], [side, side], [0, side]]), to)
    return cv2.warpPerspective(canvas.astype(np.float32), warp, (side, side), borderMode=cv2.BORDER_REFLECT)


def noise(rng, s):
    fine = cv2.resize(rng.standard_normal((s // (k := int(rng.integers(1, 9))) + 1,) * 2 + (3,)).astype(np.float32), (s, s), interpolation=cv2.INTER_LINEAR if rng.random() < .5 else cv2.INTER_NEAREST)
    return colour(rng) + fine * rng.uniform(8, 90)


def blobs(rng, s):
    """Noise of one grain, 1 to 20 px, grey or coloured: as dense as heads and no one there."""
    field = cv2.GaussianBlur(rng.standard_normal((s, s, 3 if rng.random() < .5 else 1)).astype(np.float32), (0, 0), 2 ** rng.uniform(-1, 3)).reshape(s, s, -1)
    field = field / max(1e-6, field.std())
    if rng.random() < .3: field = np.tanh(field * rng.uniform(1, 6))
    return (colour(rng) + field * rng.uniform(10, 75)).astype(np.float32)


def grains(rng, s):
    """Random values on a grid of 1 to 20 px, smoothed between, in one to three layers: sand, rubble, carpet, a sensor in the dark."""
    field, layers = np.zeros((s, s, 3), np.float32), int(rng.integers(1, 4))
    for _ in range(layers):
        side = 2 ** rng.uniform(0, 4.3); steps = max(4, int(s / side))
        grid_values = rng.random((steps, max(4, int(steps * rng.uniform(.7, 1.4))), 1 if rng.random() < .5 else 3)).astype(np.float32) - .5
        field += cv2.resize(grid_values, (s, s), interpolation=[cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_NEAREST][int(rng.integers(3))]).reshape(s, s, -1) / layers
    base = colour(rng) if rng.random() < .6 else np.array([120, 100, 80]) * rng.uniform(.4, 1.6)
    darker = np.linspace(rng.uniform(.4, 1.1), rng.uniform(.7, 1.2), s, dtype=np.float32)[:, None, None]
    return (base + field * rng.uniform(30, 260)) * darker + rng.normal(0, rng.uniform(0, 9), (s, s, 1))


def static(rng, s):
    """Values between black and white on a grid of 1 to 16 px: a set without a signal."""
    steps = max(4, int(s / 2 ** rng.uniform(0, 4)))
    values = rng.random((steps, max(4, int(steps * rng.uniform(.8, 1.25))), 1 if rng.random() < .5 else 3)).astype(np.float32)
    if rng.random() < .3: values = (values > rng.uniform(.2, .8)).astype(np.float32)
    field = cv2.resize(values, (s, s), interpolation=[cv2.INTER_NEAREST, cv2.INTER_LINEAR, cv2.INTER_CUBIC][int(rng.integers(3))]).reshape(s, s, -1)
    contrast = rng.uniform(.4, 1.1)
    return np.clip(127 + (field - .5) * 255 * contrast + rng.normal(0, 15), 0, 255) * np.ones(3, np.float32)


def gravel(rng, s):
    canvas = tinted(rng, clouds(rng, s, .8), depth=20).astype(np.float32).copy()
    size, base = 2 ** rng.uniform(.6, 4.8), colour(rng, 10)
    for _ in range(int(min(7000, 1.5 * s * s / (size * size * 4)))):
        x, y = rng.integers(0, s, 2); shade = base * rng.uniform(.5, 1.4); a, b = max(1, int(size * rng.uniform(.5, 1.4))), max(1, int(size * rng.uniform(.4, 1.1))); turn = rng.uniform(0, 180)
        cv2.ellipse(canvas, (int(x), int(y) + 1), (a, b), turn, 0, 360, (shade * .45).tolist(), -1)
        cv2.ellipse(canvas, (int(x), int(y)), (a, b), turn, 0, 360, shade.tolist(), -1)
    return leaned(rng, canvas) if rng.random() < .4 else canvas


def sky(rng, s): return tinted(rng, clouds(rng, s, rng.uniform(.4, .9)))


def slope(rng, s):
    x, y = np.meshgrid(np.linspace(-1, 1, s), np.linspace(-1, 1, s))
    angle = rng.uniform(0, 6.3)
    return tinted(rng, (x * np.cos(angle) + y * np.sin(angle)).astype(np.float32)) + clouds(rng, s, .6)[..., None] * 8


def tiles(rng, s):
    canvas = tinted(rng, clouds(rng, s, .7), depth=rng.uniform(3, 25)).astype(np.float32)
    size = int(rng.integers(8, 90))
    if rng.random() < .5:
        pick = np.repeat(np.repeat(rng.random((s // size + 2,) * 2), size, 0), size, 1)[:s, :s]
        canvas += (pick > .5 if rng.random() < .5 else pick)[..., None] * rng.uniform(-60, 60)
    canvas = grid(rng, canvas, (size * int(rng.integers(1, 3)), size), int(rng.integers(1, 4)), colour(rng).tolist(), rng.random() < .5)
    return leaned(rng, canvas) if rng.random() < .6 else canvas


def checks(rng, s):
    size = int(rng.integers(4, 60)); x, y = np.meshgrid(np.arange(s) // size, np.arange(s) // size)
    canvas = np.where(((x + y) % 2 == 0)[..., None], colour(rng), colour(rng)).astype(np.float32)
    return leaned(rng, canvas) if rng.random() < .5 else canvas


def stripes(rng, s):
    x, y = np.meshgrid(np.arange(s), np.arange(s)); angle, pitch = rng.uniform(0, 3.15), rng.uniform(3, 60)
    wave = np.sin((x * np.cos(angle) + y * np.sin(angle)) * 2 * np.pi / pitch)
    canvas = tinted(rng, (np.sign(wave) if rng.random() < .5 else wave).astype(np.float32)).astype(np.float32)
    return leaned(rng, canvas) if rng.random() < .4 else canvas


def leaves(rng, s):
    canvas = tinted(rng, clouds(rng, s, .8), base=np.array([rng.integers(20, 110), rng.integers(40, 140), rng.integers(10, 80)], float)).astype(np.float32).copy()
    size = rng.uniform(2, 16)
    for _ in range(int(min(6000, 2.2 * s * s / (size * size * 4)))):
        shade = np.clip(np.array([60, 95, 35]) * rng.uniform(.3, 2.2) + rng.normal(0, 12, 3), 0, 255).tolist()
        cv2.ellipse(canvas, (int(rng.integers(0, s)), int(rng.integers(0, s))), (max(1, int(size * rng.uniform(.5, 1.6))), max(1, int(size * rng.uniform(.2, .8)))), rng.uniform(0, 180), 0, 360, shade, -1)
    return canvas + clouds(rng, s, .5)[..., None] * rng.uniform(0, 60)


def discs(rng, s):
    """Round things that are no heads: lamps, stones, wheels, fruit. Lone, in rows or in heaps, with nothing under them."""
    canvas = tinted(rng, clouds(rng, s, .6), depth=rng.uniform(3, 40)).astype(np.float32).copy()
    rows, size = rng.random() < .4, rng.uniform(3, 30)
    shades = [colour(rng).tolist() for _ in range(int(rng.integers(1, 6)))]
    for at in range(int(rng.integers(4, 220))):
        x, y = ((at * size * 2.5) % s, (at * size * 2.5) // s * size * 2.5) if rows else rng.uniform(0, s, 2)
        radius = max(1, int(size * (1 if rows else rng.uniform(.5, 1.5))))
        cv2.circle(canvas, (int(x), int(y)), radius, shades[at % len(shades)], -1 if rng.random() < .7 else 2)
    return canvas


def windows(rng, s):
    canvas = tinted(rng, clouds(rng, s, .7), depth=rng.uniform(3, 20)).astype(np.float32).copy()
    w, h = int(rng.integers(8, 60)), int(rng.integers(8, 80))
    for y in range(int(rng.integers(0, h)), s, int(h * rng.uniform(1.3, 2.2))):
        for x in range(int(rng.integers(0, w)), s, int(w * 1.7)):
            cv2.rectangle(canvas, (x, y), (x + w, y + h), (colour(rng, 15) * rng.uniform(.2, 1)).tolist(), -1)
            if w > 20: cv2.line(canvas, (x + w // 2, y), (x + w // 2, y + h), colour(rng).tolist(), 1)
    return canvas


def road(rng, s):
    canvas = (np.full((s, s, 3), rng.uniform(60, 150), np.float32) + clouds(rng, s, .8)[..., None] * rng.uniform(5, 30) + rng.normal(0, rng.uniform(1, 8), (s, s, 1))).astype(np.float32)
    paint = [float(rng.uniform(170, 250))] * 3
    for x in np.arange(rng.uniform(0, 100), s, rng.uniform(60, 200)):
        dash, gap = (int(rng.integers(20, 90)), int(rng.integers(10, 70))) if rng.random() < .7 else (s, 1)
        for y in range(0, s, dash + gap): cv2.rectangle(canvas, (int(x), y), (int(x + rng.integers(3, 10)), y + dash), paint, -1)
    if rng.random() < .4:
        for x in range(0, s, 34): cv2.rectangle(canvas, (x, s // 2), (x + 17, s // 2 + 90), paint, -1)
    canvas = leaned(rng, canvas) if rng.random() < .8 else canvas
    for _ in range(int(rng.integers(0, 9))):    # cars and boxes, from afar
        x, y, w = rng.integers(0, s), rng.integers(s // 4, s), rng.integers(14, 110)
        shade = colour(rng); cv2.rectangle(canvas, (int(x), int(y)), (int(x + w), int(y + w * .5)), shade.tolist(), -1)
        cv2.rectangle(canvas, (int(x + w * .2), int(y - w * .25)), (int(x + w * .8), int(y)), (shade * .4).tolist(), -1)
        for wheel in (.2, .8): cv2.circle(canvas, (int(x + w * wheel), int(y + w * .5)), max(2, int(w * .12)), (20, 20, 20), -1)
    return canvas


def corridor(rng, s):
    canvas = np.zeros((s, s, 3), np.float32)
    vx, vy, dx, dy = rng.uniform(.3, .7) * s, rng.uniform(.25, .6) * s, rng.uniform(.04, .2) * s, rng.uniform(.04, .25) * s
    far = np.array([[vx - dx, vy - dy], [vx + dx, vy - dy], [vx + dx, vy + dy], [vx - dx, vy + dy]])
    near = np.array([[0, 0], [s, 0], [s, s], [0, s]], float)
    shades = [colour(rng, 12) for _ in range(5)]
    for at in range(4): cv2.fillPoly(canvas, [np.array([near[at], near[(at + 1) % 4], far[(at + 1) % 4], far[at]], np.int32)], shades[at].tolist())
    cv2.fillPoly(canvas, [far.astype(np.int32)], shades[4].tolist())
    for at in range(int(rng.integers(4, 24))):    # doors, frames, lamps: rectangles on the walls along the depth
        depth, side = rng.uniform(.05, .9) ** 1.5, rng.integers(0, 4)
        a, b = near[side] + (far[side] - near[side]) * depth, near[(side + 1) % 4] + (far[(side + 1) % 4] - near[(side + 1) % 4]) * depth
        cv2.line(canvas, a.astype(int).tolist(), b.astype(int).tolist(), colour(rng).tolist(), int(rng.integers(1, 6)))
        if side in (1, 3):
            p, q = a + (b - a) * rng.uniform(.1, .5), a + (b - a) * rng.uniform(.6, 1.)
            cv2.rectangle(canvas, np.minimum(p, q).astype(int).tolist(), (np.maximum(p, q) + rng.uniform(5, 50) * (1 - depth)).astype(int).tolist(), colour(rng, 15).tolist(), -1)
    light = rng.uniform(.5, 1.4) + clouds(rng, s, .4) * rng.uniform(.05, .5)
    return canvas * light[..., None] + rng.normal(0, rng.uniform(.5, 6), (s, s, 1))


def posts(rng, s):
    """A place with upright things: bollards, lamp posts, trees, bins, chairs, signs."""
    canvas = leaned(rng, tiles(rng, s)) if rng.random() < .6 else sky(rng, s).astype(np.float32)
    canvas = np.ascontiguousarray(canvas, np.float32)
    for _ in range(int(rng.integers(2, 30))):
        x, y = int(rng.integers(0, s)), int(rng.integers(s // 4, s)); size = int(rng.uniform(.02, .2) * (y / s) * s) + 4; shade = colour(rng).tolist()
        kind = rng.integers(0, 4)
        if kind == 0: cv2.rectangle(canvas, (x, y - size), (x + max(1, size // 6), y), shade, -1)
        if kind == 1: cv2.line(canvas, (x, y), (x, y - 3 * size), shade, max(1, size // 12)); cv2.circle(canvas, (x, y - 3 * size), max(2, size // 5), colour(rng).tolist(), -1)
        if kind == 2: cv2.rectangle(canvas, (x, y - size), (x + size, y), shade, -1); cv2.rectangle(canvas, (x, y - size), (x + size, y - size + size // 4), colour(rng).tolist(), -1)
        if kind == 3:
            cv2.rectangle(canvas, (x, y - size), (x + max(1, size // 8), y), (60, 45, 30), -1)
            for _ in range(25): cv2.circle(canvas, (int(x + rng.normal(0, size * .4)), int(y - size * 1.4 + rng.normal(0, size * .4))), max(1, int(size * rng.uniform(.05, .3))), (np.array([50, 90, 35]) * rng.uniform(.4, 2)).tolist(), -1)
    return canvas


KINDS = [noise, noise, blobs, blobs, blobs, grains, grains, grains, grains, static, static, static, static, gravel, gravel, gravel, sky, slope, tiles, checks, stripes, leaves, leaves, discs, windows, road, road, corridor, corridor, posts, posts]


def empty_pictures(count, seed):
    """`count` pictures of 640 x 640 px without a single person."""
    out = []
    for at in range(count):
        rng = np.random.default_rng([seed, at])
        made = KINDS[at % len(KINDS)](rng, SIDE_PX)
        if rng.random() < .3:    # two places in one picture, as a camera on a mast has sky or a wall above its ground
            cut = int(rng.uniform(.15, .6) * SIDE_PX); made = np.concatenate([KINDS[int(rng.integers(len(KINDS)))](rng, SIDE_PX)[:cut], made[cut:]])
        out.append(Picture(f'empty/{KINDS[at % len(KINDS)].__name__}-{at}', np.clip(made, 0, 255).astype(np.uint8), np.zeros((0, 2), np.float32)))
    return out
