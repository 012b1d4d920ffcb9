"""Goldens of triplet mining and loss, by PyTorch's autograd in float64 over boolean masks:

    /usr/bin/python3 packages/train/goldens/triplet.py

The masks are [anchor, positive, negative], all triplets at once; the project mines anchor by anchor."""
import json
import pathlib

import torch

HERE = pathlib.Path(__file__).parent
PEOPLE, IMAGES, DIM = 5, 3, 6


def distances(x, kind):
    unit = torch.nn.functional.normalize(x)
    cosine = unit @ unit.t()
    return torch.arccos(cosine.clamp(-1 + 1e-9, 1 - 1e-9)) if kind == "angular" else 2 - 2 * cosine


def chosen(d, labels, mining):
    """Boolean [N, N, N]: which (anchor, positive, negative) are compared."""
    n = len(labels)
    same = labels[:, None] == labels[None]
    positive = same & ~torch.eye(n, dtype=torch.bool)
    valid = positive[:, :, None] & ~same[:, None, :]
    to_positive, to_negative = d[:, :, None].expand(n, n, n), d[:, None, :].expand(n, n, n)
    if mining == "all":
        return valid
    far, near = -float("inf"), float("inf")
    if mining == "hard":
        p = d.masked_fill(~positive, far).argmax(1)
        q = d.masked_fill(same, near).argmin(1)
        picked = torch.zeros_like(valid)
        picked[torch.arange(n), p, q] = True
        return picked & valid
    beyond = valid & (to_negative > to_positive)
    nearest = to_negative.masked_fill(~beyond, near).argmin(2)
    farthest = to_negative.masked_fill(~valid, far).argmax(2)
    q = torch.where(beyond.any(2), nearest, farthest)
    return torch.nn.functional.one_hot(q, n).bool() & valid


def case(kind, mining, margin):
    x = torch.randn(PEOPLE * IMAGES, DIM, dtype=torch.float64, requires_grad=True)
    labels = torch.arange(PEOPLE).repeat_interleave(IMAGES)[torch.randperm(PEOPLE * IMAGES)]
    d = distances(x, kind)
    mask = chosen(d.detach(), labels, mining)
    hinge = (d[:, :, None] - d[:, None, :] + margin).clamp(min=0)
    count = (mask & (hinge > 0)).sum() if mining == "all" else mask.sum()
    loss = (hinge * mask).sum() / count
    (gradient,) = torch.autograd.grad(loss, x)
    return {
        "distance": kind,
        "mining": mining,
        "margin": margin,
        "embeddings": x.tolist(),
        "labels": labels.tolist(),
        "loss": loss.item(),
        "gradient": gradient.tolist(),
    }


torch.manual_seed(1)
margins = {"angular": 0.35, "euclidean": 0.2}
cases = [case(kind, mining, margin) for kind, margin in margins.items() for mining in ("semi-hard", "hard", "all")]
short = json.loads(json.dumps(cases), parse_float=lambda text: float(f"{float(text):.12g}"))
lines = ",\n".join(json.dumps(one, separators=(",", ":")) for one in short)
(HERE / "generated" / "triplet.json").write_text(f'{{"cases":[\n{lines}\n]}}\n')
