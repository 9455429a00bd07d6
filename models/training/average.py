"""The mean of the weights of several checkpoints of one run, or of runs that began from one: `python3 average.py TO.pt CHECKPOINT.pt...`."""
import sys
import torch

if __name__ == '__main__':
    to, *paths = sys.argv[1:]
    states = [torch.load(path, map_location='cpu', weights_only=True)['mean'] for path in paths]
    torch.save({'mean': {name: sum(state[name].float() for state in states) / len(states) if value.dtype.is_floating_point else value for name, value in states[0].items()}}, to)
