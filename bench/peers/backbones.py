"""The PyTorch side of every comparison: IResNet and MobileFaceNet as InsightFace's arcface_torch
defines them (same arithmetic, same state-dict names), written anew and kept small.

Shapes: input float32 [N, 3, 112, 112] in -1..1, output [N, embedding_size], not normalised.
Every width can be made smaller, so that the networks that the library offers for a CPU have a
peer too; the defaults are the published ones.
"""

import torch
from torch import nn

IRESNET_LAYERS = {
    "r18": (2, 2, 2, 2),
    "r34": (3, 4, 6, 3),
    "r50": (3, 4, 14, 3),
    "r100": (3, 13, 30, 3),
}


class IBlock(nn.Module):
    """BN - conv3x3 - BN - PReLU - conv3x3(stride) - BN, plus a shortcut (conv1x1 + BN where the shape changes)."""

    def __init__(self, cin, cout, stride, project):
        super().__init__()
        self.bn1 = nn.BatchNorm2d(cin)
        self.conv1 = nn.Conv2d(cin, cout, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(cout)
        self.prelu = nn.PReLU(cout)
        self.conv2 = nn.Conv2d(cout, cout, 3, stride, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(cout)
        self.downsample = None
        if project:
            self.downsample = nn.Sequential(
                nn.Conv2d(cin, cout, 1, stride, bias=False), nn.BatchNorm2d(cout)
            )

    def forward(self, x):
        shortcut = x if self.downsample is None else self.downsample(x)
        x = self.prelu(self.bn2(self.conv1(self.bn1(x))))
        return self.bn3(self.conv2(x)) + shortcut


class IResNet(nn.Module):
    """`layers` blocks a stage at `widths` channels; `widths[0]` is the stem's width too.

    `stem_stride` and `first_stride` (the first stage's) are 1 and 2 as published; the head is sized
    for a 112x112 input.
    """

    def __init__(
        self,
        layers=(2, 2, 2, 2),
        widths=(64, 128, 256, 512),
        stem_stride=1,
        first_stride=2,
        embedding_size=512,
        dropout=0.0,
    ):
        super().__init__()
        self.conv1 = nn.Conv2d(3, widths[0], 3, stem_stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(widths[0])
        self.prelu = nn.PReLU(widths[0])
        cin = widths[0]
        side = -(-112 // stem_stride)
        for stage, (count, cout) in enumerate(zip(layers, widths), 1):
            stride = first_stride if stage == 1 else 2
            blocks = []
            for i in range(count):
                s = stride if i == 0 else 1
                blocks.append(IBlock(cin, cout, s, s != 1 or cin != cout))
                cin = cout
            setattr(self, f"layer{stage}", nn.Sequential(*blocks))
            side = -(-side // stride)
        self.bn2 = nn.BatchNorm2d(cin)
        self.dropout = nn.Dropout(dropout, inplace=True)
        self.fc = nn.Linear(cin * side * side, embedding_size)
        self.features = nn.BatchNorm1d(embedding_size)
        self.features.weight.requires_grad = False
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                nn.init.normal_(m.weight, 0, 0.1)

    def forward(self, x):
        x = self.prelu(self.bn1(self.conv1(x)))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        x = torch.flatten(self.bn2(x), 1)
        return self.features(self.fc(self.dropout(x)))


class ConvBlock(nn.Module):
    """conv + BN, and PReLU unless `linear`."""

    def __init__(self, cin, cout, kernel=1, stride=1, padding=0, groups=1, linear=False):
        super().__init__()
        parts = [
            nn.Conv2d(cin, cout, kernel, stride, padding, groups=groups, bias=False),
            nn.BatchNorm2d(cout),
        ]
        self.layers = nn.Sequential(*parts, *([] if linear else [nn.PReLU(cout)]))

    def forward(self, x):
        return self.layers(x)


class DepthWise(nn.Module):
    """Expand 1x1 to `groups` channels, depthwise 3x3, project 1x1 without activation."""

    def __init__(self, cin, cout, groups, stride=2, residual=False):
        super().__init__()
        self.residual = residual
        self.layers = nn.Sequential(
            ConvBlock(cin, groups),
            ConvBlock(groups, groups, 3, stride, 1, groups),
            ConvBlock(groups, cout, linear=True),
        )

    def forward(self, x):
        y = self.layers(x)
        return x + y if self.residual else y


class Residual(nn.Module):
    def __init__(self, channels, count, groups):
        super().__init__()
        self.layers = nn.Sequential(
            *[DepthWise(channels, channels, groups, 1, True) for _ in range(count)]
        )

    def forward(self, x):
        return self.layers(x)


class GDC(nn.Module):
    """Global depthwise 7x7, Linear without bias, BN."""

    def __init__(self, channels, embedding_size):
        super().__init__()
        self.layers = nn.Sequential(
            ConvBlock(channels, channels, 7, groups=channels, linear=True),
            nn.Flatten(),
            nn.Linear(channels, embedding_size, bias=False),
            nn.BatchNorm1d(embedding_size),
        )

    def forward(self, x):
        return self.layers(x)


class MobileFaceNet(nn.Module):
    """arcface_torch's form: `mbf` is blocks (1, 4, 6, 2) at scale 2, `mbf_large` (2, 8, 12, 4) at scale 4.

    `scale` multiplies the widths between the blocks (64 and 128), not those inside them. The second
    convolution has 64 groups whatever the scale, hence two channels a group at scale 2.
    """

    def __init__(self, blocks=(1, 4, 6, 2), scale=2, embedding_size=512):
        super().__init__()
        narrow, wide = 64 * scale, 128 * scale
        if blocks[0] == 1:
            second = ConvBlock(narrow, narrow, 3, 1, 1, groups=64)
        else:
            second = Residual(narrow, blocks[0], 128)
        self.layers = nn.ModuleList(
            [
                ConvBlock(3, narrow, 3, 2, 1),
                second,
                DepthWise(narrow, narrow, 128),
                Residual(narrow, blocks[1], 128),
                DepthWise(narrow, wide, 256),
                Residual(wide, blocks[2], 256),
                DepthWise(wide, wide, 512),
                Residual(wide, blocks[3], 256),
            ]
        )
        self.conv_sep = ConvBlock(wide, 512)
        self.features = GDC(512, embedding_size)
        for m in self.modules():
            if isinstance(m, (nn.Conv2d, nn.Linear)):
                nn.init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return self.features(self.conv_sep(x))


def create(name, **options):
    """A network by the name that the library uses: r18, r34, r50, r100, mobilefacenet."""
    if name in IRESNET_LAYERS:
        return IResNet(**{"layers": IRESNET_LAYERS[name], **options})
    if name == "mobilefacenet":
        return MobileFaceNet(**options)
    raise ValueError(f"unknown backbone {name}")
