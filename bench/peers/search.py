"""FAISS on the vectors of bench/gallery.mjs: search.py flat|hnsw FOLDER SIZE prints one JSON object."""

import json
import os
import sys
import time

import faiss
import numpy as np

index_kind, folder, size = sys.argv[1], sys.argv[2], int(sys.argv[3])
DIM, FACES, COMMIT, MANY = 512, 5, 5000, 32

faces = np.memmap(os.path.join(folder, "faces"), dtype=np.float32, mode="r").reshape(-1, DIM)
queries = np.fromfile(os.path.join(folder, "queries"), dtype=np.float32).reshape(-1, DIM)
truth = np.fromfile(os.path.join(folder, "truth"), dtype=np.int32)

if index_kind == "flat":
    index = faiss.IndexFlatIP(DIM)
else:
    index = faiss.IndexHNSWFlat(DIM, 32, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction = 200
    index.hnsw.efSearch = 256

start = time.perf_counter()
for first in range(0, size, COMMIT):
    index.add(np.ascontiguousarray(faces[first : first + COMMIT]))
seconds = time.perf_counter() - start

times, found = [], 0
people = size // FACES
for query, expected in zip(queries, truth):
    start = time.perf_counter()
    _, ids = index.search(query[None], 5)
    times.append(time.perf_counter() - start)
    found += int(ids[0, 0] % people == expected % people)
times.sort()
many = []
for first in range(0, len(queries) - MANY + 1, MANY):
    start = time.perf_counter()
    index.search(queries[first : first + MANY], 5)
    many.append((time.perf_counter() - start) / MANY)
many.sort()

path = os.path.join(folder, "index.faiss")
faiss.write_index(index, path)
memory = int(next(line for line in open("/proc/self/status") if line.startswith("VmRSS")).split()[1])
print(
    json.dumps(
        {
            "faiss": faiss.__version__,
            "how": index_kind,
            "enrol_per_s": round(size / seconds),
            "p50_ms": round(1000 * times[len(times) // 2], 2),
            "p99_ms": round(1000 * times[int(len(times) * 0.99)], 2),
            "many_ms": round(1000 * many[len(many) // 2], 3),
            "fill_ms": None,
            "recall": found / len(times),
            "memory_mb": round(memory / 1000),
            "disk_mb": round(os.path.getsize(path) / 1e6),
            "delete_s": None,
        }
    )
)
