"""PyTorch's side of the training-step benchmark, driven over a pipe so that a bench can alternate
between ours and this one in the same minute.

    /usr/bin/python3 bench/peers/step.py --backbone r18 --batch 32 --threads 2 --memory-format nhwc

One JSON line is written when the network is built and has run `--warmup` steps:
{"ready": true, "torch": "1.13.0", ...}. Then every line `run N` on stdin is answered by
{"steps": N, "seconds": s, "loss": l} after N steps; `quit` or the end of the input ends it.
`--steps N` runs N steps, prints that answer and exits instead of reading.

A step is arcface_torch's: uint8 images to -1..1, backbone, ArcFace (s 64, m 0.5) over all classes,
cross-entropy, backward, gradient norm of the backbone clipped at 5, SGD with momentum 0.9 and
weight decay 5e-4. With `--autocast bf16` the backbone and the product with the centres run under
autocast. `--onnx FILE` trains the graph of an ONNX file in place of a backbone. With `--compile` backbone and loss, and
their backward, go through torch.compile (2.x; needs a C++ compiler), which takes minutes before the first line. The
optimizer is PyTorch's default loop: `foreach=True` took longer here, by 5 to 11 %.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parent))
import backbones  # noqa: E402
from heads import arcface_loss  # noqa: E402


def parse():
    p = argparse.ArgumentParser()
    p.add_argument("--backbone", default="r18", help="r18, r34, r50, r100 or mobilefacenet")
    p.add_argument("--onnx", help="an embedder's ONNX file, in place of a backbone; needs onnx")
    p.add_argument("--options", default="{}", help="JSON of options for the backbone, e.g. widths")
    p.add_argument("--batch", type=int, default=32)
    p.add_argument("--classes", type=int, default=10572)
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--memory-format", choices=("nchw", "nhwc"), default="nhwc")
    p.add_argument("--autocast", choices=("none", "bf16", "fp16"), default="none")
    p.add_argument("--device", default="cpu")
    p.add_argument("--compile", action="store_true")
    p.add_argument("--warmup", type=int, default=1)
    p.add_argument("--steps", type=int)
    return p.parse_args()


def network(args):
    if args.onnx is None:
        return backbones.create(args.backbone, **json.loads(args.options))
    from onnx_graph import Graph

    return Graph(args.onnx)


def build(args):
    torch.manual_seed(1)
    torch.set_num_threads(args.threads)
    layout = torch.channels_last if args.memory_format == "nhwc" else torch.contiguous_format
    net = network(args).to(args.device, memory_format=layout)
    with torch.no_grad():
        size = net.eval()(torch.zeros(1, 3, 112, 112, device=args.device)).shape[1]
    net.train()
    weight = torch.nn.Parameter(torch.randn(args.classes, size, device=args.device) * 0.01)
    optimizer = torch.optim.SGD(
        [{"params": net.parameters()}, {"params": [weight]}],
        lr=0.01,
        momentum=0.9,
        weight_decay=5e-4,
        **({} if args.device == "cpu" else {"fused": True}),
    )
    torch.backends.cudnn.benchmark = True
    dtype = torch.float16 if args.autocast == "fp16" else torch.bfloat16
    scaler = torch.amp.GradScaler(args.device) if args.autocast == "fp16" else None
    batches = [
        (
            torch.randint(0, 256, (args.batch, 112, 112, 3), dtype=torch.uint8),
            torch.randint(0, args.classes, (args.batch,)),
        )
        for _ in range(4)
    ]
    count = 0

    def loss_of(x, labels):
        with torch.autocast(args.device, dtype, enabled=args.autocast != "none"):
            return arcface_loss(net(x).float(), weight, labels)

    forward = torch.compile(loss_of) if args.compile else loss_of

    def step():
        nonlocal count
        pixels, labels = batches[count % len(batches)]
        if args.device != "cpu":
            pixels = pixels.pin_memory().to(args.device, non_blocking=True)
            labels = labels.to(args.device)
        count += 1
        x = pixels.permute(0, 3, 1, 2).float().sub_(127.5).div_(127.5)
        x = x.contiguous(memory_format=layout)
        optimizer.zero_grad(set_to_none=True)
        loss = forward(x, labels)
        if scaler is None:
            loss.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
            optimizer.step()
        else:
            scaler.scale(loss).backward()
            scaler.unscale_(optimizer)
            torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
            scaler.step(optimizer)
            scaler.update()
        return loss.item()

    return step


def main():
    args = parse()
    step = build(args)

    def run(count):
        start = time.perf_counter()
        loss = 0.0
        for _ in range(count):
            loss = step()
        return {"steps": count, "seconds": time.perf_counter() - start, "loss": loss}

    def answer(value):
        print(json.dumps(value), flush=True)

    run(args.warmup)
    if args.steps is not None:
        answer(run(args.steps))
        return
    answer({"ready": True, "torch": torch.__version__, **vars(args)})
    for line in sys.stdin:
        words = line.split()
        if words[:1] == ["quit"]:
            return
        if len(words) == 2 and words[0] == "run" and words[1].isdigit():
            answer(run(int(words[1])))
        else:
            answer({"error": f"expected `run N` or `quit`, got {line.strip()!r}"})


main()
