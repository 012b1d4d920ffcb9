"""Squares of a picture as Pillow resamples them, beyond the borders reflected by numpy, for crop.test.ts: python3 liveness.py."""
import json
import pathlib

import numpy as np
from PIL import Image

height, width = 60, 80
y, x = np.mgrid[0:height, 0:width]
picture = np.stack([(7 * x + 13 * y + 31 * c + (x * y) % 11 * 5) % 256 for c in range(3)], axis=2)
MARGIN = 59

cases = []
for left, top, side, size in (
    (10.25, 8.5, 37.75, 8),
    (-20.5, 3.25, 60.5, 12),
    (50.0, 35.0, 48.0, 16),
    (-30.0, -28.5, 130.0, 10),
    (30.3, 20.7, 9.6, 24),
):
    padded = np.pad(picture, ((MARGIN, MARGIN), (MARGIN, MARGIN), (0, 0)), mode="reflect")
    box = (left + MARGIN, top + MARGIN, left + side + MARGIN, top + side + MARGIN)
    planes = [
        Image.fromarray(padded[:, :, c].astype(np.float32), mode="F").resize(
            (size, size), Image.Resampling.BILINEAR, box=box
        )
        for c in range(3)
    ]
    values = np.stack([np.asarray(plane) for plane in planes], axis=2)
    cases.append(
        {"x": left, "y": top, "side": side, "size": size, "values": [round(float(v), 3) for v in values.ravel()]}
    )

out = pathlib.Path(__file__).parent / "generated" / "liveness.json"
out.write_text(json.dumps({"width": width, "height": height, "cases": cases}) + "\n")
