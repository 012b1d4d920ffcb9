"""Writes generated/*.json: what PyTorch computes for the same weights and images as the tests.

    /usr/bin/python3 packages/train/goldens/make_goldens.py            writes all (some minutes)
    /usr/bin/python3 packages/train/goldens/make_goldens.py heads      only the heads
    /usr/bin/python3 packages/train/goldens/make_goldens.py names r18  the key lists and one network
    /usr/bin/python3 packages/train/goldens/make_goldens.py --spread   how far PyTorch is from itself

Needs Debian's python3-torch and python3-numpy. Weights and images come from fill.py, so that only
results are stored. Per network:

- `embedding`: eval mode, two images, float64.
- `step`: train mode, one batch through the ArcFace head, float64: the loss and, for each parameter
  with a gradient, [L2 norm, projection on fill.signs(name), entries at 0, 1/3, 2/3 and the end];
  `noise` lists those whose true gradient is zero (a bias right before a BatchNorm). `buffers`: the
  running statistics after that one pass, as [L2 norm, projection].
- `curve`: the losses of 30 steps over fixed batches, float64, as arcface_torch trains: SGD with
  momentum and weight decay on everything, gradient norm of the backbone clipped.

`--spread` writes nothing: it repeats step and curve in float32 with 1 and 2 threads, NCHW and NHWC,
and prints the largest differences from the goldens, which tell what tolerance is fair.
"""

import json
import math
import sys
from pathlib import Path

import numpy as np
import torch

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[2] / "bench" / "peers")]
import backbones  # noqa: E402
import fill  # noqa: E402
from heads import arcface_logits, arcface_loss  # noqa: E402

NETWORKS = ("r18", "r50", "mobilefacenet")
BATCH, CLASSES, BATCHES, STEPS = 4, 16, 3, 30
SCALE, MARGIN, LR, MOMENTUM, WEIGHT_DECAY, CLIP = 64.0, 0.5, 3e-4, 0.9, 5e-4, 5.0
HEAD_HALF = 0.1
NCHW, NHWC = torch.contiguous_format, torch.channels_last


def network(name, dtype, layout=NCHW):
    net = backbones.create(name)
    fill.fill_state_dict(net.state_dict())
    return net.to(dtype).to(memory_format=layout)


def pixels(name, count, dtype, layout=NCHW):
    x = torch.from_numpy(fill.images(name, count)).permute(0, 3, 1, 2).to(dtype)
    return ((x - 127.5) / 127.5).contiguous(memory_format=layout)


def head_weight(dtype):
    w = fill.uniform("head.weight", (CLASSES, 512), 0.0, HEAD_HALF)
    return torch.nn.Parameter(torch.from_numpy(w).to(dtype))


def batch(i, dtype, layout=NCHW):
    y = torch.from_numpy(fill.labels(f"labels{i}", BATCH, CLASSES))
    return pixels(f"batch{i}", BATCH, dtype, layout), y


def embed(name, dtype=torch.float64, layout=NCHW):
    net = network(name, dtype, layout).eval()
    with torch.no_grad():
        return net(pixels("images", 2, dtype, layout)).double()


def one_step(name, dtype=torch.float64, layout=NCHW):
    """(loss, gradients by name, running statistics by name), all float64, contiguous."""
    net, w = network(name, dtype, layout).train(), head_weight(dtype)
    x, y = batch(0, dtype, layout)
    loss = arcface_loss(net(x), w, y, SCALE, MARGIN)
    loss.backward()
    named = [*net.named_parameters(), ("head.weight", w)]
    grads = {n: p.grad.double().contiguous() for n, p in named if p.grad is not None}
    stats = {n: b.double() for n, b in net.named_buffers() if b.dim() == 1}
    return loss.item(), grads, stats


def train(name, dtype=torch.float32, layout=NCHW):
    net, w = network(name, dtype, layout).train(), head_weight(dtype)
    groups = [{"params": net.parameters()}, {"params": [w]}]
    opt = torch.optim.SGD(groups, lr=LR, momentum=MOMENTUM, weight_decay=WEIGHT_DECAY)
    batches = [batch(i, dtype, layout) for i in range(BATCHES)]
    losses = []
    for step in range(STEPS):
        x, y = batches[step % BATCHES]
        opt.zero_grad(set_to_none=True)
        loss = arcface_loss(net(x), w, y, SCALE, MARGIN)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), CLIP)
        opt.step()
        losses.append(loss.item())
    return losses


