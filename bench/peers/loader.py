"""torchvision's DataLoader with PIL: shuffled, flipped batches of uint8. loader.py FOLDER BATCH WORKERS

Speaks the protocol of bench/harness.mjs; a step is an epoch.
"""

import json
import sys
import time

import PIL
import torch
import torchvision
from torchvision import datasets, transforms

folder, batch, workers = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
torch.set_num_threads(1)
# Bytes, not floats: less work than the usual ToTensor.
transform = transforms.Compose([transforms.RandomHorizontalFlip(), transforms.PILToTensor()])
loader = torch.utils.data.DataLoader(
    datasets.ImageFolder(folder, transform),
    batch_size=batch,
    shuffle=True,
    drop_last=True,
    num_workers=workers,
    persistent_workers=workers > 0,
)


def epoch():
    for images, labels in loader:
        assert len(labels) == batch and images.dtype == torch.uint8


versions = {"torch": torch.__version__, "torchvision": torchvision.__version__, "pillow": PIL.__version__}
print(json.dumps({"ready": True, **versions}), flush=True)
for line in sys.stdin:
    word, *count = line.split()
    if word != "run":
        break
    start = time.perf_counter()
    for _ in range(int(count[0])):
        epoch()
    print(json.dumps({"seconds": time.perf_counter() - start}), flush=True)
