"""Goldens for ROC readings, templates and identification: the protocols again, in numpy, by their
definitions and not by speed.

    /usr/bin/python3 packages/evaluate/goldens/protocols.py > packages/evaluate/goldens/generated/protocols.json

Needs python3-numpy. The tests read only the JSON.
"""

import json
import math
import sys

import numpy as np

rng = np.random.default_rng(4)


def faces(people, images, dim, noise):
    """Rounded to two decimals, so that JSON and float32 hold the same."""
    rows = np.repeat(rng.normal(size=(people, dim)), images, axis=0)
    return np.round(rows + noise * rng.normal(size=rows.shape), 2).astype(np.float32)


def unit(rows):
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


def roc_curve(label, score):
    """sklearn.metrics.roc_curve(label, score) with its default drop_intermediate=True."""
    order = np.argsort(score, kind="mergesort")[::-1]
    label, score = label[order], score[order]
    ends = np.r_[np.where(np.diff(score))[0], len(score) - 1]
    tps = np.cumsum(label)[ends]
    fps = 1 + ends - tps
    if len(fps) > 2:
        keep = np.where(np.r_[True, np.logical_or(np.diff(fps, 2), np.diff(tps, 2)), True])[0]
        tps, fps = tps[keep], fps[keep]
    tps, fps = np.r_[0, tps], np.r_[0, fps]
    return fps / fps[-1], tps / tps[-1]


def nearest(label, score, fars):
    """As InsightFace's recognition/_evaluation_/ijb/ijb_11.py reads its table."""
    fpr, tpr = roc_curve(label, score)
    fpr, tpr = np.flipud(fpr), np.flipud(tpr)
    out = []
    for far in fars:
        _, index = min(zip(abs(fpr - far), range(len(fpr))))
        out.append([tpr[index], fpr[index]])
    return out


def strict(genuine, impostor, fars):
    out = []
    for far in fars:
        allowed = [t for t in np.unique(impostor) if np.mean(impostor > t) <= far]
        t = min(allowed)
        out.append([np.mean(genuine > t), np.mean(impostor > t)])
    return out


def roc_case(name, score, label, fars):
    genuine, impostor = score[label], score[~label]
    wins = (genuine[:, None] > impostor).sum() + 0.5 * (genuine[:, None] == impostor).sum()
    return {
        "name": name,
        "scores": score.tolist(),
        "same": label.astype(int).tolist(),
        "fars": fars,
        "auc": wins / (len(genuine) * len(impostor)),
        "strict": strict(genuine, impostor, fars),
        "nearest": nearest(label, score, fars),
    }


def rocs():
    fars = [0.001, 0.005, 0.01, 0.05, 0.1, 0.3, 0.5, 0.9]
    label = rng.random(400) < 0.3
    smooth = np.round(rng.normal(size=400) * 0.2 + 0.3 * label, 4)
    tied = np.round(rng.normal(size=400) * 0.2 + 0.3 * label, 1)
    apart = np.where(label, 0.9, 0.1) + np.round(rng.random(400) * 0.05, 3)
    few = np.array([True, False])
    return [
        roc_case("smooth", smooth, label, fars),
        roc_case("tied", tied, label, fars),
        roc_case("apart", apart, label, fars),
        roc_case("thrown", np.round(rng.random(400), 4), label, fars),
        roc_case("two pairs", np.array([0.5, 0.4]), few, fars),
    ]


