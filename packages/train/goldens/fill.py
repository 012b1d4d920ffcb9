"""Deterministic weights and images that need no storage: numpy here, TypeScript in
`src/testing/fill.ts` compute the same float32 bits.

    fnv1a(name)   32-bit FNV-1a of the UTF-8 name
    hash(name,i)  murmur3's 32-bit finaliser of (fnv1a(name) + i * 0x9E3779B9) mod 2^32
    unit(name,i)  (hash >> 8) * 2^-23 - 1, in [-1, 1), exact in float32

A value is computed in float64 as `centre + half * unit` and rounded once to float32. For a state
dict, `centre` and `half` follow from name and shape:

    two or more dimensions   0, sqrt(3 / fan_in)     (uniform with variance 1 / fan_in)
    weight of a BatchNorm    1, 0.1                  (IResNet's frozen `features.weight` stays 1)
    running_mean             0, 0.05
    running_var              1, 0.1
    weight of a PReLU        0.97, 0.02
    any bias                 0, 0.05
    num_batches_tracked      0

A one-dimensional `weight` is a BatchNorm's when its neighbour `running_mean` exists.

The PReLU slopes are close to 1 on purpose. With the usual 0.25, activations within rounding of
zero take the other slope under another kernel or thread count, and float32 gradients of one and
the same network then differ by 1e-3: PyTorch's from PyTorch's. Near 1 they agree to 1e-4.
"""

import math

import numpy as np

MASK = 0xFFFFFFFF


def fnv1a(name):
    h = 0x811C9DC5
    for byte in name.encode():
        h = ((h ^ byte) * 0x01000193) & MASK
    return h


def hashes(name, count):
    x = (np.arange(count, dtype=np.uint64) * 0x9E3779B9 + fnv1a(name)) & MASK
    x ^= x >> 16
    x = (x * 0x85EBCA6B) & MASK
    x ^= x >> 13
    x = (x * 0xC2B2AE35) & MASK
    x ^= x >> 16
    return x.astype(np.uint32)


def uniform(name, shape, centre=0.0, half=1.0):
    """float32 array of `shape`, row-major, uniform in [centre - half, centre + half)."""
    unit = (hashes(name, int(np.prod(shape))) >> 8).astype(np.float64) * 2.0**-23 - 1.0
    return (centre + half * unit).astype(np.float32).reshape(shape)


def spread(name, shape, names):
    """(centre, half) of the state-dict entry `name`; `names` holds all keys of the dict."""
    stem, _, leaf = name.rpartition(".")
    if len(shape) >= 2:
        return 0.0, math.sqrt(3.0 / math.prod(shape[1:]))
    if leaf == "running_mean" or leaf == "bias":
        return 0.0, 0.05
    if leaf == "running_var":
        return 1.0, 0.1
    if name == "features.weight":
        return 1.0, 0.0
    return (1.0, 0.1) if stem + ".running_mean" in names else (0.97, 0.02)


def fill_state_dict(state, seed=""):
    """Overwrites every entry of a module's state dict in place; `seed` is put before each name."""
    import torch

    for name, t in state.items():
        if name.endswith("num_batches_tracked"):
            t.zero_()
        else:
            centre, half = spread(name, tuple(t.shape), state)
            t.copy_(torch.from_numpy(uniform(seed + name, tuple(t.shape), centre, half)))


def signs(name, count):
    """float64 [count] of +1 and -1: a projection on them sees every entry of a tensor."""
    return 1.0 - 2.0 * (hashes(name, count) >> 31)


def images(name, count):
    """uint8 [count, 112, 112, 3]: 14x14 blocks of 8x8 pixels (weight 3) and pixel noise (weight 1)."""
    coarse = (hashes(name + "/coarse", count * 14 * 14 * 3) >> 24).reshape(count, 14, 14, 3)
    fine = (hashes(name + "/fine", count * 112 * 112 * 3) >> 24).reshape(count, 112, 112, 3)
    coarse = coarse.repeat(8, axis=1).repeat(8, axis=2)
    return ((3 * coarse + fine) >> 2).astype(np.uint8)


def labels(name, count, classes):
    """int64 [count]"""
    return (hashes(name, count) % np.uint32(classes)).astype(np.int64)
