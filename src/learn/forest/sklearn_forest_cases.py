"""Prints the figures of forest_test.cc and naive_bayes_test.cc, made by scikit-learn 1.2.1."""
import sys
from pathlib import Path

import numpy as np
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.naive_bayes import GaussianNB

sys.path.append(str(Path(__file__).parents[1] / "tree"))
from sklearn_cases import hash32, made_classes, made_matrix, show  # noqa: E402


def customers(rows, first):
    """Like the shop's table: 22 columns, of which 6 take four values and 6 take two; a third in class 1."""
    x = made_matrix(rows, 22, first)
    x[:, 10:16] = np.floor(x[:, 10:16] / 64)
    x[:, 16:] = x[:, 16:] >= 128
    noise = np.array([hash32(1000003 + first + i) % 160 for i in range(rows)])
    score = x[:, 0] + 0.5 * x[:, 1] + 60 * (x[:, 2] > 128) + 20 * x[:, 10] + 40 * x[:, 16] + noise
    return x, (score > 398).astype(int)


def forest(kind, **params):
    (x, y), (q, t) = customers(972, 0), customers(2000, 100000)
    auc, loss = [], []
    for seed in range(10):
        p = kind(500, n_jobs=2, random_state=seed, **params).fit(x, y).predict_proba(q)[:, 1]
        auc.append(roc_auc_score(t, p))
        loss.append(log_loss(t, p))
    print(kind.__name__, params, y.mean(), "auc", np.mean(auc), np.std(auc), "log loss", np.mean(loss), np.std(loss))


def bayes(name, classes, repeats=None, **params):
    x, q = made_matrix(400, 5), made_matrix(10 if classes == 2 else 5, 5, 5000)
    y = made_classes(x, classes)
    repeats = np.ones(400, int) if repeats is None else repeats
    p = GaussianNB(**params).fit(np.repeat(x, repeats, 0), np.repeat(y, repeats)).predict_proba(q)
    show(name, p, classes)


if __name__ == "__main__":
    for kind in (RandomForestClassifier, ExtraTreesClassifier):
        for params in (dict(min_samples_leaf=2), dict(), dict(min_samples_leaf=5, class_weight="balanced"), dict(min_samples_leaf=2, criterion="entropy")):
            forest(kind, **params)
    bayes("default", 2)
    bayes("smoothed", 2, var_smoothing=0.1)
    bayes("three classes", 3)
    bayes("weights", 3, 1 + np.arange(400) % 3, var_smoothing=1e-3)
