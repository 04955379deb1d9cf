#!/usr/bin/python3
"""The default search against XGBoost tuned by 50 random trials with 5-fold cross-validation.

usage: bench/compare_search.py [TABLE...] [--seeds N...] [--trials N] [--budget SECONDS] [--threads N] [--reference]
       [--peers-only] (make bench-search; data in ../shared/data or PERENNIAL_DATA; absent tables are left out)

Figures are kept in out/bench/search/figures.jsonl: a bench that was stopped goes on where it was, and only what
another build of the program changes is measured again.

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
import multiprocessing
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
from kept import Kept, Taken, digest  # noqa: E402

DATA = os.environ.get("PERENNIAL_DATA", "../shared/data")
PROGRAM = os.environ.get("PERENNIAL_PROGRAM", "build/perennial")
WORK = "out/bench/search"


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


def boosted(p, threads, seed):
    return xgb.XGBClassifier(tree_method="hist", n_jobs=threads, random_state=seed, **p)


def cross_validated(p, x, y, seed):
    folds = StratifiedKFold(5, shuffle=True, random_state=seed)
    return cross_val_score(boosted(p, 1, seed), x, y, cv=folds,
                           scoring="roc_auc" if y.max() == 1 else "neg_log_loss").mean()


def tuned_xgboost(x, y, trials, seed, threads):
    rng = np.random.default_rng(seed)
    settings = [draw(rng) for _ in range(trials)]
    # A setting a core: small tables gain little from threads in one fit. Fresh processes: in forked ones XGBoost
    # waits for threads that stayed behind.
    with multiprocessing.get_context("spawn").Pool(threads) as pool:
        scores = pool.starmap(cross_validated, [(p, x, y, seed) for p in settings], chunksize=1)
        pool.close()
        pool.join()
    return boosted(settings[int(np.argmax(scores))], threads, seed).fit(x, y)


def set_by_hand(x, y, stop, seed, threads):
    """XGBoost as in the reference of the audiobooks; `stop`: the rows that end it."""
    if not stop.any():
        _, ends = train_test_split(np.arange(len(y)), test_size=1 / 9, stratify=y, random_state=seed)
        stop[ends] = True
    model = xgb.XGBClassifier(n_estimators=1000, max_depth=5, learning_rate=0.05, subsample=0.8, colsample_bytree=0.8,
                              tree_method="hist", early_stopping_rounds=30, eval_metric="logloss",
                              n_jobs=threads, random_state=seed)
    return model.fit(x[~stop], y[~stop], eval_set=[(x[stop], y[stop])], verbose=False)


def figures(y, p):
    """What is compared first (higher is better), then what is stated."""
    if p.shape[1] > 2:
        return {"score": -log_loss(y, p), "log_loss": log_loss(y, p)}
    auc = roc_auc_score(y, p[:, 1])
    return {"score": auc, "roc_auc": auc, "log_loss": log_loss(y, p[:, 1]), "brier": brier_score_loss(y, p[:, 1])}


def learned_by(name, a, seed):
    """How a peer learns: a function of rows and classes that gives a fitted model."""
    n = a.threads or os.cpu_count()
    return {"xgboost": lambda x, y: tuned_xgboost(x, y, a.trials, seed, n),
            "hist": lambda x, y: HistGradientBoostingClassifier(random_state=seed).fit(x, y),
            "forest": lambda x, y: RandomForestClassifier(300, n_jobs=n, random_state=seed).fit(x, y)}[name]


def peer(name, x, y, role, seed, a):
    test, put_aside = (role == "test").to_numpy(), (role == "validation").to_numpy()
    learn = ~test if name == "by_hand" else ~(test | put_aside)
    rows = x.fillna(x[learn].median()) if name == "forest" else x
    with Taken() as taken:
        if name == "by_hand":
            model = set_by_hand(x[learn].to_numpy(float), y[learn], put_aside[learn].copy(), seed, a.threads or None)
        else:
            model = learned_by(name, a, seed)(rows[learn].to_numpy(float), y[learn])
        p = model.predict_proba(rows[test].to_numpy(float))
    return figures(y[test], p) | taken.figures()


def program_run(table, seed, a, more):
    """The program's metrics and scores, and what the run took: the search, without what explains its winner."""
    study, folder, question = TABLES[table][:3]
    out = f"{WORK}/{table}-{os.getpid()}"
    with open(study, encoding="utf-8") as f:
        text = f.read().replace(f"[question.{question}]\n", f"[question.{question}]\nexplore = false\nexplain = false\n"
                                "reasons = 0\n")
    study = f"{out}.toml"
    with open(study, "w", encoding="utf-8") as f:
        f.write(text)
    threads = ["--threads", str(a.threads)] if a.threads else []
    with Taken() as taken:
        subprocess.run([PROGRAM, "run", study, "--data", f"{DATA}/{folder}", "-o", out, "--seed", str(seed),
                        *threads, *more], check=True, stdout=subprocess.DEVNULL)
    with open(f"{out}/{question}/metrics.json", encoding="utf-8") as f:
        metrics = json.load(f)
    scores = pd.read_csv(f"{out}/{question}/scores.csv", dtype={0: str}).set_index(TABLES[table][3])
    return metrics, scores, taken.figures()


