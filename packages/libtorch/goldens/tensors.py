"""A file as the safetensors package of Hugging Face writes it, for the test of safetensors.

    pip install safetensors==0.8.0 && python3 packages/libtorch/goldens/tensors.py

The file in the repository was written by safetensors 0.8.0. Every dtype that both know, names that sort
otherwise than they were given, an empty tensor, a scalar, and a header whose length is padded.
"""

import ctypes
import struct
from pathlib import Path

from safetensors import TensorSpec, serialize_file

OUT = Path(__file__).parent / "generated"
FORMATS = {
    "bool": "?", "uint8": "B", "int8": "b", "int16": "h", "float16": "e", "bfloat16": None,
    "int32": "i", "float32": "f", "float64": "d", "int64": "q",
}


def values(dtype, count):
    if dtype == "bool":
        return [i % 2 == 0 for i in range(count)]
    if dtype == "uint8":
        return [3 * i for i in range(count)]
    return [3 * i - 4 for i in range(count)]


def data(dtype, count):
    numbers = values(dtype, count)
    if dtype != "bfloat16":
        return struct.pack(f"<{count}{FORMATS[dtype]}", *numbers)
    return b"".join(struct.pack("<f", number)[2:] for number in numbers)  # exact: small integers


tensors, kept = {}, []
for dtype in FORMATS:
    for name, shape in {"z": [2, 3], "é b": [1], "7": [], "none": [0, 4]}.items():
        count = 1
        for side in shape:
            count *= side
        raw = data(dtype, count)
        kept.append(ctypes.create_string_buffer(raw, len(raw)))
        tensors[f"{name}.{dtype}"] = TensorSpec(
            dtype=dtype, shape=shape, data_ptr=ctypes.addressof(kept[-1]), data_len=len(raw)
        )
serialize_file(tensors, str(OUT / "all.safetensors"), {"format": "pt"})
