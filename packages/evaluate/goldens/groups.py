"""Goldens for the groups of people: error rates and how they differ, again in numpy, by their definitions: a pair of
faces at a time.

    python3 packages/evaluate/goldens/groups.py > packages/evaluate/goldens/generated/groups.json

Needs numpy and scipy. The tests read only the JSON.
"""

import json
import sys
from itertools import combinations

import numpy as np
from scipy import stats

rng = np.random.default_rng(15)
DIM = 8
NAMES = ["a", "b", "c"]


def faces(noise):
    """People of three groups of 12, 9 and 6; 2 to 5 faces each; one group's faces are noisier."""
    rows, person, group = [], [], []
    shared = rng.normal(size=(3, DIM))
    number = 0
    for g, people in enumerate([12, 9, 6]):
        for _ in range(people):
            centre = rng.normal(size=DIM) + [0.3, 0.9, 0.6][g] * shared[g]
            for _ in range(rng.integers(2, 6)):
                row = centre + noise[g] * rng.normal(size=DIM)
                rows.append(np.round(row, 2))
                person.append(number)
                group.append(g)
            number += 1
    return np.array(rows, np.float32), np.array(person), np.array(group)


def rates(pairs, wrong, chosen):
    of = [w for p, w in zip(pairs, wrong) if chosen(*p)]
    return None if not of else {"errors": int(sum(of)), "trials": len(of), "value": sum(of) / len(of)}


def gini(x):
    x = np.array(x)
    n, mean = len(x), np.mean(x)
    total = sum(abs(u - v) for u in x for v in x)
    return n / (n - 1) * total / (2 * n**2 * mean)


def differential(x):
    x = np.array(x)
    geometric = np.prod(x) ** (1 / len(x))
    return {
        "maxToMin": x.max() / x.min() if x.min() > 0 else None,
        "maxToGeometricMean": x.max() / geometric if x.min() > 0 else None,
        "gini": gini(x),
    }


def case(name, group, threshold):
    unit = ROWS / np.linalg.norm(ROWS, axis=1, keepdims=True)
    everything = list(combinations(range(len(PERSON)), 2))
    cosine = {p: float(unit[p[0]] @ unit[p[1]]) for p in everything}
    genuine = [p for p in everything if PERSON[p[0]] == PERSON[p[1]]]
    impostor = [p for p in everything if PERSON[p[0]] != PERSON[p[1]]]
    missed = [cosine[p] <= threshold for p in genuine]
    matched = [cosine[p] > threshold for p in impostor]
    cells = {}
    for g in range(3):
        for h in range(g, 3):
            among = lambda i, j: sorted([group[i], group[j]]) == [g, h]
            cells[NAMES[g] + NAMES[h]] = {
                "fmr": rates(impostor, matched, among),
                "fnmr": rates(genuine, missed, among),
            }
    within = {k: [cells[n + n][k]["value"] for n in NAMES] for k in ["fmr", "fnmr"]}
    known = lambda i, j: group[i] >= 0 and group[j] >= 0
    fdr = 1 - 0.5 * np.ptp(within["fmr"]) - 0.5 * np.ptp(within["fnmr"])
    return {
        "name": name,
        "groupOf": [int(g) for g in group],
        "threshold": threshold,
        "cells": cells,
        "fmr": rates(impostor, matched, lambda i, j: True),
        "fnmr": rates(genuine, missed, lambda i, j: True),
        "fmrWithin": rates(impostor, matched, lambda i, j: known(i, j) and group[i] == group[j]),
        "fmrAcross": rates(impostor, matched, lambda i, j: known(i, j) and group[i] != group[j]),
        "differential": {k: differential(within[k]) for k in within},
        "fdr": fdr,
        "garbe": 0.5 * gini(within["fmr"]) + 0.5 * gini(within["fnmr"]),
    }


ROWS, PERSON, GROUP = faces([0.7, 0.8, 0.9])
BY_IMAGE = np.where(rng.random(len(GROUP)) < 0.8, GROUP, rng.integers(-1, 3, len(GROUP)))
unit64 = ROWS.astype(np.float64) / np.linalg.norm(ROWS, axis=1, keepdims=True)
IMPOSTORS = np.sort([unit64[i] @ unit64[j] for i, j in combinations(range(len(PERSON)), 2) if PERSON[i] != PERSON[j]])[::-1]

# Of the RFW leaderboard's form: accuracies of four groups in percent; the deviation over n - 1, errors largest by smallest.
RFW = [97.08, 95.63, 95.57, 94.87]

json.dump(
    {
        "dim": DIM,
        "rows": [round(float(v), 2) for v in ROWS.ravel()],
        "person": PERSON.tolist(),
        "cases": [case("by person", GROUP, 0.6), case("by image", BY_IMAGE, 0.45)],
        "atFar": [
            {"far": far, "threshold": float(min(t for t in IMPOSTORS if np.mean(IMPOSTORS > t) <= far))}
            for far in [0.01, 0.05, 0.3]
        ],
        "measures": [
            {"values": x, **differential(x)}
            for x in [[0.1, 0.2], [0.3, 0.3, 0.3], [1e-3, 5e-4, 2e-3, 1e-4], [0.2, 0.0, 0.1], [0.4, 0.0]]
        ],
        "rfw": {
            "accuracies": RFW,
            "std": float(np.std(RFW, ddof=1)),
            "skewedErrorRatio": float((100 - min(RFW)) / (100 - max(RFW))),
        },
        "binomial": [
            {
                "count": k,
                "trials": n,
                "level": level,
                "low": 0 if k == 0 else stats.beta.ppf((1 - level) / 2, k, n - k + 1),
                "high": 1 if k == n else stats.beta.ppf((1 + level) / 2, k + 1, n - k),
            }
            for k, n, level in [(0, 10, 0.95), (1, 10, 0.95), (3, 400, 0.9), (10, 10, 0.95), (150, 5000, 0.99), (2, 10**7, 0.95)]
        ],
        "student": [{"share": q, "degrees": d, "value": stats.t.ppf(q, d)} for q in [0.025, 0.005] for d in [5, 10, 50]],
        "normal": [{"share": q, "value": stats.norm.ppf(q)} for q in [0.5, 0.025, 0.9, 1e-4]],
    },
    sys.stdout,
)
sys.stdout.write("\n")
