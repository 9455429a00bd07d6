"""Pictures with points, and the crops that the net learns from. A picture is uint8 RGB (H, W, 3); points are (n, 2) float, x and y in its pixels. Every crop is drawn from
one random generator that is given, so that step and seed name it."""
import io
import json
import pathlib
import tarfile
import cv2
import numpy as np

CELL_PX = 8
GREY = 118


class Picture:
    """One picture with its halves: a crop is taken from the level nearest above its scale, so that bilinear sampling does not alias."""
    def __init__(self, name, rgb, points):
        self.name, self.points = name, points
        self.levels = [rgb]
        while min(self.levels[-1].shape[:2]) >= 160 and len(self.levels) < 3:
            level = self.levels[-1]
            self.levels.append(cv2.resize(level, (level.shape[1] // 2, level.shape[0] // 2), interpolation=cv2.INTER_AREA))

    @property
    def rgb(self): return self.levels[0]


def rgb_of(encoded):
    return np.ascontiguousarray(cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR)[:, :, ::-1])


def pictures_of(path):
    """{folder: pictures sorted by file name} of a tar or a folder that holds points.json ({file: {w, h, count, points}}) beside its pictures, at its top or one folder down."""
    path = pathlib.Path(path)
    if path.is_dir():
        files = {str(file.relative_to(path)): file.read_bytes for file in path.rglob('*') if file.is_file()}
    else:
        pack = tarfile.open(path)
        files = {entry.name: (lambda entry=entry: pack.extractfile(entry).read()) for entry in pack.getmembers() if entry.isfile()}
    out = {}
    for name in sorted(files):
        if not name.endswith('points.json'): continue
        folder = name[:-len('points.json')]
        told = json.load(io.BytesIO(files[name]()))
        out[folder.strip('/') or path.name] = [Picture(folder + file, rgb_of(files[folder + file]()), np.array(one['points'], np.float32).reshape(-1, 2))
                                               for file, one in sorted(told.items()) if folder + file in files]
    return out


def split(pictures):
    """(for training, for validation): every tenth by file name is never trained on."""
    return [one for at, one in enumerate(pictures) if at % 10], pictures[::10]


def padded(rgb, multiple=32):
    """The picture with grey right and below, up to multiples of 32 px."""
    height, width = rgb.shape[:2]
    return cv2.copyMakeBorder(rgb, 0, -height % multiple, 0, -width % multiple, cv2.BORDER_CONSTANT, value=(GREY,) * 3)


def cells_of(points, height, width):
    """People per cell, (H/8, W/8) float32."""
    cells = np.zeros((height // CELL_PX, width // CELL_PX), np.float32)
    if len(points):
        at = np.floor(points / CELL_PX).astype(int)
        at = at[(at >= 0).all(1) & (at[:, 0] < cells.shape[1]) & (at[:, 1] < cells.shape[0])]
        np.add.at(cells, (at[:, 1], at[:, 0]), 1)
    return cells


class Crops:
    """`sources`: {'A': pictures, 'B': pictures, 'empty': pictures, 'extra': pictures}, the last two may be missing. `drawn(rng, size, calm)` gives a crop (size, size, 3) uint8 and its
    cells; a calm one is worn a third as often and nearer to its own size."""
    def __init__(self, sources, extra_share=.12, empty_share=.06):
        self.sources = sources
        extra = extra_share if sources.get('extra') else 0.
        empty = empty_share if sources.get('empty') else 0.
        rest = 1 - extra - empty
        self.kinds, self.shares = ['A', 'B', 'empty', 'extra'], np.array([.42 * rest, .58 * rest, empty, extra])
        self.noise = np.random.default_rng(5).standard_normal((640, 640, 3)).astype(np.float32)

    def drawn(self, rng, size, calm=False):
        kind = self.kinds[rng.choice(4, p=self.shares)]
        pictures = self.sources[kind]
        # Few people are the hard case for a net that learns from crowds: of B up to a third of the crops is the sparsest of four.
        tries = 4 if kind in ('B', 'extra') and rng.random() < (.25 if calm else .33) else 1
        # Far heads of 4 to 10 px and near ones of 40 to 120 px are rarer in the pictures than before cameras.
        far = rng.random()
        octaves = None if kind == 'empty' or far > (.17 if calm else .27) else rng.uniform(-1.4, -.5) if far < (.11 if calm else .2) else rng.uniform(.4, 1.7)
        best = None
        for _ in range(tries):
            one = self.view(rng, pictures[rng.integers(len(pictures))], size, calm, octaves)
            if best is None or (0 < len(one[2]) < len(best[2])) or len(best[2]) == 0: best = one
        picture, matrix, points = best
        rgb = self.warped(picture, matrix, size)
        if not calm or rng.random() < .3: rgb, points = self.worn(rng, rgb, points, size)
        elif rng.random() < .6: rgb = self.lit(rng, rgb)
        return rgb, cells_of(points, size, size)

    def view(self, rng, picture, size, calm, octaves=None):
        """Where the crop looks: an affine map from the picture to the crop, and the points inside."""
        height, width = picture.rgb.shape[:2]
        if octaves is None: octaves = rng.normal(-.1 if calm else 0, .45 if picture.name.startswith("A") else .3) if rng.random() < (.85 if calm else .5) else rng.uniform(-1.3, 1.)
        scale = max(2 ** octaves, (1.02 if octaves > -.5 and rng.random() < .65 else .6) * size / min(height, width))
        aspect = 2 ** rng.normal(0, .08)
        angle = rng.normal(0, .05) if rng.random() < .4 else 0.
        flip = -1. if rng.random() < .5 else 1.
        across, down = size / (scale * aspect), size * aspect / scale
        centre = [at + rng.uniform(-.5, .5) * max(0., whole - part) for at, whole, part in ((width / 2, width, across), (height / 2, height, down))]
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        linear = np.diag([flip * scale * aspect, scale / aspect]) @ turn
        matrix = np.concatenate([linear, (size / 2 - linear @ np.array(centre))[:, None]], 1)
        points = picture.points @ linear.T.astype(np.float32) + matrix[:, 2].astype(np.float32) if len(picture.points) else picture.points
        inside = ((points >= 0) & (points < size)).all(1)
        return picture, matrix, points[inside]

    def warped(self, picture, matrix, size):
        scale = np.sqrt(abs(np.linalg.det(matrix[:, :2])))
        level = min(len(picture.levels) - 1, 0 if scale > .72 else 1 if scale > .36 else 2)
        source = picture.levels[level]
        ratio = picture.rgb.shape[1] / source.shape[1]
        # Pixel centres: (x + 0.5) scales, x does not.
        linear = matrix[:, :2] * ratio
        shift = matrix[:, 2] + linear @ np.array([.5, .5]) - .5
        return cv2.warpAffine(source, np.concatenate([linear, shift[:, None]], 1), (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(GREY,) * 3)

    def worn(self, rng, rgb, points, size):
        """What cameras, weather, night and codecs do to a picture."""
        if rng.random() < .22:    # a far or small stream, enlarged
            small = max(24, int(size / rng.uniform(1.2, 2.6)))
            rgb = cv2.resize(cv2.resize(rgb, (small, small), interpolation=cv2.INTER_AREA), (size, size), interpolation=cv2.INTER_LINEAR if rng.random() < .6 else cv2.INTER_CUBIC)
        if rng.random() < .1: rgb = cv2.GaussianBlur(rgb, (0, 0), rng.uniform(.5, 1.6))
        if rng.random() < .03:    # shaken
            length = int(rng.integers(3, 8)); kernel = np.zeros((length, length), np.float32)
            cv2.line(kernel, *(((0, length // 2), (length - 1, length // 2)) if rng.random() < .6 else ((0, 0), (length - 1, length - 1))), 1.)
            rgb = cv2.filter2D(rgb, -1, kernel / kernel.sum())
        if rng.random() < .05:    # something stands before the scene
            w, h = rng.integers(size // 10, size // 2, 2); x, y = rng.integers(0, size - w), rng.integers(0, size - h)
            rgb[y:y + h, x:x + w] = rng.integers(0, 256, 3) if rng.random() < .5 else np.clip(rng.integers(20, 235) + self.tile(rng, h, w) * rng.uniform(5, 40), 0, 255).astype(np.uint8)
            if len(points): points = points[~((points >= [x, y]) & (points < [x + w, y + h])).all(1)]
        if rng.random() < .05:    # fog, thicker above
            air = rng.uniform(.25, .75) * np.linspace(1, rng.uniform(.2, 1.), size, dtype=np.float32)[:, None, None]
            rgb = (rgb * (1 - air) + rng.uniform(150, 235) * air).astype(np.uint8)
        if rng.random() < .05:    # rain
            streaks = cv2.warpAffine((rng.random((size, size), dtype=np.float32) > .996).astype(np.float32), np.float32([[1, 0, 0], [0, 1, 0]]), (size, size))
            length = int(rng.integers(7, 19)); kernel = np.zeros((length, length), np.float32)
            cv2.line(kernel, (int(rng.integers(0, length)), 0), (int(rng.integers(0, length)), length - 1), 1.)
            rgb = np.clip(rgb * rng.uniform(.7, 1) + (cv2.filter2D(streaks, -1, kernel) * rng.uniform(40, 150))[..., None], 0, 255).astype(np.uint8)
        night = rng.random() < .07
        rgb = self.lit(rng, rgb, night)
        if night or rng.random() < .22:
            noise = self.tile(rng, size, size) * rng.uniform(2, 16 if night else 11)
            rgb = np.clip(rgb + (noise if rng.random() < .5 else noise[:, :, :1]), 0, 255).astype(np.uint8)
        if rng.random() < .2:     # a codec short of bits
            rgb = cv2.imdecode(cv2.imencode('.jpg', rgb, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(10, 65))])[1], cv2.IMREAD_COLOR)
        if rng.random() < .04:    # the grey that fills a picture up to a multiple of 32 px
            x, y = (size - int(rng.integers(0, 33)), size - int(rng.integers(0, 33)))
            rgb[y:], rgb[:, x:] = GREY, GREY
            if len(points): points = points[(points < [x, y]).all(1)]
        return rgb, points

    def lit(self, rng, rgb, night=False):
        """Another light: contrast, brightness, a cast of colour, or none."""
        gamma = rng.uniform(1.4, 2.6) if night else 2 ** rng.normal(0, .25)
        gain = rng.uniform(.35, .9) if night else rng.uniform(.65, 1.35)
        curve = 255 * (np.arange(256, dtype=np.float32) / 255) ** gamma
        curve = curve * gain if night else (curve - 128) * gain + 128 + rng.uniform(-35, 35)
        cast = 1 + rng.normal(0, .18 if night else .07, 3) * (night or rng.random() < .4)
        rgb = cv2.LUT(rgb, np.clip(curve[:, None] * cast[None], 0, 255).astype(np.uint8)[None])
        return cv2.cvtColor(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB) if rng.random() < .15 else rgb

    def tile(self, rng, height, width):
        y, x = rng.integers(0, 641 - height), rng.integers(0, 641 - width)
        return self.noise[y:y + height, x:x + width]

    def batch(self, rng, count, size, calm=False):
        """rgb (n, size, size, 3) uint8 and cells (n, size/8, size/8). One in five gets a piece of its neighbour, cut along cells: neither crowd nor emptiness may be told by the whole."""
        pairs = [self.drawn(rng, size, calm) for _ in range(count)]
        rgb, cells = np.stack([one for one, _ in pairs]), np.stack([one for _, one in pairs])
        before = rgb.copy(), cells.copy()
        for at in range(count):
            if rng.random() >= (.15 if calm else .2): continue
            other, most = (at + 1) % count, size // CELL_PX
            w, h = rng.integers(most // 5, most * 3 // 4, 2)
            x, y = rng.integers(0, most - w), rng.integers(0, most - h)
            cells[at, y:y + h, x:x + w] = before[1][other, y:y + h, x:x + w]
            y, x, h, w = (v * CELL_PX for v in (y, x, h, w))
            rgb[at, y:y + h, x:x + w] = before[0][other, y:y + h, x:x + w]
        return rgb, cells
