"""AdamW for what is one-dimensional or an end of the net; for the convolutions between, the momentum made orthogonal (Muon, Jordan 2024), as large as a step of AdamW would be."""
import torch


def orthogonal(matrix, rounds=5):
    x = matrix.T if matrix.shape[0] > matrix.shape[1] else matrix
    x = (x / (x.norm() + 1e-7)).bfloat16()
    for _ in range(rounds):
        square = x @ x.T
        x = torch.addmm(3.4445 * x, torch.addmm(-4.775 * square, square, square, beta=1, alpha=2.0315), x)
    return (x.T if matrix.shape[0] > matrix.shape[1] else x).float()


class Muon:
    def __init__(self, net, rate, momentum=.95, decay=.04):
        inner = [one for name, one in net.named_parameters() if one.dim() == 4 and one.shape[1] > 3 and one.shape[0] > 16 and not name.startswith(('people', 'spread', 'absent'))]
        ids = {id(one) for one in inner}
        rest = [one for one in net.parameters() if id(one) not in ids]
        self.inner, self.momentum, self.decay = inner, momentum, decay
        self.held = [torch.zeros_like(one) for one in inner]
        self.adam = torch.optim.AdamW([{'params': [one for one in rest if one.dim() > 1], 'weight_decay': decay}, {'params': [one for one in rest if one.dim() == 1], 'weight_decay': 0.}], lr=rate, fused=True)
        self.param_groups = self.adam.param_groups

    @torch.no_grad()
    def step(self):
        self.adam.step()
        rate = self.param_groups[0]['lr']
        grads = [one.grad for one in self.inner]
        torch._foreach_lerp_(self.held, grads, 1 - self.momentum)
        for one, grad, held in zip(self.inner, grads, self.held):
            flat = grad.lerp(held, self.momentum).reshape(one.shape[0], -1)
            one.mul_(1 - rate * self.decay)
            one.add_(orthogonal(flat).view(one.shape), alpha=-rate * .2 * max(flat.shape) ** .5)

    def state_dict(self): return {'adam': self.adam.state_dict(), 'held': self.held}

    def load_state_dict(self, state):
        self.adam.load_state_dict(state['adam'])
        for one, kept in zip(self.held, state['held']): one.copy_(kept)
