#!/usr/bin/python3
"""The default search against XGBoost tuned by 50 random trials with 5-fold cross-validation.

usage: bench/compare_search.py [TABLE...] [--seeds N] [--trials N] [--budget SECONDS] [--reference]
       (make bench-search; data in ../shared/data or PERENNIAL_DATA; tables that are absent are left out)

Both learn from the same training rows and are judged on the same test rows: those of scores.csv. The peer
reads the same files with pandas; text becomes 0/1 columns, missing numbers stay missing. Stated beside
it: scikit-learn's HistGradientBoosting and a random forest, with their defaults. Two classes are judged
by ROC-AUC, several by log loss. Per table the mean over seeds of the difference, positive where the
search is better, with a t interval over the seeds; over the tables the mean of those.

--reference: instead of the tuned one XGBoost as a hand sets it (1,000 rounds of depth 5, rate 0.05, 80 % of
rows and columns), stopped early on the validation rows of the study or, where it has none, on a ninth of
the training rows; no other peers. Log loss and Brier score are stated too.
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
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_score, train_test_split

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
    "telco": ("examples/telco_ibm.toml", "telco_ibm", "leaves", "customerID",
              one_table("WA_Fn-UseC_-Telco-Customer-Churn.csv", ["customerID", "Churn"])),
    "ecommerce": ("bench/search/ecommerce.toml", "ecommerce_churn", "leaves", "CustomerID",
                  one_table("E_Commerce_Dataset.csv", ["CustomerID", "Churn"], ";")),
    "bank": ("bench/search/bank.toml", "bank_marketing_full", "agrees", "Cust_num",
             one_table("bank_market.csv", ["Cust_num", "duration", "y"])),
    "email": ("bench/search/email.toml", "email_campaign", "status", "Email_ID",
              one_table("Train_psolI3n.csv", ["Email_ID", "Email_Status"])),
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
    scoring = "roc_auc" if y.max() == 1 else "neg_log_loss"

    def model(p):
        return xgb.XGBClassifier(tree_method="hist", n_jobs=os.cpu_count(), random_state=seed, **p)
    settings = [draw(rng) for _ in range(trials)]
    scores = [cross_val_score(model(p), x, y, cv=folds, scoring=scoring).mean() for p in settings]
    return model(settings[int(np.argmax(scores))]).fit(x, y)


def set_by_hand(x, y, stop, seed):
    """XGBoost as in the reference of the audiobooks; `stop`: the rows that end it."""
    if not stop.any():
        _, ends = train_test_split(np.arange(len(y)), test_size=1 / 9, stratify=y, random_state=seed)
        stop[ends] = True
    model = xgb.XGBClassifier(n_estimators=1000, max_depth=5, learning_rate=0.05, subsample=0.8, colsample_bytree=0.8,
                              tree_method="hist", early_stopping_rounds=30, eval_metric="logloss",
                              n_jobs=os.cpu_count(), random_state=seed)
    return model.fit(x[~stop], y[~stop], eval_set=[(x[stop], y[stop])], verbose=False)


def figures(y, p):
    """What is compared first (higher is better), then what is stated."""
    if p.shape[1] > 2:
        return {"score": -log_loss(y, p), "log_loss": log_loss(y, p)}
    auc = roc_auc_score(y, p[:, 1])
    return {"score": auc, "roc_auc": auc, "log_loss": log_loss(y, p[:, 1]), "brier": brier_score_loss(y, p[:, 1])}


def peers(x, y, role, trials, seed, reference):
    test, put_aside = (role == "test").to_numpy(), (role == "validation").to_numpy()
    learn = ~test if reference else ~(test | put_aside)
    if reference:
        every = [("by_hand", lambda a, b: set_by_hand(a, b, put_aside[learn].copy(), seed), x)]
    else:
        every = [("xgboost", lambda a, b: tuned_xgboost(a, b, trials, seed), x),
                 ("hist", lambda a, b: HistGradientBoostingClassifier(random_state=seed).fit(a, b), x),
                 ("forest", lambda a, b: RandomForestClassifier(300, n_jobs=-1, random_state=seed).fit(a, b),
                  x.fillna(x[learn].median()))]
    out = {}
    for name, make, rows in every:
        begin = time.perf_counter()
        model = make(rows[learn].to_numpy(float), y[learn])
        out[name] = figures(y[test], model.predict_proba(rows[test].to_numpy(float)))
        out[name]["seconds"] = time.perf_counter() - begin
    return out


def one_run(table, seed, a, work):
    study, folder, question, key, read = TABLES[table]
    folder = f"{DATA}/{folder}"
    begin = time.perf_counter()
    subprocess.run([PROGRAM, "run", study, "--data", folder, "-o", f"{work}/{table}", "--seed", str(seed),
                    "--budget", f"{a.budget}s"], check=True, stdout=subprocess.DEVNULL)
    wall = time.perf_counter() - begin
    with open(f"{work}/{table}/{question}/metrics.json", encoding="utf-8") as f:
        metrics = json.load(f)
    scores = pd.read_csv(f"{work}/{table}/{question}/scores.csv", dtype={0: str}).set_index(key)
    rows, x = read(folder)
    x = pd.get_dummies(x).astype(float)
    x.index = rows[key].astype(str)
    x = x.loc[[i for i in scores.index if i in x.index]]
    s = scores.loc[x.index]
    classes = [str(c) for c in metrics["classes"]]
    y = s[metrics["target"]].astype(str).map({c: i for i, c in enumerate(classes)}).to_numpy(int)
    test = (s.role == "test").to_numpy()
    ours = figures(y[test], s.loc[test, [f"probability {c}" for c in metrics["classes"]]].to_numpy())
    out = {"ours": ours | {"seconds": wall}}
    return out | peers(x, y, s.role, a.trials, seed, a.reference), metrics


def interval(differences):
    mean = statistics.mean(differences)
    if len(differences) < 2:
        return mean, float("nan"), float("nan")
    half = stats.t.ppf(0.975, len(differences) - 1) * statistics.stdev(differences) / len(differences) ** 0.5
    return mean, mean - half, mean + half


def told(run):
    return ", ".join(f"{k} {v:.4f}" for k, v in run.items() if k not in ("score", "seconds"))


def summary(table, runs, peer):
    mean, low, high = interval([r["ours"]["score"] - r[peer]["score"] for r in runs])
    for name in runs[0]:
        print(f"  {name}:", told({k: statistics.mean(r[name][k] for r in runs) for k in runs[0][name]}))
    for k in ("log_loss", "brier"):
        if k in runs[0]["ours"]:
            more = interval([r["ours"][k] - r[peer][k] for r in runs])
            print("  {}: ours minus {} {:+.4f} ({:+.4f} to {:+.4f})".format(k, peer, *more))
    print(f"{table}: the search is better than {peer} by {mean:+.4f} ({low:+.4f} to {high:+.4f})\n", flush=True)
    return mean, high


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tables", nargs="*", help=" ".join(TABLES))
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--trials", type=int, default=50)
    parser.add_argument("--budget", type=int, default=60)
    parser.add_argument("--reference", action="store_true")
    a = parser.parse_args()
    work, means, worse = "out/bench/search", [], []
    peer = "by_hand" if a.reference else "xgboost"
    os.makedirs(work, exist_ok=True)
    for table in a.tables or TABLES:
        if not os.path.isdir(f"{DATA}/{TABLES[table][1]}"):
            print(f"{table}: no data, left out")
            continue
        runs = []
        for seed in range(a.seeds):
            run, metrics = one_run(table, seed, a, work)
            runs.append(run)
            cut = metrics["search"]["cut"]
            print(f"{table} seed {seed}: winner {metrics['winner']['learner']};",
                  "; ".join(f"{k} {told(v)} in {v['seconds']:.1f} s" for k, v in run.items()),
                  f"; the search was cut short: {cut}" if cut else "", flush=True)
        mean, high = summary(table, runs, peer)
        means.append(mean)
        worse += [table] if high < 0 else []
    mean, low, high = interval(means)
    print(f"over {len(means)} tables: {mean:+.4f} ({low:+.4f} to {high:+.4f}); worse beyond noise on:",
          ", ".join(worse) or "none")
    sys.exit(1 if worse or high < 0 else 0)


main()
