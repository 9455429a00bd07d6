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


def zero_inflated(absent, rate, cells):
    """Negative likelihood of counts that are 0 with chance `absent` and else Poisson of `rate` (ZIP, Ma et al. 2025), per block of 16 px, as a share of the people, and the error of
    the whole. Both (N, 1, h, w) of cells; a block is empty where all its cells are."""
    count, total = cells.sum((1, 2, 3)), ((1 - absent) * rate).sum((1, 2, 3))
    true, mean = blocks(cells, 2), blocks(rate, 2)
    none = F.avg_pool2d(absent, 2).clamp(1e-6, 1 - 1e-6)
    empty = -torch.logaddexp(none.log(), (1 - none).log() - mean)
    held = -((1 - none).log() + true * (mean + 1e-6).log() - mean - torch.lgamma(true + 1))
    return ((total - count).abs() / (5 + count) + torch.where(true > 0, held, empty).sum((1, 2, 3)) / (10 + count)).mean()


def heads_of(cells):
    """(n, 2) rows and columns of each head's cell."""
    at = cells.nonzero()
    return at.repeat_interleave(cells[at[:, 0], at[:, 1]].long(), 0).float()


def places(cells): return torch.stack(torch.meshgrid(*(torch.arange(side, dtype=torch.float32) for side in cells.shape), indexing='ij'), -1).reshape(-1, 2)


def bayesian(people, cells, sigma=1., background=2.):
    """Each head expects one person of the cells that are likely its own, the background none (Ma et al. 2019). `sigma` and `background` in cells."""
    loss = 0.
    for mean, true in zip(people[:, 0], cells[:, 0]):
        count, mass = true.sum(), mean.reshape(-1)
        if count == 0: loss = loss + mass.sum() / 5; continue
        away = torch.cdist(heads_of(true), places(true)) ** 2
        nearest = away.min(0, keepdim=True).values
        beyond = (background - nearest.clamp(min=1e-6).sqrt()).clamp(min=0) ** 2
        owner = torch.softmax(-torch.cat([away, beyond]) / (2 * sigma ** 2), 0)
        held = owner @ mass
        loss = loss + ((1 - held[:-1]).abs().sum() + held[-1]) / (5 + count)
    return loss / len(people)


def transport(people, cells, rounds=60, blur=4.):
    """DM-Count (Wang et al. 2020): the error of the whole, the cost of carrying the normalised map to the heads (Sinkhorn, `blur` in squared cells), and total variation."""
    loss = 0.
    for mean, true in zip(people[:, 0], cells[:, 0]):
        count, total = true.sum(), mean.sum()
        loss = loss + (total - count).abs() / (5 + count)
        if count == 0: continue
        heads, mass = heads_of(true), mean.reshape(-1)
        with torch.no_grad():
            away = torch.cdist(places(true), heads) ** 2
            kernel, from_map, to_heads = torch.exp(-away / blur).clamp(min=1e-30), mass / total + 1e-9, torch.full((len(heads),), 1 / len(heads))
            v = torch.ones(len(heads))
            for _ in range(rounds):
                u = from_map / (kernel @ v).clamp(min=1e-30)
                v = to_heads / (u @ kernel).clamp(min=1e-30)
            potential = blur * u.clamp(min=1e-30).log()
            gradient = potential / total - (potential * mass).sum() / (total * total)
        loss = loss + .1 * (gradient * mass).sum() + .1 * count / (5 + count) * .5 * (mass / total - true.reshape(-1) / count).abs().sum()
    return loss / len(people)


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
