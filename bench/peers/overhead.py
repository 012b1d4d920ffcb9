"""The cost of one call of an operator from Python, on tensors of one element, driven over a pipe.

    /usr/bin/python3 bench/peers/overhead.py add

One JSON line when ready; then every line `run N` is answered by {"seconds": s} for N times 1000 calls;
`quit` or the end of the input ends it. The calls are those of bench/bridge.mjs, by the same names.
"""

import json
import sys
import time

import torch

CALLS = 1000


def calls():
    a, b = torch.ones(1), torch.ones(1)
    w = torch.ones(1, requires_grad=True)
    four = [torch.ones(1) for _ in range(4)]
    return {
        "add": lambda: torch.add(a, b),
        "add scalar": lambda: torch.add(a, 2),
        "add in place": lambda: a.add_(b),
        "mul with graph": lambda: torch.mul(w, b),
        "reshape": lambda: torch.reshape(a, [1, 1]),
        "cat of 4": lambda: torch.cat(four),
        "max of dim": lambda: torch.max(a, 0),
        "sum": lambda: torch.sum(a),
    }


def main():
    torch.set_num_threads(1)
    call = calls()[sys.argv[1]]
    print(json.dumps({"ready": True, "torch": torch.__version__, "python": sys.version.split()[0]}), flush=True)
    for line in sys.stdin:
        word, _, count = line.strip().partition(" ")
        if word != "run":
            break
        start = time.perf_counter()
        for _ in range(int(count) * CALLS):
            call()
        print(json.dumps({"seconds": time.perf_counter() - start}), flush=True)


main()
