"""An embedder's ONNX as a PyTorch module: a function of libtorch a node, for the operators that MobileFaceNets for use are
made of. Weights of convolutions, products and PReLU are parameters. Needs onnx."""

import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper


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
