"""PyTorch's side of the benchmark of fine-tuning, driven over a pipe as step.py is.

    python3 bench/peers/finetune.py --model face.onnx --batch 32 --threads 2 --memory-format nhwc

Needs torch, numpy and onnx. The graph is read by the few lines below: a function of libtorch a node, weights of
convolutions, products and PReLU as parameters. A step is step.py's: uint8 images to -1..1, the graph, ArcFace (s 32,
m 0.5) over all people, cross-entropy, backward, gradient norm of the graph clipped at 5, SGD with momentum 0.9 and
weight decay 5e-4.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper

sys.path.insert(0, str(Path(__file__).resolve().parent))
from heads import arcface_loss  # noqa: E402


def parse():
    p = argparse.ArgumentParser()
    p.add_argument("--model", required=True)
    p.add_argument("--batch", type=int, default=32)
    p.add_argument("--classes", type=int, default=289)
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--memory-format", choices=("nchw", "nhwc"), default="nhwc")
    return p.parse_args()


class Graph(torch.nn.Module):
    """An ONNX graph of the operators that folded MobileFaceNets are made of."""

    def __init__(self, path):
        super().__init__()
        graph = onnx.load(path).graph
        self.nodes = [
            (n.op_type, list(n.input), list(n.output), self.attributes(n)) for n in graph.node
        ]
        self.weights = torch.nn.ParameterList()
        self.values = {}
        for one in graph.initializer:
            value = torch.from_numpy(numpy_helper.to_array(one).copy())
            if value.dtype == torch.float32 and value.numel() > 1:
                value = torch.nn.Parameter(value)
                self.weights.append(value)
            self.values[one.name] = value
        held = set(self.values)
        [self.input] = [one.name for one in graph.input if one.name not in held]
        self.output = graph.output[0].name

    @staticmethod
    def attributes(node):
        found = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        if "value" in found:
            found["value"] = torch.from_numpy(numpy_helper.to_array(found["value"]).copy())
        return found

    def forward(self, x):
        values = {**self.values, self.input: x}
        for kind, inputs, outputs, a in self.nodes:
            given = [values[name] if name else None for name in inputs]
            values[outputs[0]] = getattr(self, kind)(a, *given)
        return values[self.output]

    def Constant(self, a):
        return a["value"]

    def Conv(self, a, x, w, b=None):
        pads = a.get("pads", [0, 0, 0, 0])
        assert pads[:2] == pads[2:]
        return F.conv2d(x, w, b, a.get("strides", 1), pads[:2], a.get("dilations", 1), a["group"])

    def Clip(self, a, x, low=None, high=None):
        bound = lambda value, name: value.item() if value is not None else a.get(name)  # noqa: E731
        return torch.clamp(x, bound(low, "min"), bound(high, "max"))

    def PRelu(self, _, x, slope):
        return F.prelu(x, slope.flatten())

    def Relu(self, _, x):
        return F.relu(x)

    def Add(self, _, x, y):
        return x + y

    def Reshape(self, _, x, shape):
        # Written for one image: its first side is the number of images.
        return x.reshape([x.shape[0], *shape.tolist()[1:]])


def build(args):
    torch.manual_seed(1)
    torch.set_num_threads(args.threads)
    layout = torch.channels_last if args.memory_format == "nhwc" else torch.contiguous_format
    net = Graph(args.model)
    for one in net.weights:
        if one.dim() == 4:
            one.data = one.data.contiguous(memory_format=layout)
    with torch.no_grad():
        size = net(torch.zeros(2, 3, 112, 112)).shape[1]
    weight = torch.nn.Parameter(torch.randn(args.classes, size) * 0.01)
    optimizer = torch.optim.SGD(
        [{"params": net.parameters(), "lr": 0.001}, {"params": [weight]}],
        lr=0.01,
        momentum=0.9,
        weight_decay=5e-4,
    )
    batches = [
        (
            torch.randint(0, 256, (args.batch, 112, 112, 3), dtype=torch.uint8),
            torch.randint(0, args.classes, (args.batch,)),
        )
        for _ in range(4)
    ]
    count = 0

    def step():
        nonlocal count
        pixels, labels = batches[count % len(batches)]
        count += 1
        x = pixels.permute(0, 3, 1, 2).float().sub_(127.5).div_(127.5)
        x = x.contiguous(memory_format=layout)
        optimizer.zero_grad(set_to_none=True)
        loss = arcface_loss(net(x), weight, labels, 32.0)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimizer.step()
        return loss.item()

    return step


def main():
    args = parse()
    step = build(args)

    def answer(value):
        print(json.dumps(value), flush=True)

    step()
    answer({"ready": True, "torch": torch.__version__})
    for line in sys.stdin:
        words = line.split()
        if len(words) != 2:
            return
        start = time.perf_counter()
        for _ in range(int(words[1])):
            loss = step()
        answer({"seconds": time.perf_counter() - start, "loss": loss})


main()
