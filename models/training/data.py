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
    cells. `calm`: 0, 1 (worn a third as often and nearer to its own size) or 2 (hardly worn, leaned or pieced together, and mostly at its own size: as pictures are when counted)."""
    def __init__(self, sources, extra_share=.12, empty_share=.06):
        self.sources = sources
        extra = extra_share if sources.get('extra') else 0.
        empty = empty_share if sources.get('empty') else 0.
        rest = 1 - extra - empty
        self.kinds, self.shares = ['A', 'B', 'empty', 'extra'], np.array([.42 * rest, .58 * rest, empty, extra])
        self.noise = np.random.default_rng(5).standard_normal((640, 640, 3)).astype(np.float32)

    def drawn(self, rng, size, calm=0):
        kind = self.kinds[rng.choice(4, p=self.shares)]
        pictures = self.sources[kind]
        # Few people are the hard case for a net that learns from crowds: of B up to a third of the crops is the sparsest of four.
        tries = 4 if kind in ('B', 'extra') and rng.random() < (.33, .25, .1)[calm] else 1
        # Far heads of 4 to 10 px and near ones of 40 to 120 px are rarer in the pictures than before cameras.
        far = rng.random()
        octaves = None if kind == 'empty' or far > (.27, .17, .09)[calm] else rng.uniform(-1.4, -.5) if far < (.2, .11, .06)[calm] else rng.uniform(.4, 1.7)
        best = None
        lens = self.leaned(rng, size) if rng.random() < (.3, .3, .1)[calm] else None
        for _ in range(tries):
            one = self.view(rng, pictures[rng.integers(len(pictures))], size, calm, octaves, lens)
            if best is None or (0 < len(one[2]) < len(best[2])) or len(best[2]) == 0: best = one
        picture, matrix, points = best
        rgb = self.warped(picture, matrix, size)
        rgb, points = self.behind(rng, rgb, points, picture, matrix, size, calm)
        if rng.random() < (1, .3, .15)[calm]: rgb, points = self.worn(rng, rgb, points, size)
        elif rng.random() < .75: rgb = self.lit(rng, rgb)
        if rng.random() < (.5, .5, .15)[calm]: rgb = self.tinted(rng, rgb)
        # Marks sit a pixel or two beside their heads: which cell holds one is not to be learnt by heart.
        if len(points): points = np.clip(points + rng.normal(0, rng.uniform(0, 1.6), points.shape).astype(np.float32), 0, size - .01)
        return rgb, cells_of(points, size, size)

    def leaned(self, rng, size):
        """A homography of the crop whose corners go outwards, each by up to a fifth of the side: another tilt of the camera, and nothing beyond the picture comes into sight."""
        corners = np.float32([[0, 0], [size, 0], [size, size], [0, size]])
        return cv2.getPerspectiveTransform(corners, corners + np.float32([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * rng.uniform(0, .2 * size, (4, 2)).astype(np.float32))

    def view(self, rng, picture, size, calm, octaves=None, lens=None, filled=False):
        """Where the crop looks: a map (3 x 3) from the picture to the crop, and the points inside. `filled`: nothing beyond the picture."""
        height, width = picture.rgb.shape[:2]
        if octaves is None: octaves = rng.normal(-.1, (.45 if picture.name.startswith("A") else .35) if calm < 2 else .25) if rng.random() < (.5, .6, .85)[calm] else rng.uniform(-1.3, .4) if picture.name.startswith("A") else rng.uniform(-1., .9)
        scale = max(2 ** octaves, (1.02 if filled or rng.random() < .35 else .25) * size / min(height, width))
        aspect = 2 ** rng.normal(0, .11)
        angle = rng.normal(0, .08) if rng.random() < .4 else 0.
        flip = -1. if rng.random() < .5 else 1.
        across, down = size / (scale * aspect), size * aspect / scale
        centre = [at + rng.uniform(-.5, .5) * abs(whole - part) for at, whole, part in ((width / 2, width, across), (height / 2, height, down))]
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        linear = np.diag([flip * scale * aspect, scale / aspect]) @ turn
        matrix = np.concatenate([linear, (size / 2 - linear @ np.array(centre))[:, None]], 1)
        matrix = np.concatenate([matrix, [[0, 0, 1]]])
        if lens is not None: matrix = lens @ matrix
        points = cv2.perspectiveTransform(picture.points[None].astype(np.float64), matrix)[0].astype(np.float32) if len(picture.points) else picture.points
        inside = ((points >= 0) & (points < size)).all(1)
        return picture, matrix, points[inside]

    def behind(self, rng, rgb, points, picture, matrix, size, calm):
        """Where a small picture leaves the crop bare stands another one, so that small pictures are learnt at their own size too; one in six keeps the grey."""
        height, width = picture.rgb.shape[:2]
        corners = cv2.perspectiveTransform(np.float64([[[0, 0], [width, 0], [width, height], [0, height]]]), matrix)
        seen = cv2.fillConvexPoly(np.zeros((size, size), np.uint8), np.round(corners[0]).astype(np.int32), 1)
        if seen.all() or rng.random() < .17: return rgb, points
        others = self.sources['AB'[int(rng.random() < .5)]]
        other, way, more = self.view(rng, others[rng.integers(len(others))], size, calm, filled=True)
        if len(more): more = more[seen[more[:, 1].astype(int), more[:, 0].astype(int)] == 0]
        return np.where(seen[..., None] > 0, rgb, self.warped(other, way, size)), np.concatenate([points, more])

    def warped(self, picture, matrix, size):
        scale = np.sqrt(abs(np.linalg.det(matrix[:2, :2] / matrix[2, 2])))
        level = min(len(picture.levels) - 1, 0 if scale > .72 else 1 if scale > .36 else 2)
        source = picture.levels[level]
        ratio = picture.rgb.shape[1] / source.shape[1]
        # Pixel centres: (x + 0.5) scales, x does not.
        half = np.array([[1, 0, .5], [0, 1, .5], [0, 0, 1]])
        matrix = np.linalg.inv(half) @ matrix @ np.diag([ratio, ratio, 1]) @ half
        if abs(matrix[2, :2]).max() < 1e-12: return cv2.warpAffine(source, matrix[:2] / matrix[2, 2], (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(GREY,) * 3)
        return cv2.warpPerspective(source, matrix, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(GREY,) * 3)

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

    def tinted(self, rng, rgb):
        """Other colours of the same brightness: hue and saturation turned as one matrix, now and then the channels exchanged."""
        if rng.random() < .12: rgb = np.ascontiguousarray(rgb[:, :, rng.permutation(3)])
        turn, strength = rng.normal(0, .35), 2 ** rng.normal(0, .5)
        axis = np.full((3, 3), 1 / 3)
        cross = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]]) / np.sqrt(3)
        hue = np.eye(3) * np.cos(turn) + np.sin(turn) * cross + (1 - np.cos(turn)) * axis
        grey = np.tile([.3, .59, .11], (3, 1))
        return cv2.transform(rgb, ((grey + strength * (np.eye(3) - grey)) @ hue).astype(np.float32))

    def tile(self, rng, height, width):
        y, x = rng.integers(0, 641 - height), rng.integers(0, 641 - width)
        return self.noise[y:y + height, x:x + width]

    def batch(self, rng, count, size, calm=0):
        """rgb (n, size, size, 3) uint8 and cells (n, size/8, size/8). Half of them get pieces of others, cut along cells, and some a blank piece: what is counted in one place may not
        be told by what stands beside it."""
        pairs = [self.drawn(rng, size, calm) for _ in range(count)]
        rgb, cells = np.stack([one for one, _ in pairs]), np.stack([one for _, one in pairs])
        before, most = (rgb.copy(), cells.copy()), size // CELL_PX
        for at in range(count):
            for _ in range(int(rng.integers(1, 4)) if rng.random() < (.5, .5, .2)[calm] else 0):
                other = int(rng.integers(count))
                w, h = rng.integers(most // 6, most * 2 // 3, 2)
                x, y, fromX, fromY = (int(rng.integers(0, most - side)) for side in (w, h, w, h))
                cells[at, y:y + h, x:x + w] = before[1][other, fromY:fromY + h, fromX:fromX + w]
                x, y, fromX, fromY, w, h = (v * CELL_PX for v in (x, y, fromX, fromY, w, h))
                rgb[at, y:y + h, x:x + w] = before[0][other, fromY:fromY + h, fromX:fromX + w]
            if rng.random() < (.12, .12, .04)[calm]:
                w, h = rng.integers(1, most // 3, 2); x, y = (int(rng.integers(0, most - side)) for side in (w, h))
                cells[at, y:y + h, x:x + w] = 0
                rgb[at, y * CELL_PX:(y + h) * CELL_PX, x * CELL_PX:(x + w) * CELL_PX] = rng.integers(0, 256, 3) if rng.random() < .5 else np.clip(rng.integers(20, 235) + self.tile(rng, h * CELL_PX, w * CELL_PX) * rng.uniform(5, 40), 0, 255)
        return rgb, cells
