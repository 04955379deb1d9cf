#!/usr/bin/python3
"""The default search on the splits by which the figures of the audiobooks case were first measured.

usage: bench/audiobooks_reference.py [--seeds N] [--budget SECONDS] [--threads N] [--refit]
       [--search TOML] [--protocols natural balanced] (data in ../shared/data or PERENNIAL_DATA)

Figures are kept in out/bench/audiobooks/figures.jsonl: a bench that was stopped goes on where it was.

The rows stand in the order of corrupt.csv (sorted by the target), its displaced column replaced by that of
audiobooks.csv; seed by seed they are split 80/10/10 as scikit-learn's train_test_split does. `natural`: all rows,
stratified. `balanced`: every buyer and as many others drawn at random, a plain permutation. Ten test sets of a tenth
are a small sample: cross-validation over all rows gives the same XGBoost a ROC-AUC lower by 0.004 than these ten
do, so only the paired difference says which is better. Both learn from the training rows; XGBoost as a hand sets it is
stopped by the validation rows, which the search does not use; with --refit its final model learns from them. The mean
of each figure is held against its floor.
"""
import argparse
import json
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import xgboost as xgb
from scipy import stats
from sklearn.metrics import accuracy_score, brier_score_loss, log_loss, roc_auc_score
from sklearn.model_selection import train_test_split

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from kept import Kept, Taken, digest  # noqa: E402

DATA = os.environ.get("PERENNIAL_DATA", "../shared/data")
PROGRAM = os.environ.get("PERENNIAL_PROGRAM", "build/perennial")
WORK = "out/bench/audiobooks"
FLOORS = {"natural": {"roc_auc": 0.922, "log_loss": 0.212, "brier": 0.065, "calibration_error": 0.02},
          "balanced": {"accuracy": 0.815}}
HIGHER = ("roc_auc", "accuracy")


def rows():
    order = pd.read_csv(f"{DATA}/audiobooks/corrupt.csv")["ID"]
    d = pd.read_csv(f"{DATA}/audiobooks/audiobooks.csv").set_index("CustomerID").loc[order]
    return d.drop(columns="Purchase"), d["Purchase"].to_numpy()


def natural(y, seed):
    train, rest = train_test_split(np.arange(len(y)), test_size=0.2, stratify=y, random_state=seed)
    return train, *train_test_split(rest, test_size=0.5, stratify=y[rest], random_state=seed)


def balanced(y, seed):
    zeros = np.random.default_rng(seed).permutation(np.flatnonzero(y == 0))
    keep = np.sort(np.concatenate([np.flatnonzero(y == 1), zeros[:int(y.sum())]]))
    p = np.random.default_rng(seed).permutation(len(keep))
    a, b = int(0.8 * len(keep)), int(0.9 * len(keep))
    return keep[p[:a]], keep[p[a:b]], keep[p[b:]]


def figures(y, p):
    return {"roc_auc": roc_auc_score(y, p), "log_loss": log_loss(y, p), "brier": brier_score_loss(y, p),
            "accuracy": accuracy_score(y, p >= 0.5)}


def ours(x, y, parts, a, name):
    folder = f"{WORK}/{name}"
    os.makedirs(folder, exist_ok=True)
    for role, i in zip(("train", "validation", "test"), parts):
        np.savez(f"{folder}/{role}.npz", inputs=x.to_numpy(float)[i], targets=y[i].astype(np.int64),
                 ids=np.array([str(c) for c in x.index[i]]), feature_names=np.array([str(c) for c in x.columns]))
    with open(f"{folder}/study.toml", "w", encoding="utf-8") as f:
        f.write('[tables.customers]\nsplits = "."\n[question.buys_again]\n'
                'target = { column = "target", positive = 1 }\nexplore = false\nexplain = false\nreasons = 0\n'
                f'[question.buys_again.validation]\nrefit = {"true" if a.refit else "false"}\n')
        f.write(a.search)
    with Taken() as taken:
        subprocess.run([PROGRAM, "run", f"{folder}/study.toml", "-o", f"{folder}/out", "--budget", f"{a.budget}s",
                        "--threads", str(a.threads)], check=True, stdout=subprocess.DEVNULL)
    with open(f"{folder}/out/buys_again/metrics.json", encoding="utf-8") as f:
        metrics = json.load(f)
    s = pd.read_csv(f"{folder}/out/buys_again/scores.csv")
    s = s[s.role == "test"]
    out = figures(s["target"].to_numpy(int), s["probability 1"].to_numpy())
    out["calibration_error"] = metrics["test"]["expected_calibration_error"]["value"]
    return {"figures": out, "winner": metrics["winner"]["learner"], "settings": metrics["search"]["trials"],
            "cut": metrics["search"]["cut"]} | taken.figures()


def by_hand(x, y, parts, seed):
    train, stop, test = parts
    x = x.to_numpy(float)
    model = xgb.XGBClassifier(n_estimators=1000, max_depth=5, learning_rate=0.05, subsample=0.8, colsample_bytree=0.8,
                              tree_method="hist", early_stopping_rounds=30, eval_metric="logloss", n_jobs=1,
                              random_state=seed)
    model.fit(x[train], y[train], eval_set=[(x[stop], y[stop])], verbose=False)
    return figures(y[test], model.predict_proba(x[test])[:, 1])


def interval(values):
    values = np.asarray(values)
    half = stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / len(values) ** 0.5 if len(values) > 1 else np.nan
    return values.mean(), values.mean() - half, values.mean() + half


def summary(name, own, hand):
    met = True
    for k in own[0]:
        mean = float(np.mean([r[k] for r in own]))
        line = f"{name} {k}: ours {mean:.4f}"
        if k in hand[0]:
            line += ", XGBoost by hand {:.4f}; ours minus it {:+.4f} ({:+.4f} to {:+.4f})".format(
                np.mean([r[k] for r in hand]), *interval([r[k] - h[k] for r, h in zip(own, hand)]))
        if k in FLOORS[name]:
            floor = FLOORS[name][k]
            good = mean >= floor if k in HIGHER else mean <= floor
            line += f"; asked {floor}: {'met' if good else 'MISSED'}"
            met &= good
        print(line, flush=True)
    return met


def told(run):
    return " ".join(f"{k} {v:.4f}" for k, v in run.items())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--budget", type=int, default=60)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--refit", action="store_true", help="the final model learns from the validation rows too")
    parser.add_argument("--search", default="", help="lines of TOML more, say a search section")
    parser.add_argument("--protocols", nargs="*", default=list(FLOORS))
    a = parser.parse_args()
    x, y = rows()
    os.makedirs(WORK, exist_ok=True)
    kept = Kept(f"{WORK}/figures.jsonl")
    met = True
    for name in a.protocols:
        own, hand = [], []
        for seed in range(a.seeds):
            parts = {"natural": natural, "balanced": balanced}[name](y, seed)
            of = f"ours{', refit' if a.refit else ''}, {name} {seed} {a.budget} {digest(PROGRAM)} {a.search}"
            run = kept.get(of, lambda: ours(x, y, parts, a, name))
            own.append(run["figures"])
            hand.append(kept.get(f"by hand {name} {seed}", lambda: by_hand(x, y, parts, seed)))
            print(f"{name} seed {seed}: winner {run['winner']} of {run['settings']} settings, {run['seconds']:.0f} s,",
                  f"{run['cpu']:.0f} of processors,", told(own[-1]), "| by hand", told(hand[-1]), run["cut"], flush=True)
        met &= summary(name, own, hand)
    sys.exit(0 if met else 1)


main()
