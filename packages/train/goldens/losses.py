"""Goldens of losses, written after their papers' published code and differentiated by PyTorch in float64:

    /usr/bin/python3 packages/train/goldens/losses.py

Three calls in a row on one set of centres, so that running figures (t of CurricularFace, mean and deviation of
AdaFace) move; losses and gradients of each."""
import json
import math
import pathlib

import torch
from torch.nn import functional as F

HERE = pathlib.Path(__file__).parent
CLASSES, DIM, BATCH, STEPS = 7, 8, 6, 3


def onehot(labels):
    return F.one_hot(labels, CLASSES).double()


def arcface_straight(x, w, y, state, s=64.0, m=0.5):
    """InsightFace, arcface_torch/losses.py since 2022-12: the margin is added without gradient."""
    logits = F.linear(F.normalize(x), F.normalize(w)).clamp(-1, 1)
    index = torch.arange(len(y))
    target = logits[index, y]
    with torch.no_grad():
        sin_theta = torch.sqrt(1.0 - target**2)
        moved = target * math.cos(m) - sin_theta * math.sin(m)
        final = torch.where(target > math.cos(math.pi - m), moved, target - math.sin(math.pi - m) * m)
        change = final - target
    return F.cross_entropy((logits + onehot(y) * change[:, None]) * s, y)


def cosface(x, w, y, state, s=64.0, m=0.35):
    logits = F.linear(F.normalize(x), F.normalize(w)).clamp(-1, 1)
    return F.cross_entropy((logits - onehot(y) * m) * s, y)


def curricularface(x, w, y, state, s=64.0, m=0.5):
    cosine = F.linear(F.normalize(x), F.normalize(w)).clamp(-1, 1)
    target = cosine.gather(1, y[:, None])
    sine = torch.sqrt(1.0 - target**2)
    moved = target * math.cos(m) - sine * math.sin(m)
    final = torch.where(target > math.cos(math.pi - m), moved, target - math.sin(math.pi - m) * m)
    with torch.no_grad():
        state["t"] = target.mean() * 0.01 + 0.99 * state.get("t", 0.0)
    hard = cosine > moved
    cosine = torch.where(hard, cosine * (state["t"] + cosine), cosine)
    logits = torch.where(onehot(y).bool(), final.expand_as(cosine), cosine)
    return F.cross_entropy(logits * s, y)


def magface(x, w, y, state, s=64.0, l_a=10.0, u_a=110.0, l_m=0.45, u_m=0.8, lam=35.0):
    norm = x.norm(dim=1, keepdim=True).clamp(l_a, u_a)
    m = (u_m - l_m) / (u_a - l_a) * (norm - l_a) + l_m
    cosine = F.linear(F.normalize(x), F.normalize(w)).clamp(-1, 1)
    sine = torch.sqrt(1.0 - cosine**2)
    moved = cosine * torch.cos(m) - sine * torch.sin(m)
    moved = torch.where(cosine > torch.cos(math.pi - m), moved, cosine - torch.sin(math.pi - m) * m)
    logits = torch.where(onehot(y).bool(), moved, cosine)
    return F.cross_entropy(logits * s, y) + lam * (1 / u_a**2 * norm + 1 / norm).mean()


def adaface(x, w, y, state, s=64.0, m=0.4, h=0.333, t_alpha=0.01, eps=1e-3):
    cosine = F.linear(F.normalize(x), F.normalize(w)).clamp(-1 + eps, 1 - eps)
    norms = x.norm(dim=1, keepdim=True).clamp(0.001, 100).detach()
    with torch.no_grad():
        state["mean"] = norms.mean() * t_alpha + (1 - t_alpha) * state.get("mean", 20.0)
        state["std"] = norms.std() * t_alpha + (1 - t_alpha) * state.get("std", 100.0)
    scaler = ((norms - state["mean"]) / (state["std"] + eps) * h).clamp(-1, 1)
    theta = cosine.acos()
    moved = (theta - onehot(y) * m * scaler).clamp(eps, math.pi - eps)
    return F.cross_entropy((moved.cos() - onehot(y) * (m + m * scaler)) * s, y)


def golden(loss, size):
    w = torch.randn(CLASSES, DIM, dtype=torch.float64, requires_grad=True)
    state, calls = {}, []
    for _ in range(STEPS):
        # Lengths differ a good deal: some losses look at them.
        x = torch.randn(BATCH, DIM, dtype=torch.float64) * torch.rand(BATCH, 1).double() * size
        x.requires_grad_()
        y = torch.randint(CLASSES, (BATCH,))
        value = loss(x, w, y, state)
        gx, gw = torch.autograd.grad(value, (x, w))
        calls.append(
            {
                "embeddings": x.tolist(),
                "labels": y.tolist(),
                "loss": value.item(),
                "embeddingGradient": gx.tolist(),
                "weightGradient": gw.tolist(),
            }
        )
    return {"weight": w.tolist(), "calls": calls}


torch.manual_seed(1)
cases = {
    "arcface straight-through": golden(arcface_straight, 3),
    "cosface": golden(cosface, 3),
    "curricularface": golden(curricularface, 3),
    "magface": golden(magface, 40),
    "adaface": golden(adaface, 40),
}
short = json.loads(json.dumps(cases), parse_float=lambda text: float(f"{float(text):.12g}"))
lines = ",\n".join(f"{json.dumps(k)}: {json.dumps(v, separators=(',', ':'))}" for k, v in short.items())
(HERE / "generated" / "losses.json").write_text(f"{{\n{lines}\n}}\n")
