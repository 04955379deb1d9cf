#!/usr/bin/python3
"""The study site's three questions against the generator's own probability and XGBoost.

    bench/compare_journey.py [PROGRAM] [--customers 10000] [--seed 1] [--threads 1]

Generates two periods, runs examples/journey.toml on the first, scores the second with the saved
models, and prints beside ours: the oracle (truth.csv) and XGBoost on the same features and rows,
differences with intervals of 500 bootstrap draws of the same rows for both. Fails when a floor is
missed, on the sealed rows or on the later period: sign-up within 0.005 ROC-AUC of the oracle,
subscription not below XGBoost beyond the interval, package hit rate at 3 within 0.015 of the
oracle.
"""
import argparse
import os
import subprocess
import sys
import tempfile

import numpy as np
import pandas as pd
import xgboost
from sklearn.metrics import roc_auc_score

HERE = os.path.dirname(os.path.abspath(__file__))
DEVICES = ["desktop", "mobile", "tablet"]


def run(*command):
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def sets(column):
    return column.fillna("").str.get_dummies("|")


def visits_of(folder):
    v = pd.read_csv(f"{folder}/visits.csv", keep_default_na=False)
    v.index = v.index + 1
    return v


def visit_features(v):
    x = sets(v.route)
    x["month"] = v.date.str[5:7].astype(int)
    x["scroll"], x["seconds"] = v.scroll, v.seconds
    return pd.concat([x, pd.get_dummies(v[["referrer", "device"]])], axis=1)


def users_of(folder):
    return pd.read_csv(f"{folder}/profiles.csv", keep_default_na=False).set_index("email")


def user_features(u, folder=None):
    levels = {"education": ["school", "bachelor", "master", "doctor"],
              "experience": ["none", "beginner", "advanced", "expert"]}
    x = sets(u.interests).add_prefix("interest ").join(sets(u.owned).add_prefix("owned "))
    x["birth"] = pd.to_datetime(u.birth_date).astype("int64") / 864e11
    for name, order in levels.items():
        x[name] = u[name].map(order.index)
    x = x.join(pd.get_dummies(u[["state", "personality"]]))
    if folder:
        v = visits_of(folder)
        seconds = v[v.email != ""].pivot_table(index="email", columns="device", values="seconds",
                                               aggfunc="sum")
        x = x.join(seconds.reindex(columns=DEVICES))
    return x


def paired(y, a, b, rounds=500):
    """ROC-AUC of a minus that of b, with a bootstrap interval over rows."""
    rng, n = np.random.default_rng(0), len(y)
    d = []
    for _ in range(rounds):
        i = rng.integers(0, n, n)
        d.append(roc_auc_score(y[i], a[i]) - roc_auc_score(y[i], b[i]))
    return roc_auc_score(y, a) - roc_auc_score(y, b), *np.percentile(d, [2.5, 97.5])


MISSED = []


def floor(what, holds):
    if not holds:
        MISSED.append(what)


def binary(name, y, ours, oracle, peer):
    line = f"{name:26} n={len(y):6}  ours {roc_auc_score(y, ours):.4f}"
    line += f"  oracle {roc_auc_score(y, oracle):.4f}  XGBoost {roc_auc_score(y, peer):.4f}"
    short, a, b = paired(y, ours, oracle)
    gain, low, high = paired(y, ours, peer)
    print(f"{line}  ours - oracle {short:+.4f} ({a:+.4f} to {b:+.4f})"
          f"  ours - XGBoost {gain:+.4f} ({low:+.4f} to {high:+.4f})", flush=True)
    if name.startswith("sign_up"):
        floor(f"{name}: within 0.005 of the oracle", short >= -0.005)
    else:
        floor(f"{name}: at least XGBoost's", high >= 0)


def hits(users, score, classes, k):
    out = []
    for email, row in zip(users.index, score):
        owned = users.owned[email].split("|")
        order = [classes[i] for i in np.argsort(-row, kind="stable") if classes[i] not in owned]
        out.append(bool(set(order[:k]) & set(users.purchases[email].split("|"))))
    return np.array(out, float)


def scored(program, model, tables, out):
    run(program, "score", model, *tables, "-o", out)
    frame = pd.read_csv(out, dtype={0: str}, na_filter=False)
    return frame.set_index(frame.columns[0])


def booster():
    return xgboost.XGBClassifier(n_estimators=300, max_depth=4, learning_rate=0.05, subsample=0.8,
                                 colsample_bytree=0.8, n_jobs=1, tree_method="hist")


