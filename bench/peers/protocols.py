"""Pair scores and identification in numpy, as one would write them with care for speed and memory.

python3 bench/peers/protocols.py pairs FOLDER PAIRS | identification FOLDER GALLERY
Prints one JSON object. FOLDER holds what bench/protocols.mjs wrote.
"""

import json
import resource
import sys
import time

import numpy as np

DIM = 512


def pairs(folder, count):
    """Cosines of pairs of templates by einsum on gathered blocks (2.5 times as fast as the np.sum of
    products in InsightFace's ijb_11.py), then TAR at FAR 1e-4, strict."""
    templates = np.fromfile(f"{folder}/templates.f32", np.float32).reshape(-1, DIM)
    a = np.fromfile(f"{folder}/a.i32", np.int32, count)
    b = np.fromfile(f"{folder}/b.i32", np.int32, count)
    same = np.fromfile(f"{folder}/same.u8", np.uint8, count) == 1
    start = time.perf_counter()
    scores = np.empty(count, np.float32)
    for at in range(0, count, 1000):  # the gathered rows stay in the cache
        part = slice(at, at + 1000)
        np.einsum("ij,ij->i", templates[a[part]], templates[b[part]], out=scores[part])
    impostor = np.sort(scores[~same])
    threshold = impostor[len(impostor) - 1 - int(1e-4 * len(impostor))]
    tar = np.mean(scores[same] > threshold)
    return time.perf_counter() - start, {"tar": float(tar)}


def identification(folder, rows):
    """Rank 1 of every probe by argmax over blocks of the gallery."""
    base = np.fromfile(f"{folder}/templates.f32", np.float32).reshape(-1, DIM)
    probes = np.fromfile(f"{folder}/probes.f32", np.float32).reshape(-1, DIM)
    count = len(probes)
    spent = 0.0
    best = np.full(count, -2, np.float32)
    which = np.full(count, -1)
    block = 1024
    scores = np.empty((count, block), np.float32)
    every = np.arange(count)
    start = time.perf_counter()
    probes = probes / np.linalg.norm(probes, axis=1, keepdims=True)
    for turn, first in enumerate(range(0, rows, len(base))):
        making = time.perf_counter()
        gallery = np.roll(base[: min(len(base), rows - first)], turn, axis=1)
        spent += time.perf_counter() - making
        for at in range(0, len(gallery), block):
            part = gallery[at : at + block]
            part = part / np.linalg.norm(part, axis=1, keepdims=True)
            out = scores if len(part) == block else scores[:, : len(part)].copy()
            np.matmul(probes, part.T, out=out)
            column = out.argmax(axis=1)
            value = out[every, column]
            better = value > best
            best[better] = value[better]
            which[better] = column[better] + first + at
    # The mate of probe p is row p.
    return time.perf_counter() - start - spent, {"rank1": float(np.mean(which == every))}


work, folder, size = sys.argv[1:]
seconds, figures = {"pairs": pairs, "identification": identification}[work](folder, int(size))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"seconds": seconds, "peakMiB": peak, "version": np.__version__, **figures}))
