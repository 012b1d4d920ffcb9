"""The ArcFace head in plain PyTorch, differentiated by autograd as it stands.

L = cross-entropy of s * t, where t_j = cos(theta_j) and, for the true class, cos(theta + m), or
cos(theta) - m sin(pi - m) where theta + m is beyond pi (arXiv 1801.07698; arcface_torch's losses.py
before the margin became straight-through).
"""

import math

import torch
import torch.nn.functional as F


def arcface_logits(embeddings, weight, labels, scale=64.0, margin=0.5):
    """[N, classes], scaled. `weight` is [classes, dim]; neither argument need be normalised."""
    cosine = F.linear(F.normalize(embeddings), F.normalize(weight))
    cosine = cosine.to(embeddings.dtype if embeddings.dtype == torch.float64 else torch.float32)
    cosine = cosine.clamp(-1, 1)
    target = cosine.gather(1, labels[:, None])
    beyond = target <= math.cos(math.pi - margin)
    inside = target.masked_fill(beyond, 0.0)  # keeps the root's gradient finite at cos = -1
    shifted = inside * math.cos(margin) - torch.sqrt(1.0 - inside * inside) * math.sin(margin)
    continued = target - margin * math.sin(math.pi - margin)
    final = torch.where(beyond, continued, shifted)
    return scale * cosine.scatter(1, labels[:, None], final)


def arcface_loss(embeddings, weight, labels, scale=64.0, margin=0.5):
    return F.cross_entropy(arcface_logits(embeddings, weight, labels, scale, margin), labels)
