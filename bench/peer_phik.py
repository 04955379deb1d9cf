"""φK of all pairs of columns of a CSV file with numpy and scipy, after the paper (Baak et al. 2018):
ten uniform bins for numbers, Pearson's chi-squared against independence less its degrees of freedom,
and by root finding the correlation of a bivariate normal distribution, binned alike on [-5, 5], that
has it. Cell probabilities by Gauss and Legendre's quadrature.

    peer_phik.py FILE.csv [MATRIX.csv]     prints the seconds, the median of three
"""
import csv
import statistics
import sys
import time

import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm

NODES, WEIGHTS = np.polynomial.legendre.leggauss(200)


def cells(rho, r, k):
    a, b = np.linspace(-5, 5, r + 1), np.linspace(-5, 5, k + 1)
    if rho >= 1:
        low = np.maximum.outer(a[:-1], b[:-1])
        high = np.minimum.outer(a[1:], b[1:])
        return np.where(high > low, norm.cdf(high) - norm.cdf(low), 0)
    x = np.add.outer((a[1:] + a[:-1]) / 2, NODES * 5 / r)
    weight = norm.pdf(x) * WEIGHTS * 5 / r
    below = norm.cdf((b - rho * x[..., None]) / np.sqrt(1 - rho * rho))
    return np.einsum("iq,iqj->ij", weight, np.diff(below, axis=2))


class Peer:
    def __init__(self):
        self.independent = {}

    def distance(self, rho, r, k):
        if (r, k) not in self.independent:
            self.independent[r, k] = cells(0, r, k)
        p = self.independent[r, k]
        return float(((cells(rho, r, k) - p) ** 2 / p).sum())

    def phik(self, table):
        table = table[table.any(axis=1)][:, table.any(axis=0)]
        r, k = table.shape
        if min(r, k) < 2:
            return float("nan")
        n = table.sum()
        expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / n
        chi, noise, most = ((table - expected) ** 2 / expected).sum(), (r - 1) * (k - 1), n * (min(r, k) - 1)
        if chi <= noise:
            return 0.0
        if chi >= most:
            return 1.0
        scale = (most - noise) / self.distance(1, r, k)
        return brentq(lambda rho: noise + scale * self.distance(rho, r, k) - chi, 0, 1, xtol=1e-6)


def binned(values):
    try:
        v = np.array(values, dtype=float)
    except ValueError:
        return np.unique(values, return_inverse=True)[1]
    borders = np.linspace(v.min() - 1e-14, v.max(), 11)
    return np.clip(np.searchsorted(borders, v, side="left") - 1, 0, 9)


def matrix(columns):
    peer, codes = Peer(), [binned(c) for c in columns]
    out = np.eye(len(columns))
    for i, a in enumerate(codes):
        for j in range(i):
            table = np.zeros((a.max() + 1, codes[j].max() + 1))
            np.add.at(table, (a, codes[j]), 1)
            out[i, j] = out[j, i] = peer.phik(table)
    return out


def main():
    with open(sys.argv[1], encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    columns, seconds = list(zip(*rows)), []
    for _ in range(3):
        begin = time.perf_counter()
        result = matrix(columns)
        seconds.append(time.perf_counter() - begin)
    if len(sys.argv) > 2:
        np.savetxt(sys.argv[2], result, delimiter=",", fmt="%.9f")
    print(f"{statistics.median(seconds):.6f}")


if __name__ == "__main__":
    main()
