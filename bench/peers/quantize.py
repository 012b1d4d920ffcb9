"""onnxruntime.quantization's quantize_static. quantize.py MODEL FACES OUT

MODEL takes RGB 0..255, N x 3 x 112 x 112; FACES are n x 112 x 112 x 3 bytes. Prints versions as JSON.
"""

import json
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

source, faces, out = sys.argv[1:4]
images = np.fromfile(faces, np.uint8).reshape(-1, 112, 112, 3).transpose(0, 3, 1, 2).astype(np.float32)


class Faces(CalibrationDataReader):
    def __init__(self):
        self.left = iter(images)

    def get_next(self):
        image = next(self.left, None)
        return None if image is None else {"input": image[None]}


with tempfile.TemporaryDirectory() as folder:
    ready = f"{folder}/ready.onnx"
    model = onnx.load(source)
    version = model.opset_import[0].version
    if version < 13:  # its quantiser writes operators of 13 into older models, which no runtime loads
        model = onnx.version_converter.convert_version(model, 13)
    del model.metadata_props[:]
    onnx.save(model, f"{folder}/raised.onnx")
    quant_pre_process(f"{folder}/raised.onnx", ready)
    quantize_static(
        ready,
        out,
        Faces(),
        quant_format=QuantFormat.QDQ,
        per_channel=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
    )
print(json.dumps({"onnx": onnx.__version__, "onnxruntime": onnxruntime.__version__}))
