"""Goldens for the calibration of cosines: Cllr, minCllr, both fits, the bounds, cross-fitting and reliability, in numpy
and scikit-learn, by their definitions and not by speed.

    python3 packages/evaluate/goldens/calibration.py > packages/evaluate/goldens/generated/calibration.json

Needs numpy and scikit-learn. The tests read only the JSON.
"""

import json
import sys

import numpy as np
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

rng = np.random.default_rng(15)
PEOPLE = 40


def sample():
    """Cosines of people who are not all alike, with ties; weights differ."""
    bias = rng.normal(size=PEOPLE) * 0.05
    genuine = rng.integers(0, PEOPLE, 500)
    a = rng.integers(0, PEOPLE, 1500)
    b = (a + rng.integers(1, PEOPLE, 1500)) % PEOPLE
    first, second = np.r_[genuine, a], np.r_[genuine, b]
    same = np.r_[np.ones(500, int), np.zeros(1500, int)]
    spread = np.where(same, 0.5 + 0.17 * rng.normal(size=2000), 0.02 + 0.1 * rng.normal(size=2000))
    cosine = np.round(np.clip(spread + bias[first], -0.9, 0.99), 3)
    weight = np.round(rng.uniform(0.5, 2, 2000), 2)
    return cosine, same, first, second, weight


def shares(weight, same):
    """Each kind sums to 1."""
    w = weight.astype(float).copy()
    for kind in (0, 1):
        w[same == kind] /= w[same == kind].sum()
    return w


def cllr(llr, same, w):
    with np.errstate(over="ignore"):
        genuine = w[same == 1] @ np.log2(1 + np.exp(-llr[same == 1]))
        impostor = w[same == 0] @ np.log2(1 + np.exp(llr[same == 0]))
    return (genuine + impostor) / 2


def pav(cosine, same, w):
    return IsotonicRegression().fit(cosine, same, sample_weight=w).predict(cosine)


def min_cllr(cosine, same, w):
    p = pav(cosine, same, w)
    with np.errstate(divide="ignore"):
        return cllr(np.log(p) - np.log(1 - p), same, w)


def count(same, first, second):
    people = len(set(first[same == 1]))
    couples = len({tuple(sorted(pair)) for pair in zip(first[same == 0], second[same == 0])})
    return people, couples


def isotonic(cosine, same, weight, first, second):
    """At either end a genuine pair that counts as a person, and an impostor pair that counts as a couple, more."""
    w = shares(weight, same)
    people, couples = count(same, first, second)
    ends = [cosine.min() - 1, cosine.min() - 1, cosine.max() + 1, cosine.max() + 1]
    x = np.r_[ends, cosine]
    y = np.r_[[1, 0, 1, 0], same]
    p = pav(x, y, np.r_[[1 / people, 1 / couples] * 2, w])[4:]
    prior = np.log((1 + 2 / people) / (1 + 2 / couples))
    llr = np.log(p) - np.log(1 - p) - prior
    at, where = np.unique(cosine, return_index=True)
    return lambda c: np.interp(c, at, llr[where])


def logistic(cosine, same, weight, prior):
    w = shares(weight, same)
    genuine, impostor = w[same == 1] @ cosine[same == 1], w[same == 0] @ cosine[same == 0]

    def columns(c):
        u = (c - impostor) / (genuine - impostor)
        return np.c_[u, np.maximum(u, 0) ** 2]

    ridge = 0.02 * min(prior, 1 - prior) / len(cosine)
    fit = LogisticRegression(C=1 / ridge, solver="newton-cholesky", tol=1e-12, max_iter=500)
    fit.fit(columns(cosine), same, sample_weight=w * np.where(same, prior, 1 - prior))
    assert (fit.coef_ > 0).all()
    offset = np.log(prior / (1 - prior))
    low, high = cosine.min(), cosine.max()
    return lambda c: fit.decision_function(columns(np.clip(c, low, high))) - offset


def bound(llr, same, w, one, kind):
    """The largest ratio up to which a decision by it beats one that does not look, by trying them all."""
    last = 0.0
    for t in np.arange(1e-4, 20, 1e-4):
        reached = llr >= t
        right = w[reached & (same == kind)].sum()
        wrong = w[reached & (same != kind)].sum() + one
        if t > np.log(max(right, 1e-300) / wrong) or not reached.any():
            return last
        last = t
    return last


def cross(cosine, same, weight, first, second, part, parts, fit):
    llr = np.zeros(len(cosine))
    for f in range(parts):
        for g in range(f, parts):
            a, b = part[first], part[second]
            tried = (np.minimum(a, b) == f) & (np.maximum(a, b) == g)
            kept = ~np.isin(a, [f, g]) & ~np.isin(b, [f, g])
            if tried.any():
                curve = fit(cosine[kept], same[kept], weight[kept], first[kept], second[kept])
                llr[tried] = curve(cosine[tried])
    return llr


def reliability(llr, same, w, prior):
    p = 1 / (1 + (1 - prior) / prior * np.exp(-llr))
    edges = [0, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 1]
    counts = w * np.where(same, prior, 1 - prior)
    rows = []
    for low, high in zip(edges, edges[1:]):
        inside = (p >= low) & ((p < high) | (high == 1))
        if inside.any():
            c = counts[inside]
            rows.append([low, high, c @ p[inside] / c.sum(), c @ same[inside] / c.sum(), int(inside.sum())])
    return rows


def main():
    cosine, same, first, second, weight = sample()
    w = shares(weight, same)
    people, couples = count(same, first, second)
    grid = np.round(np.linspace(-0.3, 1, 40), 4)
    priors = [0.5, 0.02, 0.9]
    part = rng.permutation(np.arange(PEOPLE) % 4)
    crossed = {
        "logistic": cross(cosine, same, weight, first, second, part, 4, lambda c, s, x, *_: logistic(c, s, x, 0.5)),
        "isotonic": cross(cosine, same, weight, first, second, part, 4, isotonic),
    }
    free = crossed["logistic"]
    json.dump(
        {
            "cosine": cosine.tolist(),
            "same": same.tolist(),
            "first": first.tolist(),
            "second": second.tolist(),
            "weight": weight.tolist(),
            "people": PEOPLE,
            "support": [people, couples],
            "minCllr": min_cllr(cosine, same, w),
            "grid": grid.tolist(),
            "isotonic": isotonic(cosine, same, weight, first, second)(grid).tolist(),
            "priors": priors,
            "logistic": [logistic(cosine, same, weight, prior)(grid).tolist() for prior in priors],
            "part": part.tolist(),
            "crossed": {name: llr.tolist() for name, llr in crossed.items()},
            "cllr": {name: cllr(llr, same, w) for name, llr in crossed.items()},
            "bounds": [-bound(-free, same, w, 1 / people, 0), bound(free, same, w, 1 / couples, 1)],
            "reliability": {prior: reliability(free, same, w, prior) for prior in priors},
        },
        sys.stdout,
    )


main()
