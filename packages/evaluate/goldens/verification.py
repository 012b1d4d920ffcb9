"""Goldens for verification(): the LFW protocol again, in numpy, by the definitions and not by speed.

    /usr/bin/python3 packages/evaluate/goldens/verification.py > packages/evaluate/goldens/generated/verification.json

Needs python3-numpy. The tests read only the JSON.
"""

import json
import sys

import numpy as np

rng = np.random.default_rng(20)


def kfold(count, folds):
    """sklearn.model_selection.KFold(folds, shuffle=False)."""
    return np.array_split(np.arange(count), folds)


def protocol(embeddings, a, b, same, folds):
    x = embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)
    distance = np.sum(np.square(x[a] - x[b]), axis=1)
    thresholds = np.arange(0, 4, 0.01)
    assert len(thresholds) == 400
    right = (distance[None, :] < thresholds[:, None]) == same[None, :]  # 400 x pairs
    accuracies = []
    for test in kfold(len(same), folds):
        train = np.setdiff1d(np.arange(len(same)), test)
        accuracies.append(right[np.argmax(right[:, train].mean(axis=1))][test].mean())
    best = thresholds[np.argmax(right.mean(axis=1))]

    cosine = 1 - distance / 2
    genuine, impostor = cosine[same], cosine[~same]
    wins = (genuine[:, None] > impostor[None, :]).sum() + 0.5 * (genuine[:, None] == impostor[None, :]).sum()
    tar, at = {}, {}
    for name in ["1e-1", "1e-2", "1e-3"]:
        # Of all thresholds that make a difference, those whose FAR does not exceed the target.
        allowed = [t for t in impostor if np.mean(impostor > t) <= float(name)]
        tar[name] = max(np.mean(genuine > t) for t in allowed)
        if len(impostor) * float(name) >= 1:
            at[name] = min(allowed)
    return {
        "accuracy": np.mean(accuracies),
        "std": np.std(accuracies),
        "foldAccuracies": accuracies,
        "threshold": 1 - best / 2,
        "auc": wins / (len(genuine) * len(impostor)),
        "tarAtFar": tar,
        "thresholdAtFar": at,
    }


def labels(per_fold, folds):
    """As in LFW's list: in each fold first the genuine pairs, then the impostors."""
    return np.tile(np.arange(per_fold) < per_fold // 2, folds)


def faces(people, images, dim, noise):
    centres = rng.normal(size=(people, dim))
    rows = np.repeat(centres, images, axis=0) + noise * rng.normal(size=(people * images, dim))
    return np.round(rows, 2).astype(np.float32)


def pairs(same, people, images):
    a = rng.integers(0, people * images, len(same))
    other = (a // images + rng.integers(1, people, len(same))) % people
    b = np.where(same, a // images, other) * images + rng.integers(0, images, len(same))
    return a, b


def case(name, embeddings, a, b, same, folds):
    result = protocol(embeddings.astype(np.float64), a, b, same, folds)
    return {
        "name": name,
        "dim": embeddings.shape[1],
        "folds": folds,
        "embeddings": [round(float(v), 2) for v in embeddings.ravel()],
        "a": a.tolist(),
        "b": b.tolist(),
        "same": same.astype(int).tolist(),
        "expected": result,
    }


def main():
    cases = []

    same = labels(24, 10)
    cases.append(case("overlapping faces", faces(12, 4, 6, 1.0), *pairs(same, 12, 4), same, 10))

    same = labels(10, 5)
    cases.append(case("faces apart", faces(8, 4, 16, 0.05), *pairs(same, 8, 4), same, 5))

    # 53 pairs in 5 folds: the first three hold 11.
    same = np.arange(53) % 2 == 0
    cases.append(case("folds of two lengths", faces(8, 4, 5, 0.7), *pairs(same, 8, 4), same, 5))

    # Corners of a cube: distances are exactly 0, 1, 2, 3 or 4, and 1, 2, 3 lie on the grid of
    # thresholds. Labels are thrown, so accuracies tie over long stretches of thresholds too.
    corners = (np.array(np.meshgrid(*[[-0.5, 0.5]] * 4)).reshape(4, -1).T).astype(np.float32)
    same = rng.permutation(labels(20, 6))
    a, b = rng.integers(0, 16, len(same)), rng.integers(0, 16, len(same))
    b[:10] = a[:10]
    cases.append(case("ties on the thresholds", corners, a, b, same, 6))

    # All pairs at the same distance: nothing to tell them apart by.
    same = labels(4, 2)
    cases.append(case("one distance", np.eye(2, dtype=np.float32) * 3, 0 * same, 0 * same + 1, same, 2))

    # More than 1,000 impostors, so that FAR 1e-3 is measured.
    same = labels(240, 10)
    cases.append(case("enough impostors", faces(30, 4, 8, 0.8), *pairs(same, 30, 4), same, 10))

    json.dump(cases, sys.stdout)
    sys.stdout.write("\n")


main()
