"""Prints the known answers of tree_test.cc and knn_test.cc, made by scikit-learn 1.2.1.

scikit-learn tries columns in random order and keeps the first of equally good splits, so a case is
usable only if all random states agree ("unique: True").
"""
import numpy as np
from sklearn.neighbors import KNeighborsClassifier
from sklearn.tree import DecisionTreeClassifier


def hash32(a):
    m = 0xFFFFFFFF
    a ^= a >> 16
    a = a * 0x7FEB352D & m
    a ^= a >> 15
    a = a * 0x846CA68B & m
    return a ^ a >> 16


def made_matrix(rows, cols, first=0):
    return np.array([[hash32((first + i) * 64 + j) % 4096 / 16 for j in range(cols)] for i in range(rows)])


def made_classes(x, classes):
    y = []
    for i, r in enumerate(x):
        s = r[0] + 0.5 * r[1] + (60 if r[2] > 128 else 0) + hash32(1000003 + i) % 160
        y.append(min(classes - 1, int(s / (560 / classes))))
    return np.array(y)


def show(name, p, classes):
    values = p.ravel() if classes > 2 else p[:, 1]
    print(name, "{" + ", ".join(repr(float(round(v, 12))) for v in values) + "}")


def tree(name, rows, classes, weight=None, **params):
    x, q = made_matrix(rows, 5), made_matrix(10, 5, 5000)
    y = made_classes(x, classes)
    every = [DecisionTreeClassifier(random_state=s, **params).fit(x, y, sample_weight=weight).predict_proba(q)
             for s in range(30)]
    print("unique:", all(np.array_equal(every[0], p) for p in every), params)
    show(name, every[0], classes)


def knn(name, classes, **params):
    x, q = made_matrix(160, 5), made_matrix(10, 5, 5000)
    m = KNeighborsClassifier(**params).fit(x, made_classes(x, classes))
    d = np.sort(m.kneighbors(q, params["n_neighbors"] + 1)[0], 1)
    print("unique:", not (np.diff(d, axis=1) == 0).any(), params)
    show(name, m.predict_proba(q), classes)


if __name__ == "__main__":
    tree("depth 3", 400, 2, max_depth=3)
    tree("leaves of 15", 400, 2, min_samples_leaf=15)
    tree("entropy", 400, 2, criterion="entropy", max_depth=4, min_samples_leaf=6)
    tree("min_samples_split", 400, 2, min_samples_split=80, min_samples_leaf=4)
    tree("pruned", 400, 2, ccp_alpha=0.006, min_samples_leaf=8)
    tree("pruned by entropy", 400, 2, ccp_alpha=0.02, criterion="entropy", min_samples_leaf=8)
    tree("balanced", 400, 2, class_weight="balanced", max_depth=4, min_samples_leaf=8)
    tree("balanced, entropy, pruned", 400, 3, class_weight="balanced", criterion="entropy", min_samples_leaf=12,
         ccp_alpha=0.02)
    tree("weights", 400, 2, weight=1 + np.arange(400) % 3.0, max_depth=3)
    tree("three classes", 400, 3, max_depth=4, min_samples_leaf=12)
    x = made_matrix(400, 5)
    for criterion in ("gini", "entropy"):
        path = [DecisionTreeClassifier(min_samples_leaf=15, criterion=criterion, random_state=s)
                .cost_complexity_pruning_path(x, made_classes(x, 2)).ccp_alphas for s in range(30)]
        print("unique:", all(np.array_equal(path[0], p) for p in path))
        print("path", criterion, [repr(float(a)) for a in path[0] if a > 0])
    knn("uniform", 2, n_neighbors=5)
    knn("distance", 2, n_neighbors=7, weights="distance", p=1)
    knn("three classes", 3, n_neighbors=9, weights="distance")
