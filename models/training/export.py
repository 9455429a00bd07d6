"""Weights to ONNX: `python3 export.py CHECKPOINT.pt TO.onnx`. Input `rgb` uint8 (n, H, W, 3), H and W multiples of 32; outputs `people_per_cell` and `spread_per_cell`, float32
(n, H/8, W/8). Batch norms and the normalising of the picture go into the convolutions, so that the graph begins with one cast."""
import sys
import warnings
import onnx
import torch
from torch import nn
from net import CONTRAST, GREY, First, Net, form_of

warnings.filterwarnings('ignore')


def folded(first: First) -> nn.Module:
    """conv((x - GREY) / CONTRAST) with a border of (0 - GREY) / CONTRAST, and its norm, as one convolution of x with a border of 0."""
    weights, norm = first.conv.weight.double(), first.norm
    gain = norm.weight.double() / (norm.running_var.double() + norm.eps).sqrt()
    scaled = weights * gain[:, None, None, None] / CONTRAST
    out = nn.Conv2d(3, weights.shape[0], 3, 2, 1)
    out.weight.data = scaled.float()
    out.bias.data = (norm.bias.double() - norm.running_mean.double() * gain - scaled.sum((1, 2, 3)) * GREY).float()
    return nn.Sequential(out, nn.ReLU())


class Graph(nn.Module):
    def __init__(self, net):
        super().__init__()
        self.net = net
        net.stem[0] = folded(net.stem[0])

    def forward(self, rgb):
        people, spread = self.net(rgb.permute(0, 3, 1, 2).float())
        return people.squeeze(1), spread.squeeze(1)


def weights_of(path) -> Net:
    state = torch.load(path, map_location='cpu', weights_only=True)['mean']
    net = Net(**form_of(state)).eval()
    net.load_state_dict({name: value.float() if value.dtype.is_floating_point else value for name, value in state.items()})
    return net


@torch.no_grad()
def export(path, to):
    before, graph = weights_of(path), Graph(weights_of(path)).eval()
    rgb = torch.randint(0, 256, (1, 96, 160, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))
    for one, other in zip(before(rgb.permute(0, 3, 1, 2).float()), graph(rgb)):
        assert (one[:, 0] - other).abs().max() < 1e-3 * (1e-3 + one.max()), 'folding changed the counts'
    sizes = {'rgb': {0: 'n', 1: 'h', 2: 'w'}, 'people_per_cell': {0: 'n', 1: 'h8', 2: 'w8'}, 'spread_per_cell': {0: 'n', 1: 'h8', 2: 'w8'}}
    torch.onnx.export(graph, rgb, to, opset_version=17, input_names=['rgb'], output_names=['people_per_cell', 'spread_per_cell'], dynamic_axes=sizes, dynamo=False)
    tidy(to)


def tidy(path):
    """Without the exporter's leavings: names for weights that happen to be alike, and casts of float to float."""
    model = onnx.load(path)
    nodes, weights = model.graph.node, {one.name: one for one in model.graph.initializer}
    same = {node.output[0]: node.input[0] for node in nodes if node.op_type == 'Identity' and node.input[0] in weights}
    same.update({node.output[0]: node.input[0] for node in [one for one in nodes if one.op_type == 'Cast'][1:]})
    kept = [node for node in nodes if node.output[0] not in same]
    for node in kept:
        for at, name in enumerate(node.input):
            if same.get(name) in weights:    # each of its own, so that 8 bits can scale each of its own
                copy = onnx.TensorProto(); copy.CopyFrom(weights[same[name]]); copy.name = name
                if name not in weights: model.graph.initializer.append(copy); weights[name] = copy
            elif name in same: node.input[at] = same[name]
    del nodes[:]
    nodes.extend(kept)
    used = {name for node in kept for name in node.input}
    spare = [one for one in model.graph.initializer if one.name not in used]
    for one in spare: model.graph.initializer.remove(one)
    onnx.checker.check_model(model)
    onnx.save(model, path)


if __name__ == '__main__': export(*sys.argv[1:])