def main():
    p = argparse.ArgumentParser()
    p.add_argument("program", nargs="?", default=os.path.join(HERE, "../build/perennial"))
    p.add_argument("--customers", default="10000")
    p.add_argument("--seed", default="1")
    p.add_argument("--threads", default="1")
    a = p.parse_args()
    program = os.path.abspath(a.program)
    with tempfile.TemporaryDirectory() as work:
        now, later, out = f"{work}/now", f"{work}/later", f"{work}/out"
        for folder, period in ((now, "1"), (later, "2")):
            run(program, "generate", "journey", "--customers", a.customers, "--seed", a.seed,
                "--period", period, "-o", folder)
        run(program, "run", os.path.join(HERE, "../examples/journey.toml"), "--data", now, "-o",
            out, "--threads", a.threads)
        truth = {f: pd.read_csv(f"{f}/truth.csv", dtype={"id": str}) for f in (now, later)}

        def oracle(folder, question):
            t = truth[folder]
            return t[t.question == question].pivot(index="id", columns="class", values="p")

        for question, table in (("sign_up", "visits.csv"), ("subscribe", "profiles.csv")):
            scores = pd.read_csv(f"{out}/{question}/scores.csv", dtype={0: str}, na_filter=False)
            scores = scores.set_index(scores.columns[0])
            frames = {}
            for folder in (now, later):
                if question == "sign_up":
                    v = visits_of(folder)
                    x, y = visit_features(v), (v.email != "").astype(int)
                    x.index = y.index = x.index.astype(str)
                else:
                    u = users_of(folder)
                    x, y = user_features(u, folder), (u.purchases != "").astype(int)
                frames[folder] = (x, y)
            x, y = frames[now]
            learn, test = scores.index[scores.role == "train"], scores.index[scores.role == "test"]
            peer = booster().fit(x.loc[learn], y[learn])
            binary(question, y[test].to_numpy(), scores.loc[test, "probability yes"].to_numpy(),
                   oracle(now, question).loc[test, "yes"].to_numpy(),
                   peer.predict_proba(x.loc[test])[:, 1])
            tables = [f"{later}/{table}"]
            if question == "subscribe":
                tables.append(f"{later}/visits.csv")
            fresh = scored(program, f"{out}/{question}/model.perennial", tables, f"{work}/s.csv")
            x, y = frames[later]
            x = x.reindex(columns=frames[now][0].columns, fill_value=0)
            binary(question + ", later", y.to_numpy(),
                   fresh.loc[y.index, "probability yes"].to_numpy(),
                   oracle(later, question).loc[y.index, "yes"].to_numpy(),
                   peer.predict_proba(x)[:, 1])

        scores = pd.read_csv(f"{out}/package/scores.csv", dtype={0: str}, na_filter=False)
        scores = scores.set_index(scores.columns[0])
        classes = [c[len("probability "):] for c in scores.columns if c.startswith("probability ")]
        columns = ["probability " + c for c in classes]
        fresh = scored(program, f"{out}/package/model.perennial", [f"{later}/profiles.csv"],
                       f"{work}/s.csv")
        for name, folder, frame in (("package", now, scores[scores.role == "test"]),
                                    ("package, later", later, fresh)):
            u = users_of(folder)
            u = u[u.purchases != ""]
            u = u.loc[[i for i in frame.index if i in u.index]]
            best = oracle(folder, "package")[classes].loc[u.index].to_numpy()
            for k in (1, 3):
                ours = hits(u, frame.loc[u.index, columns].to_numpy(), classes, k)
                top = hits(u, best, classes, k)
                se = np.std(ours - top, ddof=1) / np.sqrt(len(u))
                print(f"{name:26} n={len(u):6}  hit rate at {k}: ours {ours.mean():.4f}  oracle "
                      f"{top.mean():.4f}  difference {ours.mean() - top.mean():+.4f} "
                      f"(se {se:.4f})", flush=True)
                if k == 3:
                    floor(f"{name}: hit rate at 3 within 0.015", ours.mean() - top.mean() >= -0.015)
        for question in ("sign_up", "subscribe", "package"):
            tables = {"sign_up": ["visits.csv"], "package": ["profiles.csv"],
                      "subscribe": ["profiles.csv", "visits.csv"]}[question]
            done = subprocess.run([program, "check", f"{out}/{question}/model.perennial",
                                   *[f"{later}/{t}" for t in tables], "--outcomes"],
                                  check=True, capture_output=True, text=True)
            print(f"{question}: {[l for l in done.stdout.splitlines() if 'Verdict' in l][0]}")
    for what in MISSED:
        print("missed:", what)
    return 1 if MISSED else 0


if __name__ == "__main__":
    sys.exit(main())
