#!/usr/bin/python3
"""The default search against XGBoost tuned by 50 random trials with 5-fold cross-validation.

usage: bench/compare_search.py [TABLE...] [--seeds N] [--trials N]
       (after `make build`; data in ../shared/data or PERENNIAL_DATA; tables that are absent are left out)

Both learn from the same training rows and are judged on the same test rows: those of scores.csv. The peer
reads the same files with pandas; text becomes 0/1 columns, missing numbers stay missing. Stated beside
it: scikit-learn's HistGradientBoosting and a random forest, with their defaults. Per table the mean over
seeds of the difference in test ROC-AUC, with a t interval over the seeds; over the tables the mean of those.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import xgboost as xgb
from scipy import stats
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_score

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
DATA = os.environ.get("PERENNIAL_DATA", "../shared/data")
PROGRAM = os.environ.get("PERENNIAL_PROGRAM", "build/perennial")


def one_table(path, drop, separator=","):
    def read(folder):
        d = pd.read_csv(f"{folder}/{path}", sep=separator, encoding="utf-8-sig", na_values=[" "])
        return d, d.drop(columns=drop)
    return read


def shop(folder):
    # Written for the bench of the first release: imported late, because it silences warnings.
    import peer_shop
    d = peer_shop.join(*peer_shop.clean(peer_shop.read(folder)))
    return d, peer_shop.features(d)[0]


TABLES = {
    "shop": ("bench/search/shop.toml", "shop/v1", "decline", "id", shop),
    "audiobooks": ("examples/audiobooks.toml", "audiobooks", "buys_again", "CustomerID",
                   one_table("audiobooks.csv", ["CustomerID", "Purchase"])),
    "telco": ("examples/telco.toml", "telco_ibm", "leaves", "customerID",
              one_table("WA_Fn-UseC_-Telco-Customer-Churn.csv", ["customerID", "Churn"])),
    "ecommerce": ("bench/search/ecommerce.toml", "ecommerce_churn", "leaves", "CustomerID",
                  one_table("E_Commerce_Dataset.csv", ["CustomerID", "Churn"], ";")),
    "bank": ("bench/search/bank.toml", "bank_marketing_full", "agrees", "Cust_num",
             one_table("bank_market.csv", ["Cust_num", "duration", "y"])),
}


def draw(rng):
    """One random setting: the ranges that tuning guides of XGBoost name."""
    return {"n_estimators": int(rng.integers(50, 800)), "learning_rate": float(10 ** rng.uniform(-2.3, -0.5)),
            "max_depth": int(rng.integers(2, 10)), "min_child_weight": float(10 ** rng.uniform(0, 1.5)),
            "subsample": float(rng.uniform(0.5, 1)), "colsample_bytree": float(rng.uniform(0.4, 1)),
            "reg_lambda": float(10 ** rng.uniform(-2, 1.5)), "gamma": float(rng.choice([0, 0, 0.5, 2]))}


def tuned_xgboost(x, y, trials, seed):
    rng = np.random.default_rng(seed)
    folds = StratifiedKFold(5, shuffle=True, random_state=seed)

    def model(p):
        return xgb.XGBClassifier(tree_method="hist", n_jobs=os.cpu_count(), random_state=seed, **p)
    settings = [draw(rng) for _ in range(trials)]
    scores = [cross_val_score(model(p), x, y, cv=folds, scoring="roc_auc").mean() for p in settings]
    return model(settings[int(np.argmax(scores))]).fit(x, y)


def peers(x, y, test, trials, seed):
    filled = x.fillna(x[~test].median())
    out = {}
    for name, make, rows in (
            ("xgboost", lambda a, b: tuned_xgboost(a, b, trials, seed), x),
            ("hist", lambda a, b: HistGradientBoostingClassifier(random_state=seed).fit(a, b), x),
            ("forest", lambda a, b: RandomForestClassifier(300, n_jobs=-1, random_state=seed).fit(a, b), filled)):
        begin = time.perf_counter()
        model = make(rows[~test].to_numpy(float), y[~test])
        out[name] = (roc_auc_score(y[test], model.predict_proba(rows[test].to_numpy(float))[:, 1]),
                     time.perf_counter() - begin)
    return out


def one_run(table, seed, trials, work):
    study, folder, question, key, read = TABLES[table]
    folder = f"{DATA}/{folder}"
    begin = time.perf_counter()
    subprocess.run([PROGRAM, "run", study, "--data", folder, "-o", f"{work}/{table}", "--seed", str(seed)],
                   check=True, stdout=subprocess.DEVNULL)
    wall = time.perf_counter() - begin
    with open(f"{work}/{table}/{question}/metrics.json", encoding="utf-8") as f:
        metrics = json.load(f)
    scores = pd.read_csv(f"{work}/{table}/{question}/scores.csv", dtype={0: str}).set_index(key)
    rows, x = read(folder)
    x = pd.get_dummies(x).astype(float)
    x.index = rows[key].astype(str)
    # A validation part is put aside from both.
    x = x.loc[[i for i in scores.index[scores.role != "validation"] if i in x.index]]
    s = scores.loc[x.index]
    y = (s[metrics["target"]].astype(str) == str(metrics["positive"])).to_numpy(int)
    test = (s.role == "test").to_numpy()
    out = {"ours": (metrics["test"]["roc_auc"]["value"], wall)}
    return out | peers(x, y, test, trials, seed), metrics


def interval(differences):
    mean = statistics.mean(differences)
    if len(differences) < 2:
        return mean, float("nan"), float("nan")
    half = stats.t.ppf(0.975, len(differences) - 1) * statistics.stdev(differences) / len(differences) ** 0.5
    return mean, mean - half, mean + half


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tables", nargs="*", help=" ".join(TABLES))
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--trials", type=int, default=50)
    a = parser.parse_args()
    work, means, worse = "out/bench/search", [], []
    os.makedirs(work, exist_ok=True)
    for table in a.tables or TABLES:
        if not os.path.isdir(f"{DATA}/{TABLES[table][1]}"):
            print(f"{table}: no data, left out")
            continue
        runs = []
        for seed in range(a.seeds):
            run, metrics = one_run(table, seed, a.trials, work)
            runs.append(run)
            print(f"{table} seed {seed}: winner {metrics['winner']['learner']};",
                  "; ".join(f"{k} {auc:.4f} in {s:.1f} s" for k, (auc, s) in run.items()),
                  metrics["search"]["cut"], flush=True)
        mean, low, high = interval([r["ours"][0] - r["xgboost"][0] for r in runs])
        print(f"{table}: mean ROC-AUC", ", ".join(
            f"{k} {statistics.mean(r[k][0] for r in runs):.4f}" for k in runs[0]),
            f"; ours minus tuned XGBoost {mean:+.4f} ({low:+.4f} to {high:+.4f})\n", flush=True)
        means.append(mean)
        worse += [table] if high < 0 else []
    mean, low, high = interval(means)
    print(f"over {len(means)} tables: {mean:+.4f} ({low:+.4f} to {high:+.4f}); worse beyond noise on:",
          ", ".join(worse) or "none")
    sys.exit(1 if worse or high < 0 else 0)


main()