def ours(table, seed, a):
    metrics, s, took = program_run(table, seed, a, ["--budget", f"{a.budget}s"])
    classes = [str(c) for c in metrics["classes"]]
    s = s[s.role == "test"]
    y = s[metrics["target"]].astype(str).map({c: i for i, c in enumerate(classes)}).to_numpy(int)
    out = figures(y, s[[f"probability {c}" for c in classes]].to_numpy()) | took
    return out | {"winner": metrics["winner"]["learner"], "settings": metrics["search"]["trials"],
                  "cut": metrics["search"]["cut"]}


def rows_of(table, seed, a):
    """The peers' columns, their classes and roles: those of scores.csv, from a run that tries next to nothing."""
    metrics, s, _ = program_run(table, seed, a, ["--trials", "1"])
    _, folder, _, key, read = TABLES[table]
    rows, x = read(f"{DATA}/{folder}")
    x = pd.get_dummies(x).astype(float)
    x.index = rows[key].astype(str)
    x = x.loc[[i for i in s.index if i in x.index]]
    s = s.loc[x.index]
    classes = [str(c) for c in metrics["classes"]]
    y = s[metrics["target"]].astype(str).map({c: i for i, c in enumerate(classes)}).to_numpy(int)
    return x, y, s.role


def one_run(table, seed, a, kept):
    out = {}
    if not a.peers_only:
        of = f"ours {table} {seed} {a.budget} {a.program}"
        out["ours"] = kept.get(of, lambda: ours(table, seed, a))
    rows = []

    def measured(name):
        if not rows:
            rows.extend(rows_of(table, seed, a))
        return peer(name, *rows, seed, a)
    for name in ["by_hand"] if a.reference else ["xgboost", "hist", "forest"]:
        trials = f" {a.trials}" if name == "xgboost" else ""
        out[name] = kept.get(f"{name}{trials} {table} {seed}", lambda: measured(name))
    return out


def interval(differences):
    mean = statistics.mean(differences)
    if len(differences) < 2:
        return mean, float("nan"), float("nan")
    half = stats.t.ppf(0.975, len(differences) - 1) * statistics.stdev(differences) / len(differences) ** 0.5
    return mean, mean - half, mean + half


def told(run):
    return ", ".join(f"{k} {v:.4f}" for k, v in run.items() if k in ("roc_auc", "log_loss", "brier"))


def summary(table, runs, against):
    mean, low, high = interval([r["ours"]["score"] - r[against]["score"] for r in runs])
    for name in runs[0]:
        means = {k: statistics.mean(r[name][k] for r in runs) for k, v in runs[0][name].items() if isinstance(v, float)}
        print(f"  {name}: {told(means)}; {means['cpu']:.0f} s of processor time")
    for k in ("log_loss", "brier"):
        if k in runs[0]["ours"]:
            more = interval([r["ours"][k] - r[against][k] for r in runs])
            print("  {}: ours minus {} {:+.4f} ({:+.4f} to {:+.4f})".format(k, against, *more))
    print(f"{table}: the search is better than {against} by {mean:+.4f} ({low:+.4f} to {high:+.4f})\n", flush=True)
    return mean, high


def over_seeds(table, a, kept):
    runs = []
    for seed in a.seeds:
        run = one_run(table, seed, a, kept)
        runs.append(run)
        own = run.get("ours", {"winner": "", "settings": 0, "cut": ""})
        print(f"{table} seed {seed}: winner {own['winner']} of {own['settings']} settings;",
              "; ".join(f"{k} {told(v)} in {v['seconds']:.0f} s, {v['cpu']:.0f} of processors" for k, v in run.items()),
              f"; the search was cut short: {own['cut']}" if own["cut"] else "", flush=True)
    return runs


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tables", nargs="*", help=" ".join(TABLES))
    parser.add_argument("--seeds", type=int, nargs="*", default=list(range(10)))
    parser.add_argument("--trials", type=int, default=50)
    parser.add_argument("--budget", type=int, default=60)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--reference", action="store_true")
    parser.add_argument("--peers-only", action="store_true")
    a = parser.parse_args()
    a.program = digest(PROGRAM)
    os.makedirs(WORK, exist_ok=True)
    kept, means, worse = Kept(f"{WORK}/figures.jsonl"), [], []
    against = "by_hand" if a.reference else "xgboost"
    for table in a.tables or TABLES:
        if not os.path.isdir(f"{DATA}/{TABLES[table][1]}"):
            print(f"{table}: no data, left out")
            continue
        runs = over_seeds(table, a, kept)
        if a.peers_only:
            continue
        mean, high = summary(table, runs, against)
        means.append(mean)
        worse += [table] if high < 0 else []
    if a.peers_only:
        return
    mean, low, high = interval(means)
    print(f"over {len(means)} tables: {mean:+.4f} ({low:+.4f} to {high:+.4f}); worse beyond noise on:",
          ", ".join(worse) or "none")
    sys.exit(1 if worse or high < 0 else 0)


if __name__ == "__main__":
    main()
