"""PyTorch's side of bench/head.mjs: the ArcFace head by autograd, SGD with momentum;
with bf16 under autocast.

    /usr/bin/python3 bench/peers/head.py CLASSES PRECISION THREADS

`peak_mb` is the process's peak resident memory beyond the centres and their momentum.
"""

import json
import sys
import time
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parent))
from heads import arcface_loss  # noqa: E402

classes, bf16, threads = int(sys.argv[1]), sys.argv[2] == "bf16", int(sys.argv[3])
batch, dim = 128, 512
torch.set_num_threads(threads)
torch.manual_seed(1)
weight = torch.nn.Parameter(torch.empty(classes, dim).normal_(0, 0.01))
optimizer = torch.optim.SGD([weight], lr=0.01, momentum=0.9, weight_decay=5e-4)
x = torch.randn(batch, dim, requires_grad=True)
labels = torch.arange(batch) * 977 % classes


def step():
    optimizer.zero_grad(set_to_none=True)
    x.grad = None
    with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
        loss = arcface_loss(x, weight, labels)
    loss.backward()
    optimizer.step()


step()
step()
status = Path("/proc/self/status").read_text()
peak = int(status.split("VmHWM:")[1].split()[0]) / 1024 - 2 * classes * dim * 4 / 2**20
print(json.dumps({"ready": True, "torch": torch.__version__, "peak_mb": peak}), flush=True)
for line in sys.stdin:
    word, *count = line.split()
    if word != "run":
        break
    start = time.perf_counter()
    for _ in range(int(count[0])):
        step()
    print(json.dumps({"seconds": time.perf_counter() - start}), flush=True)