def project(name, t):
    flat = t.reshape(-1).numpy()
    return [float(np.linalg.norm(flat)), float(flat @ fill.signs(name, flat.size))]


def describe(name, t):
    flat = t.reshape(-1)
    last = flat.numel() - 1
    return project(name, t) + [flat[last * j // 3].item() for j in range(4)]


def total_norm(grads):
    return math.sqrt(sum(g.norm().item() ** 2 for g in grads.values()))


def make_network(name):
    loss, grads, stats = one_step(name)
    floor = 1e-12 * total_norm(grads)
    noise = [n for n, g in grads.items() if g.norm().item() < floor]
    write(
        name,
        {
            "torch": torch.__version__,
            "embedding": embed(name).tolist(),
            "step": {
                "batch": BATCH,
                "classes": CLASSES,
                "scale": SCALE,
                "margin": MARGIN,
                "headHalf": HEAD_HALF,
                "loss": loss,
                "gradients": {n: describe(n, g) for n, g in grads.items() if n not in noise},
                "noise": noise,
                "buffers": {n: project(n, b) for n, b in stats.items()},
            },
            "curve": {
                "batches": BATCHES,
                "lr": LR,
                "momentum": MOMENTUM,
                "weightDecay": WEIGHT_DECAY,
                "clip": CLIP,
                "losses": train(name, torch.float64),
            },
        },
    )


def make_names():
    """Every state-dict key with its shape, in order."""
    options = {"mbf_large": ("mobilefacenet", {"blocks": (2, 8, 12, 4), "scale": 4})}
    for name in ("r18", "r34", "r50", "r100", "mobilefacenet", "mbf_large"):
        base, kw = options.get(name, (name, {}))
        state = backbones.create(base, **kw).state_dict()
        write(f"names-{name}", {n: list(t.shape) for n, t in state.items()})


def head_cases():
    """(name, embeddings, weight, labels, scale, margin); float32 values."""
    def u(name, *shape):
        return fill.uniform(name, shape)

    w = u("heads/weight", 7, 8)
    x = u("heads/embeddings", 6, 8)
    y = fill.labels("heads/labels", 6, 7)
    yield "random", x, w, y, 64.0, 0.5
    yield "no margin", x, w, y, 64.0, 0.0
    yield "small scale, wide margin", x, w, y, 8.0, 1.2
    yield "far beyond pi", (-w[y] + 0.1 * x).astype(np.float32), w, y, 64.0, 0.5
    yield "near the centre", (w[y] + 0.05 * x).astype(np.float32), w, y, 8.0, 0.5

    # theta a little before and a little beyond pi - m, in the plane of two axes.
    angles = math.pi - 0.5 + np.array([-0.02, -0.001, 0.001, 0.02])
    plane = np.zeros((4, 8))
    plane[:, 0], plane[:, 1] = np.cos(angles), np.sin(angles)
    axis = np.concatenate([np.eye(1, 8), u("heads/others", 6, 8)]).astype(np.float32)
    yield "around pi - m", plane.astype(np.float32), axis, np.zeros(4, np.int64), 64.0, 0.5

    exact = np.array([[2, 0, 0, 0], [-3, 0, 0, 0], [0, 5, 0, 0]], np.float32)
    corner = np.array([[1, 0, 0, 0], [0, 0, 1, 0], [0.6, 0.8, 0, 0]], np.float32)
    yield "cos 1, -1 and 0", exact, corner, np.zeros(3, np.int64), 64.0, 0.5

    sizes = np.array([1e-10, 1e-4, 1e4, 1e10, 1e30, 3e37], np.float32)[:, None]
    yield "norms from 1e-10 to 3e37", x * sizes, w, y, 64.0, 0.5
    yield "centres from 1e-10 to 3e37", x, w[:6] * sizes, y % 6, 64.0, 0.5
    zero = x.copy()
    zero[2] = 0
    yield "a zero embedding", zero, w, y, 64.0, 0.5


def make_heads():
    """float64 results on float32 inputs. A gradient is null where theta = 0 (no direction) or the
    vector is zero."""
    cases = []
    for name, x, w, y, scale, margin in head_cases():
        xt = torch.from_numpy(x).double().requires_grad_()
        wt = torch.from_numpy(w).double().requires_grad_()
        yt = torch.from_numpy(y)
        logits = arcface_logits(xt, wt, yt, scale, margin)
        loss = torch.nn.functional.cross_entropy(logits, yt)
        cosine = (torch.nn.functional.normalize(xt) * torch.nn.functional.normalize(wt)[yt]).sum(1)
        singular = (cosine > 1 - 1e-12) | (xt.norm(dim=1) == 0)
        gx, gw = torch.autograd.grad(loss, (xt, wt))
        skip = set(yt[singular].tolist())
        cases.append(
            {
                "name": name,
                "scale": scale,
                "margin": margin,
                "embeddings": x.tolist(),
                "weight": w.tolist(),
                "labels": y.tolist(),
                "loss": loss.item(),
                "logits": logits.tolist(),
                "embeddingGradient": [None if s else g for s, g in zip(singular, gx.tolist())],
                "weightGradient": [None if j in skip else g for j, g in enumerate(gw.tolist())],
            }
        )
    write("arcface", {"cases": cases})


def write(name, value):
    """One line for each entry of the outer objects, so that a diff shows what changed; 12 digits."""
    def short(v):
        if isinstance(v, float):
            return float(f"{v:.12g}")
        return [short(e) for e in v] if isinstance(v, list) else v

    def lines(v, depth):
        if isinstance(v, dict) and v and depth < 3:
            pad = " " * (depth + 1)
            inner = ",\n".join(f"{pad}{json.dumps(k)}: {lines(e, depth + 1)}" for k, e in v.items())
            return "{\n" + inner + "\n" + " " * depth + "}"
        if isinstance(v, dict):
            v = {k: short(e) for k, e in v.items()}
        return json.dumps(short(v), allow_nan=False, separators=(",", ":"))

    path = HERE / "generated" / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(lines(value, 0) + "\n")
    print(f"{path.name}: {path.stat().st_size} bytes", flush=True)


def spread(name):
    reference = embed(name)
    _, truth, _ = one_step(name)
    golden = np.array(json.loads((HERE / "generated" / f"{name}.json").read_text())["curve"]["losses"])
    total = total_norm(truth)
    large = [n for n, g in truth.items() if g.norm().item() > 1e-3 * total]
    for threads, layout, label in ((1, NCHW, "NCHW"), (2, NCHW, "NCHW"), (1, NHWC, "NHWC"), (2, NHWC, "NHWC")):
        torch.set_num_threads(threads)
        e = embed(name, torch.float32, layout)
        _, g, _ = one_step(name, torch.float32, layout)
        losses = np.array(train(name, layout=layout))
        whole = total_norm({n: g[n] - truth[n] for n in truth}) / total
        each = max(((g[n] - truth[n]).norm() / truth[n].norm()).item() for n in large)
        norms = max(abs(g[n].norm() / truth[n].norm() - 1).item() for n in large)
        print(
            f"{name} {threads} thread(s) {label}: embedding {(e - reference).norm() / reference.norm():.1e},"
            f" gradient {whole:.1e} as a whole, {each:.1e} the worst of {len(large)} parameters"
            f" (norms {norms:.1e}), curve {np.abs(losses / golden - 1).max():.1e}",
            flush=True,
        )


def main(arguments):
    torch.set_num_threads(1)
    networks = [n for n in NETWORKS if n in arguments]
    if "--spread" in arguments:
        for name in networks or NETWORKS:
            spread(name)
        return
    everything = not arguments
    if everything or "names" in arguments:
        make_names()
    if everything or "heads" in arguments:
        make_heads()
    for name in NETWORKS if everything else networks:
        make_network(name)


main(sys.argv[1:])
