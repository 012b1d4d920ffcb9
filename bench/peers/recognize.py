"""OpenCV's FaceDetectorYN, alignment and an embedder on ONNX Runtime. recognize.py LIST DETECTOR EMBEDDER

Speaks the protocol of bench/harness.mjs; a step is the whole list. The longer side goes to 640 pixels, as ours does.
"""

import json
import sys
import time

import cv2
import numpy as np
import onnxruntime

paths = open(sys.argv[1]).read().split("\n")[:-1]
detector = cv2.FaceDetectorYN.create(sys.argv[2], "", (640, 640), 0.6, 0.3)
session = onnxruntime.InferenceSession(sys.argv[3], providers=["CPUExecutionProvider"])
name = session.get_inputs()[0].name
template = np.float32(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]]
)


def embed(path):
    image = cv2.imread(path)
    scale = 640 / max(image.shape[:2])
    small = cv2.resize(image, None, fx=scale, fy=scale)
    detector.setInputSize((small.shape[1], small.shape[0]))
    _, faces = detector.detect(small)
    if faces is None:
        return None
    face = max(faces, key=lambda one: one[2] * one[3])
    matrix, _ = cv2.estimateAffinePartial2D(face[4:14].reshape(5, 2) / scale, template)
    aligned = cv2.warpAffine(image, matrix, (112, 112))
    values = ((aligned.astype(np.float32) - 127.5) / 127.5).transpose(2, 0, 1)[None]
    row = session.run(None, {name: values})[0][0]
    return row / np.linalg.norm(row)


print(json.dumps({"ready": True, "cv2": cv2.__version__, "onnxruntime": onnxruntime.__version__}), flush=True)
for line in sys.stdin:
    word, *count = line.split()
    if word != "run":
        break
    start = time.perf_counter()
    for _ in range(int(count[0])):
        for path in paths:
            embed(path)
    print(json.dumps({"seconds": time.perf_counter() - start}), flush=True)
