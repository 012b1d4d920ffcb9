"""Aligned faces as OpenCV makes them, for align.test.ts: python3 align.py (python3-opencv of Debian)."""
import base64
import json
import pathlib

import cv2
import numpy as np

TEMPLATE = np.array(
    [(38.2946, 51.6963), (73.5318, 51.5014), (56.0252, 71.7366), (41.5493, 92.3655), (70.7299, 92.2041)]
)
rng = np.random.default_rng(1)
height, width = 90, 120
y, x = np.mgrid[0:height, 0:width]
picture = np.stack(
    [127 + 100 * np.sin(x / a + y / b) for a, b in ((5, 9), (-7, 4), (11, -6))], axis=2
)
picture = np.clip(picture + rng.normal(0, 8, picture.shape), 0, 255).astype(np.uint8)


def png(image):
    return base64.b64encode(cv2.imencode(".png", image[:, :, ::-1])[1]).decode()


def umeyama(p, q):
    """Equations 40 to 43 of Umeyama 1991 by a singular value decomposition."""
    mp, mq = p.mean(0), q.mean(0)
    u, d, vt = np.linalg.svd((q - mq).T @ (p - mp) / len(p))
    s = np.diag([1, np.sign(np.linalg.det(u) * np.linalg.det(vt))])
    scale = np.trace(np.diag(d) @ s) / (p - mp).var(0).sum()
    r = scale * u @ s @ vt
    return np.hstack([r, (mq - r @ mp)[:, None]])


cases = []
for scale, angle, shift, noise in (
    (0.55, 8, (-8, -14), 0.0),
    (0.8, -20, (5, 10), 1.5),
    (0.3, 170, (85, 70), 1.0),
    (1.1, 3, (-40, -60), 2.0),
):
    turn = np.deg2rad(angle)
    r = scale * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    points = TEMPLATE @ r.T + shift + rng.normal(0, noise, TEMPLATE.shape)
    points = points.astype(np.float32).astype(np.float64)
    closed = umeyama(points, TEMPLATE)
    estimated, _ = cv2.estimateAffinePartial2D(points, TEMPLATE, method=cv2.LMEDS)
    cases.append(
        {
            "points": points.tolist(),
            "umeyama": closed.tolist(),
            "estimated": estimated.tolist() if noise == 0 else None,
            "aligned": png(cv2.warpAffine(picture, closed, (112, 112), flags=cv2.INTER_LINEAR)),
        }
    )
out = pathlib.Path(__file__).parent / "generated" / "align.json"
out.write_text(json.dumps({"opencv": cv2.__version__, "picture": png(picture), "cases": cases}))
