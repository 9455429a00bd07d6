"""The figures of a checkpoint: `python3 evaluate.py --data DIR CHECKPOINT.pt`. DIR holds crowd/ and video/. The validation pictures (every tenth) at their full size, and what no
training and no choice may look at: bus platforms, a street seen from above at its own size and enlarged twice, and places without people."""
import argparse
import json
import pathlib
import cv2
import numpy as np
import torch
from data import pictures_of, split
from empty import empty_pictures
from export import weights_of
from train import counted

arguments = argparse.ArgumentParser()
arguments.add_argument('--data', required=True)
arguments.add_argument('checkpoint')


def frames(path, wanted):
    video = cv2.VideoCapture(str(path))
    for at in range(max(wanted) + 1):
        good, frame = video.read()
        if not good: break
        if at in wanted: yield at, np.ascontiguousarray(frame[:, :, ::-1])


def sets(data):
    for part, pack in (('A', 'shtech_train_A_1024_q80.tar'), ('B', 'shtech_train_B_1024_q68.tar')):
        (pictures,) = pictures_of(data / 'crowd' / pack).values()
        yield f'ShanghaiTech {part}, validation', [(one.rgb, len(one.points)) for one in split(pictures)[1]]
    (platforms,) = pictures_of(data / 'crowd' / 'brt_sample').values()
    yield 'Beijing-BRT, unseen', [(one.rgb, len(one.points)) for one in platforms]
    counts = json.loads((data / 'video' / 'vtest_counts_frames_1-69.json').read_text())['counts']
    street = [(rgb, counts[str(at + 1)]) for at, rgb in frames(data / 'video' / 'vtest_480x360_795f.avi', range(0, 69, 4))]
    yield 'vtest, unseen, 480 x 360', street
    yield 'vtest, unseen, enlarged twice', [(cv2.resize(rgb, None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR), count) for rgb, count in street]
    yield 'made empty, other seed', [(one.rgb[:384], 0) for one in empty_pictures(76, 4242)]


if __name__ == '__main__':
    asked = arguments.parse_args()
    torch.set_num_threads(1)
    net = weights_of(asked.checkpoint).to(memory_format=torch.channels_last)
    print('| data | pictures | people | MAE | RMSE | bias | relative | most over |\n|---|---|---|---|---|---|---|---|')
    for name, pictures in sets(pathlib.Path(asked.data)):
        pairs = np.array([(counted(net, rgb)[0], count) for rgb, count in pictures])
        wrong = pairs[:, 0] - pairs[:, 1]
        relative = f'{np.abs(wrong).sum() / pairs[:, 1].sum():.1%}' if pairs[:, 1].sum() else ''
        print(f'| {name} | {len(pairs)} | {pairs[:, 1].mean():.1f} | {np.abs(wrong).mean():.2f} | {np.sqrt((wrong ** 2).mean()):.2f} | {wrong.mean():+.2f} | {relative} | {wrong.max():+.2f} |', flush=True)
