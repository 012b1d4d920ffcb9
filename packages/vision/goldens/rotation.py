"""Rotations by another way, for rotation.test.ts: pip install cryptography, then python3 rotation.py."""
import hashlib
import hmac
import json
import math
import pathlib
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


def hkdf(key, info, length):
    """RFC 5869 with an empty salt; at most one block of SHA-256."""
    secret = hmac.new(bytes(32), key, hashlib.sha256).digest()
    return hmac.new(secret, info + b"\x01", hashlib.sha256).digest()[:length]


def normals(key, context, count):
    secret = hkdf(key, f"arcface rotation 1 matrix {context}".encode(), 32)
    stream = Cipher(algorithms.AES(secret), modes.CTR(bytes(16))).encryptor()
    words = struct.unpack(f">{4096}I", stream.update(bytes(4 * 4096)))
    pairs = iter(zip(words[::2], words[1::2]))
    uniform = ((2 * ((high << 20) + (low >> 12)) + 1 - (1 << 52)) / (1 << 52) for high, low in pairs)
    found = []
    while len(found) < count:
        u, v = next(uniform), next(uniform)
        s = u * u + v * v
        if s < 1:
            found += [u * math.sqrt(-2 * math.log(s) / s), v * math.sqrt(-2 * math.log(s) / s)]
    return found[:count]


def product(a, b):
    return [[math.fsum(x * y for x, y in zip(row, column)) for column in zip(*b)] for row in a]


def rotation(key, n, context):
    """The product of whole reflections, each written as a matrix."""
    drawn = normals(key, f"{n} {context}", n * (n + 1) // 2)
    q = [[float(i == j) for j in range(n)] for i in range(n)]
    for first in range(n):
        x, drawn = drawn[: n - first], drawn[n - first :]
        sign = -1 if x[0] < 0 else 1
        length = math.sqrt(math.fsum(v * v for v in x))
        w = [0.0] * first + [x[0] + sign * length] + x[1:]
        squares = math.fsum(v * v for v in w)
        # The reflection that turns x to the first axis; what lies before it stays.
        part = [
            [
                (float(i == j) if i < first or j < first else -sign * (float(i == j) - 2 * w[i] * w[j] / squares))
                for j in range(n)
            ]
            for i in range(n)
        ]
        q = product(q, part)
    return q


key = bytes(range(32))
cases = []
for n, context in ((1, "a"), (2, "a"), (5, "gallery"), (5, "another"), (16, "gallery")):
    name = hkdf(key, f"arcface rotation 1 id {n} {context}".encode(), 16).hex()
    cases.append({"dimension": n, "context": context, "id": name, "rows": rotation(key, n, context)})
out = pathlib.Path(__file__).parent / "generated" / "rotation.json"
out.write_text(json.dumps({"key": key.hex(), "cases": cases}) + "\n")
