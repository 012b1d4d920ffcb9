"""Files as Python's own tools write them, small, for the tests of @arcface/data.

Run with a Python that has numpy and PyTorch (Debian: python3-torch):

    python3 packages/data/goldens/formats.py

`.rec` and `.params` are written by struct after MXNet's sources (mxnet itself is not needed);
`.bin` by pickle, `.pth` by torch.save. `formats.json` says what is in them. The files in the
repository were written by Python 3.11, numpy 1.24, PyTorch 1.13.
"""

import collections
import hashlib
import json
import pickle
import struct
import zlib
from pathlib import Path

import numpy as np
import torch

OUT = Path(__file__).parent / "generated"
MAGIC = 0xCED7230A
facts = {}


def sha(data):
    return hashlib.sha256(data).hexdigest()


def fill(n, seed):
    """Bytes that TypeScript can make too: a linear congruential generator."""
    out, x = bytearray(n), seed
    for i in range(n):
        x = (x * 1103515245 + 12345) % 2**31
        out[i] = x >> 16 & 255
    return bytes(out)


# RecordIO: dmlc-core, src/recordio.cc (RecordIOWriter::WriteRecord).
def record(payload):
    out, start = b"", 0
    for i in range(0, len(payload) // 4 * 4, 4):
        if payload[i : i + 4] == struct.pack("<I", MAGIC):
            out += struct.pack("<II", MAGIC, (1 if start == 0 else 2) << 29 | (i - start))
            out += payload[start:i]
            start = i + 4
    flag = 0 if start == 0 else 3
    out += struct.pack("<II", MAGIC, flag << 29 | (len(payload) - start)) + payload[start:]
    return out + b"\0" * (-len(payload) % 4)


# MXNet, python/mxnet/recordio.py: pack.
def pack(label, id_, data):
    if isinstance(label, float):
        return struct.pack("<IfQQ", 0, label, id_, 0) + data
    labels = np.asarray(label, np.float32)
    return struct.pack("<IfQQ", labels.size, 0, id_, 0) + labels.tobytes() + data


def write_records(name, items):
    rec, idx = b"", ""
    for key, payload in items:
        idx += f"{key}\t{len(rec)}\n"
        rec += record(payload)
    (OUT / f"{name}.rec").write_bytes(rec)
    (OUT / f"{name}.idx").write_text(idx)


def picture(seed):
    """A smooth 112 x 112 RGB image as PNG."""
    y, x = np.mgrid[0:112, 0:112]
    image = np.stack([x * 2, y * 2, (x + y * seed) % 256], -1).astype(np.uint8)
    image[:, 1:] -= image[:, :-1].copy()  # filter 1: the difference from the pixel on the left
    rows = b"".join(b"\1" + row.tobytes() for row in image)

    def chunk(kind, data):
        crc = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)

    header = struct.pack(">IIBBBBB", 112, 112, 8, 2, 0, 0, 0)
    data = chunk(b"IDAT", zlib.compress(rows, 9))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + data + chunk(b"IEND", b"")


people = {"ann": 2, "bob": 3, "eve": 2}
items, lst, identities, key = [], "", [], 1
facts["people"] = []
for label, (name, count) in enumerate(people.items()):
    first = key
    images = [picture(key + i) for i in range(count)]
    facts["people"].append({"name": name, "images": [sha(image) for image in images]})
    for i, image in enumerate(images):
        items.append((key, pack(float(label), key, image)))
        lst += "%d\t%f\t%s\n" % (key, label, f"{name}/{i + 1:04d}.png")  # im2rec.py: write_list
        key += 1
    identities.append((first, key))
# InsightFace, face2rec2.py: record 0, then the identities.
items.append((0, pack([key, key + len(identities)], 0, b"")))
for identity in identities:
    items.append((key, pack(identity, key, b"")))
    key += 1
write_records("faces", items)
(OUT / "faces.lst").write_text(lst)
(OUT / "property").write_text("3,112,112\n")

# Payloads in which the magic number stands aligned, not aligned, first, last, twice.
m = struct.pack("<I", MAGIC)
payloads = [b"", b"abc", m, b"wxyz" + m + b"ab", b"a" + m + b"bc", m + m + b"abcd" + m, b"1234" + m]
write_records("parts", list(enumerate(payloads)))
facts["parts"] = [payload.hex() for payload in payloads]

# Verification .bin: (encoded images, same or not), InsightFace's lfw2pack.py.
images = [fill(20 + i, i) for i in range(8)]
same = [True, False, True, True]
for protocol in (2, 3, 4, 5):
    data = pickle.dumps((images, same), protocol=protocol)
    (OUT / f"pairs-{protocol}.bin").write_bytes(data)
