"""What a crop costs: the mean against the points, and the spread against what the mean got wrong. `people`, `spread`, `cells`: (N, 1, h, w) float32, people per cell."""
import torch
from torch.nn import functional as F


def blocks(cells, side):
    return F.avg_pool2d(cells, side) * side * side if side > 1 else cells


def poisson(people, cells):
    """Deviance of Poisson counts on blocks of 8, 16, 32 and 64 px, each a share of the people there, and the error of the whole."""
    count, total = cells.sum((1, 2, 3)), people.sum((1, 2, 3))
    loss = (total - count).abs() / (5 + count)
    for side, weight in ((1, .25), (2, .5), (4, 1.), (8, 1.)):
        seen, true = blocks(people, side), blocks(cells, side)
        deviance = seen - true + true * (true.clamp(min=1e-6).log() - (seen + 1e-6).log())
        loss = loss + weight * deviance.sum((1, 2, 3)) / (10 + count)
    return loss.mean()


# Of the noise of single heads a count that sees them keeps little: the share of the Poisson variance that the spread need not explain.
HEAD_NOISE_SHARE = .3


def spread(people, deviation, cells, generator):
    """Gaussian likelihood of what is wrong with the counts of blocks of 32, 64 and 128 px, of the whole and of four rectangles drawn by `generator`. `people` gets no gradient."""
    people = people.detach()
    regions = [(blocks(people, side), blocks(deviation, side), blocks(cells, side)) for side in (4, 8, 16)]
    regions.append(tuple(one.sum((2, 3), keepdim=True) for one in (people, deviation, cells)))
    height, width = people.shape[2:]
    for _ in range(4):
        h, w = (int(torch.randint(2, most + 1, (), generator=generator)) for most in (height, width))
        y, x = (int(torch.randint(0, most + 1, (), generator=generator)) for most in (height - h, width - w))
        regions.append(tuple(one[:, :, y:y + h, x:x + w].sum((2, 3), keepdim=True) for one in (people, deviation, cells)))
    loss = 0.
    for mean, wide, true in regions:
        variance = HEAD_NOISE_SHARE * mean + wide * wide + .02
        loss = loss + (.5 * variance.log() + .5 * ((true - mean) ** 2 / variance).clamp(max=30.)).mean()
    return loss / len(regions)