def folded_tar():
    """InsightFace's calculate_val; interp1d(kind='slinear') written out: between the last threshold
    whose FAR does not exceed the target and the next one."""
    folds, per_fold = 5, 40
    same = np.tile(np.arange(per_fold) < per_fold // 2, folds)
    x = unit(faces(40, 2, 6, 0.6).astype(np.float64))
    a = 2 * rng.integers(0, 40, len(same))
    b = np.where(same, a + 1, (a + 2 * rng.integers(1, 40, len(same))) % 80)
    distance = np.sum(np.square(x[a] - x[b]), axis=1)
    thresholds = np.arange(0, 4, 0.001)
    expected = []
    targets = [0.2, 0.1, 0.05, 0.025, 0.0125]  # the last two: 2 and 1 of 80 impostors exactly
    for target in targets:
        vals, fars = [], []
        for test in np.array_split(np.arange(len(same)), folds):
            train = np.setdiff1d(np.arange(len(same)), test)
            impostor = distance[train][~same[train]]
            far_train = (impostor[None, :] < thresholds[:, None]).mean(axis=1)
            threshold = 0.0
            if far_train.max() >= target:
                i = np.where(far_train <= target)[0][-1]
                share = (target - far_train[i]) / (far_train[i + 1] - far_train[i])
                threshold = thresholds[i] + share * (thresholds[i + 1] - thresholds[i])
            accepted = distance[test] < threshold
            vals.append(accepted[same[test]].mean())
            fars.append(accepted[~same[test]].mean())
        expected.append([np.mean(vals), np.std(vals), np.mean(fars)])
    return {
        "distances": distance.tolist(),
        "same": same.astype(int).tolist(),
        "folds": folds,
        "targets": targets,
        "expected": expected,
    }


def pool(images, template_of, media_of, weights=None, norms="keep"):
    """InsightFace's image2template_feature; rounded to float32 at the end, as we store embeddings."""
    x = images.astype(np.float64)
    if norms == "unit":
        x = unit(x)
    if weights is not None:
        x = x * weights[:, None]
    rows = []
    for template in np.unique(template_of):
        inside = template_of == template
        media = media_of[inside]
        rows.append(sum(x[inside][media == m].mean(axis=0) for m in np.unique(media)))
    return unit(np.array(rows)).astype(np.float32)


def templates():
    people, images, dim = 12, 10, 8
    x = faces(people, images, dim, 0.9)
    mirrored = np.round(x + 0.3 * rng.normal(size=x.shape), 2).astype(np.float32)
    person = np.repeat(np.arange(people), images)
    # Three templates a person, of two or more images; numbers with gaps, out of order.
    number = rng.permutation(np.arange(3 * people) * 7 + 5)
    template_of = number[3 * person + np.tile([0, 0, 0, 0, 1, 1, 1, 2, 2, 2], people)]
    media_of = np.tile([4, 9, 9, 9, 9, 4, 4, 1, 2, 1], people)
    weights = np.round(0.5 + rng.random(len(x)) / 2, 2).astype(np.float32)
    shuffled = rng.permutation(len(x))
    x, mirrored, template_of = x[shuffled], mirrored[shuffled], template_of[shuffled]
    media_of, weights, person = media_of[shuffled], weights[shuffled], person[shuffled]

    ids = np.unique(template_of)
    of_template = np.array([person[template_of == i][0] for i in ids])
    a, b = (side.ravel() for side in np.triu_indices(len(ids), 1))
    label = of_template[a] == of_template[b]
    fars = [0.01, 0.1]
    cases = []
    for name, options in [
        ("plain", {}),
        ("flip", {"flip": True}),
        ("detector scores", {"weights": True}),
        ("unit, flip, detector scores", {"flip": True, "weights": True, "norms": "unit"}),
        ("a video a template", {"one_medium": True}),
    ]:
        source = x.astype(np.float64) + mirrored if options.get("flip") else x
        pooled = pool(
            source,
            template_of,
            np.zeros_like(media_of) if options.get("one_medium") else media_of,
            weights.astype(np.float64) if options.get("weights") else None,
            options.get("norms", "keep"),
        )
        wide = pooled.astype(np.float64)
        score = np.sum(wide[a] * wide[b], axis=1)
        cases.append(
            {
                "name": name,
                "options": options,
                "pooled": [float(v) for v in pooled.ravel()],
                "scores": score[:60].tolist(),
                "strict": strict(score[label], score[~label], fars),
                "nearest": nearest(label, score, fars),
            }
        )
    return {
        "dim": dim,
        "embeddings": [round(float(v), 2) for v in x.ravel()],
        "mirrored": [round(float(v), 2) for v in mirrored.ravel()],
        "templateOf": template_of.tolist(),
        "mediaOf": media_of.tolist(),
        "weights": [round(float(v), 2) for v in weights],
        "ids": ids.tolist(),
        "a": ids[a].tolist(),
        "b": ids[b].tolist(),
        "same": label.astype(int).tolist(),
        "fars": fars,
        "cases": cases,
    }


def identification():
    dim, enrolled, strangers = 6, 30, 20
    x = faces(enrolled + strangers, 4, dim, 0.55)
    person = np.repeat(np.arange(enrolled + strangers), 4)
    place = np.tile(np.arange(4), enrolled + strangers)
    distractors = np.round(rng.normal(size=(150, dim)), 2).astype(np.float32)
    # The first image of the first thirty is enrolled, of every third of them a second one too.
    in_gallery = (person < enrolled) & ((place == 0) | ((place == 1) & (person % 3 == 0)))
    gallery = np.concatenate([x[in_gallery], distractors])
    gallery_of = np.concatenate([person[in_gallery], np.full(len(distractors), -1)])
    turn = rng.permutation(len(gallery))
    gallery, gallery_of = gallery[turn], gallery_of[turn]
    probes, probe_of = x[~in_gallery], person[~in_gallery]
    similarity = unit(probes.astype(np.float64)) @ unit(gallery.astype(np.float64)).T
    mate = probe_of[:, None] == gallery_of[None, :]
    mated = mate.any(axis=1)

    keep = 8
    best_mate = np.where(mate, similarity, -9).max(axis=1)
    rank = 1 + ((similarity >= best_mate[:, None]) & ~mate).sum(axis=1)
    cmc = [np.mean(rank[mated] <= k) for k in range(1, keep + 1)]

    top = np.where(mate, -9, similarity).max(axis=1)
    alarms = top[~mated]
    fpirs, open_set = [0.05, 0.1, 0.3], []
    for limit in [1, 3]:
        for fpir in fpirs:
            threshold = min(t for t in alarms if np.mean(alarms > t) <= fpir)
            hit = (best_mate[mated] > threshold) & (rank[mated] <= limit)
            open_set.append({"rank": limit, "fpir": fpir, "tpir": hit.mean(), "threshold": threshold})

    # InsightFace's ijb_1n.py: closed set, threshold among the scores of all couples of two people.
    closed = similarity[mated]
    others = np.sort(closed[~mate[mated]])[::-1]
    insightface = []
    for fpir in fpirs:
        threshold = others[math.ceil(len(closed) * fpir) - 1]
        insightface.append({"fpir": fpir, "tpir": np.mean(best_mate[mated] > threshold), "threshold": threshold})

    # MegaFace: every ordered couple of a person's images among the distractors.
    q = unit(x[person < 25].astype(np.float64))
    of = person[person < 25]
    noise = q @ unit(distractors.astype(np.float64)).T
    ranks, genuine = [], []
    for i in range(len(q)):
        for j in range(len(q)):
            if i != j and of[i] == of[j]:
                genuine.append(q[i] @ q[j])
                ranks.append(1 + np.sum(noise[i] >= genuine[-1]))
    fars = [1e-3, 1e-2]
    megaface = {
        "probes": int(np.sum(person < 25)),
        "cmc": [np.mean(np.array(ranks) <= k) for k in range(1, keep + 1)],
        "couples": len(ranks),
        "fars": fars,
        "strict": strict(np.array(genuine), noise.ravel(), fars),
    }
    flat = lambda rows: [round(float(v), 2) for v in rows.ravel()]
    return {
        "dim": dim,
        "keep": keep,
        "faces": flat(x),
        "person": person.tolist(),
        "distractors": flat(distractors),
        "probes": flat(probes),
        "probeOf": probe_of.tolist(),
        "gallery": flat(gallery),
        "galleryOf": gallery_of.tolist(),
        "cmc": cmc,
        "openSet": open_set,
        "insightface": insightface,
        "megaface": megaface,
    }


json.dump(
    {
        "rocs": rocs(),
        "foldedTar": folded_tar(),
        "templates": templates(),
        "identification": identification(),
    },
    sys.stdout,
)
sys.stdout.write("\n")