# Long lists (batches of 1000), memo ids beyond 255, images around the frame size of protocol 4.
lengths = [2 + i % 90 for i in range(2400)] + [65535, 65536, 65537, 30000, 40000, 255, 256, 300]
long_images = [fill(n, i) for i, n in enumerate(lengths)]
long_same = [i % 3 == 0 for i in range(len(lengths) // 2)]
facts["longBin"] = {
    "lengths": lengths,
    "sha256": {
        protocol: sha(pickle.dumps((long_images, long_same), protocol=protocol))
        for protocol in (2, 3, 4, 5)
    },
}
arrays = [np.frombuffer(image, np.uint8) for image in images]
for protocol in (2, 4, 5):
    data = pickle.dumps((arrays, [np.bool_(s) for s in same]), protocol=protocol)
    (OUT / f"arrays-{protocol}.bin").write_bytes(data)
(OUT / "array-same.bin").write_bytes(pickle.dumps((images, np.array(same)), protocol=2))


def python2():
    """What Python 2 wrote (protocol 2): images are str, pickled as BINSTRING."""
    out = b"\x80\x02]q\x00("
    for i, image in enumerate(images):
        out += b"U" + bytes([len(image)]) + image + b"q" + bytes([i + 1])
    return out + b"e]q\x0a(" + b"".join(b"\x88" if s else b"\x89" for s in same) + b"e\x86q\x0b."


(OUT / "python2.bin").write_bytes(python2())
facts["bin"] = {"images": [image.hex() for image in images], "same": same}

# Values of every kind, in every protocol; what JSON says of them.
values = [None, True, False, 0, 1, -1, 255, 256, 65536, -(2**31), 2**31, 2**40, 0.5, -1e300, ""]
values += ["abc", "\u00e4\u20ac\U0001f600", [1, [2, []]], {"a": 1, "b": {"c": [True]}}]
values += ["x" * 300, list(range(1100)), {str(i): i for i in range(1100)}]
facts["values"] = values
for protocol in range(6):
    data = zlib.compress(pickle.dumps(values, protocol=protocol), 9)
    (OUT / f"values-{protocol}.pkl.z").write_bytes(data)


class Evil:
    def __reduce__(self):
        return (print, ("pwned",))


for protocol in range(6):
    (OUT / f"evil-{protocol}.pkl").write_bytes(pickle.dumps(([Evil()], [True]), protocol=protocol))

# PyTorch: state dicts of float tensors, zip and older form; and one with all that occurs.
state = collections.OrderedDict()
state["conv.weight"] = torch.arange(54, dtype=torch.float32).reshape(2, 3, 3, 3) / 8
state["bn.bias"] = torch.tensor([1.5, -2.0])
state["scale"] = torch.tensor(3.25)
torch.save(state, OUT / "plain.pth")
torch.save(state, OUT / "older.pth", _use_new_zipfile_serialization=False)
facts["plain"] = {k: {"shape": list(v.shape), "data": v.flatten().tolist()} for k, v in state.items()}
torch.save(collections.OrderedDict(one=torch.ones(1)), OUT / "one.pth")

wide = collections.OrderedDict(("layer%d.weight" % i, torch.full((2, 1), i / 4)) for i in range(60))
torch.save(wide, OUT / "wide.pth")

base = torch.arange(12, dtype=torch.float32)
mixed = {
    "epoch": 3,
    "best": np.float64(0.75),
    "state_dict": collections.OrderedDict(
        half=base.half(),
        bfloat=base.bfloat16(),
        double=base.double(),
        long=torch.arange(3),
        int=torch.arange(3, dtype=torch.int32),
        byte=torch.arange(3, dtype=torch.uint8),
        flags=torch.tensor([True, False]),
        transposed=base.reshape(3, 4).t(),
        tail=base[8:],
        parameter=torch.nn.Parameter(base[:2].clone()),
        empty=torch.zeros(0, 4),
    ),
    "optimizer": {"state": {0: {"momentum_buffer": torch.ones(2)}}, "param_groups": [{"lr": 0.1}]},
}
torch.save(mixed, OUT / "mixed.pt")
torch.save(mixed, OUT / "mixed-older.pt", _use_new_zipfile_serialization=False)
facts["mixed"] = {
    k: {
        "dtype": str(v.dtype).removeprefix("torch."),
        "shape": list(v.shape),
        "data": v.detach().double().flatten().tolist(),
    }
    for k, v in mixed["state_dict"].items()
}
module = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.BatchNorm1d(2))  # has _metadata
torch.save(module.state_dict(), OUT / "module.pth")
facts["module"] = {k: list(v.shape) for k, v in module.state_dict().items()}


class Pieces:
    """A file of 4 GiB, of which only what is no zero is kept: [first byte, hexadecimal]."""

    def __init__(self):
        self.length, self.pieces = 0, []

    def write(self, data):
        if len(data) < 2**20:
            self.pieces.append([self.length, bytes(data).hex()])
        self.length += len(data)
        return len(data)

    def flush(self):
        pass


large = Pieces()
big = torch.zeros(2**32, dtype=torch.int8)  # takes 8 GB for some seconds
torch.save(collections.OrderedDict(big=big, small=torch.tensor([1.5, -2.0])), large)
facts["large"] = {"length": large.length, "pieces": large.pieces}


# MXNet .params: src/ndarray/ndarray.cc (NDArray::Save, LegacyLoad), type flags of mshadow.
FLAGS = {"float32": 0, "float64": 1, "float16": 2, "uint8": 3, "int32": 4, "int8": 5, "int64": 6}


def ndarray(a, version):
    dims = a.ndim
    if version == 0:
        out = struct.pack(f"<I{dims}I", dims, *a.shape)
    elif version == 1:
        out = struct.pack(f"<II{dims}q", 0xF993FAC8, dims, *a.shape)
    else:
        out = struct.pack(f"<IiI{dims}q", 0xF993FAC7 + version, 0, dims, *a.shape)
    return out + struct.pack("<iii", 1, 0, FLAGS[str(a.dtype)]) + a.tobytes()


def params(arrays, version):
    out = struct.pack("<QQQ", 0x112, 0, len(arrays))
    out += b"".join(ndarray(a, version) for a in arrays.values())
    out += struct.pack("<Q", len(arrays))
    return out + b"".join(struct.pack("<Q", len(n)) + n.encode() for n in arrays)


arrays = {
    "arg:conv0_weight": np.arange(24, dtype=np.float32).reshape(2, 3, 2, 2) / 4,
    "arg:fc1_bias": np.array([0.5, -1], np.float16),
    "aux:bn0_moving_mean": np.array([1, 2, 3], np.float64),
    "aux:count": np.array([[7]], np.int64),
}
for version in (0, 1, 2, 3):
    (OUT / f"v{version}.params").write_bytes(params(arrays, version))
facts["params"] = {
    k: {"dtype": str(v.dtype), "shape": list(v.shape), "data": v.flatten().astype(float).tolist()}
    for k, v in arrays.items()
}



# Sparse arrays: NDArray::Save with num_aux_data > 0; row_sparse has one list of places, csr two.
def sparse(kind, values, shape, *lists):
    def dims(a):
        return struct.pack(f"<I{len(a)}q", len(a), *a)

    out = struct.pack("<Ii", 0xF993FAC9, kind) + dims(values.shape) + dims(shape)
    out += struct.pack("<iii", 1, 0, FLAGS[str(values.dtype)])
    for places in lists:
        out += struct.pack("<i", FLAGS[str(places.dtype)]) + dims(places.shape)
    return out + values.tobytes() + b"".join(places.tobytes() for places in lists)


def row_sparse(dense):
    rows = np.flatnonzero(dense.reshape(len(dense), -1).any(1)).astype(np.int64)
    return sparse(1, dense[rows], dense.shape, rows)


def csr(dense):
    starts = np.concatenate([[0], np.count_nonzero(dense, 1).cumsum()]).astype(np.int64)
    return sparse(2, dense[dense != 0], dense.shape, starts, np.nonzero(dense)[1].astype(np.int64))


table = np.zeros((9, 2, 3), np.float32)
table[[1, 4, 8]] = np.arange(18).reshape(3, 2, 3) / 4 + 1
matrix = np.zeros((4, 5), np.float64)
matrix[0, 1], matrix[0, 4], matrix[2, 0], matrix[3, 4] = 1.5, -2, 3, 4
empty = np.zeros((3, 2), np.float32)
none = np.zeros(0, np.int64)
items = {
    "arg:rows": (table, row_sparse(table)),
    "arg:cells": (matrix, csr(matrix)),
    "arg:no_rows": (empty, row_sparse(empty)),
    # As mx.nd.sparse.zeros('csr', ...) is: never filled.
    "arg:no_cells": (empty, sparse(2, np.zeros(0, np.float32), empty.shape, none, none)),
    "arg:dense": (table[1], ndarray(table[1], 2)),
}
out = struct.pack("<QQQ", 0x112, 0, len(items)) + b"".join(data for _, data in items.values())
out += struct.pack("<Q", len(items))
out += b"".join(struct.pack("<Q", len(name)) + name.encode() for name in items)
(OUT / "sparse.params").write_bytes(out)
facts["sparse"] = {
    k: {"dtype": str(v.dtype), "shape": list(v.shape), "data": v.flatten().astype(float).tolist()}
    for k, (v, _) in items.items()
}

(OUT / "formats.json").write_text(json.dumps(facts) + "\n")
