#!/usr/bin/python3
"""Raw exports of four businesses beside a pipeline made by hand with pandas and XGBoost.

Runs `perennial run` on examples/{retail_response,telecom_subscribers,telecom_interconnect,
olist_funnel}.toml with a fixed amount of search, then makes features with pandas (of events at the
same cutoff) and fits XGBoost on the same training customers (a fifth of them for early stopping,
the best of eight settings), and prints both ROC-AUCs on the same sealed customers, with the interval
of their difference (2,000 bootstrap draws of customers). Fails where the hand-made pipeline is
better beyond that interval.

    bench/compare_events.py DATA [QUESTION...] [--program build/perennial] [--trials 40] [--keep FOLDER]
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import pandas as pd
import xgboost
from sklearn.metrics import roc_auc_score

ROOT = pathlib.Path(__file__).resolve().parent.parent


def rfm(log, customer, time, amount, cutoff, windows):
    """What a careful analyst writes in an afternoon: recency, frequency, money, gaps, by window."""
    log = log[log[time] < cutoff].sort_values([customer, time])
    by = log.groupby(customer)
    out = pd.DataFrame({
        "recency": (cutoff - by[time].max()).dt.days,
        "tenure": (cutoff - by[time].min()).dt.days,
        "count": by.size(),
        "sum": by[amount].sum(),
        "mean": by[amount].mean(),
        "std": by[amount].std(),
        "min": by[amount].min(),
        "max": by[amount].max(),
        "last": by[amount].last(),
    })
    gaps = by[time].diff().dt.days
    out["gap"] = gaps.groupby(log[customer]).mean()
    out["last_gap"] = gaps.groupby(log[customer]).last()
    out["overdue"] = out["recency"] / out["gap"].replace(0, np.nan)
    for name, start in windows.items():
        part = log[log[time] >= start].groupby(customer)
        out["count_" + name] = part.size()
        out["sum_" + name] = part[amount].sum()
    fill = [c for c in out if c.startswith(("count", "sum"))]
    out[fill] = out[fill].fillna(0)
    return out


def retail(data, cutoff):
    log = pd.read_csv(data / "retail_response" / "Retail_Data_Transactions.csv")
    log["trans_date"] = pd.to_datetime(log["trans_date"], format="%d-%b-%y")
    windows = {f"{d}d": cutoff - pd.Timedelta(days=d) for d in (7, 30, 90, 180, 365)}
    return rfm(log, "customer_id", "trans_date", "tran_amount", cutoff, windows)


def telecom(data, cutoff):
    folder = data / "telecom_subscribers"
    log = pd.read_csv(folder / "Charges.csv", parse_dates=["BILL_MONTH"])
    windows = {f"{m}m": cutoff - pd.DateOffset(months=m) for m in (1, 2, 3, 6, 12)}
    out = rfm(log, "SUBSCRIBER_ID", "BILL_MONTH", "CHARGES", cutoff, windows)
    stops = pd.read_csv(folder / "Suspended.csv", na_values="$null$", parse_dates=["START_DT"])
    stops = stops[stops["START_DT"] < cutoff].groupby("SUBSCRIBER_ID")["START_DT"]
    out["stops"] = stops.size()
    out["stop_recency"] = (cutoff - stops.max()).dt.days
    plans = pd.read_csv(folder / "Tariff_plans_change.csv", na_values="$null$",
                        parse_dates=["START_DTTM"])
    plans = plans[plans["START_DTTM"] < cutoff].sort_values("START_DTTM")
    plans = plans.groupby("SUBSCRIBER_ID")
    out["plans"] = plans.size()
    out["plan"] = plans["TARIFF_PLAN_ID"].last()
    out["plan_age"] = (cutoff - plans["START_DTTM"].max()).dt.days
    out["stops"] = out["stops"].fillna(0)
    return out


def interconnect(data, _):
    folder = data / "telecom_interconnect"
    x = pd.read_csv(folder / "contract.csv").set_index("customerID")
    for name in ("personal", "internet", "phone"):
        x = x.join(pd.read_csv(folder / f"{name}.csv").set_index("customerID"))
    begin = pd.to_datetime(x.pop("BeginDate"))
    x = x.drop(columns="EndDate")
    x["days"] = (begin.max() - begin).dt.days
    x["TotalCharges"] = pd.to_numeric(x["TotalCharges"], errors="coerce")
    return pd.get_dummies(x, dummy_na=True).astype(float)


def olist(data, _):
    folder = data / "olist_funnel"
    leads = pd.read_csv(folder / "olist_marketing_qualified_leads_dataset.csv").set_index("mql_id")
    contact = pd.to_datetime(leads["first_contact_date"])
    pages = leads["landing_page_id"].value_counts()
    x = pd.get_dummies(leads["origin"], dummy_na=True)
    x["page_leads"] = leads["landing_page_id"].map(pages)
    for page in pages.index[pages >= 30]:
        x["page " + page] = leads["landing_page_id"] == page
    x["day"] = (contact - contact.min()).dt.days
    x["month"], x["weekday"] = contact.dt.month, contact.dt.weekday
    return x.astype(float)


CASES = [("retail_response", "answers", "customer_id", "1", retail),
         ("retail_response", "buys_again", "customer_id", "yes", retail),
         ("telecom_subscribers", "halves", "SUBSCRIBER_ID", "yes", telecom),
         ("telecom_interconnect", "leaves", "customerID", "yes", interconnect),
         ("olist_funnel", "won", "mql_id", "yes", olist)]


def by_hand(x, y, train, test):
    rng = np.random.default_rng(0)
    stop = rng.random(len(train)) < 0.2
    best = None
    for depth in (2, 3, 4, 6):
        for rate in (0.03, 0.1):
            model = xgboost.XGBClassifier(n_estimators=2000, learning_rate=rate, max_depth=depth,
                                          subsample=0.8, colsample_bytree=0.8, min_child_weight=5,
                                          eval_metric="auc", early_stopping_rounds=50, n_jobs=2,
                                          random_state=0)
            model.fit(x.loc[train[~stop]], y.loc[train[~stop]],
                      eval_set=[(x.loc[train[stop]], y.loc[train[stop]])], verbose=False)
            if best is None or model.best_score > best[0]:
                best = (model.best_score, model)
    return best[1].predict_proba(x.loc[test])[:, 1]


def compare(data, program, out, trials, study, question, customer, positive, features):
    subprocess.run([program, "run", ROOT / "examples" / f"{study}.toml", "--data", data / study,
                    "--question", question, "--trials", str(trials), "-o", out / study],
                   check=True, stdout=subprocess.DEVNULL)
    folder = out / study / question
    metrics = json.loads((folder / "metrics.json").read_text())
    scores = pd.read_csv(folder / "scores.csv", dtype=str).set_index(customer)
    cutoff = pd.Timestamp(metrics["events"]["cutoffs"][-1]) if "events" in metrics else None
    x = features(data, cutoff)
    x.index = x.index.astype(str)
    x = x.reindex(scores.index)
    y = (scores[metrics["target"]] == positive).astype(int)
    train = scores.index[scores["role"] == "train"]
    test = scores.index[scores["role"] == "test"]
    ours = scores.loc[test, "probability " + positive].astype(float).to_numpy()
    theirs = by_hand(x, y, train, test)
    truth = y.loc[test].to_numpy()
    rng = np.random.default_rng(1)
    draws = []
    while len(draws) < 2000:
        rows = rng.integers(0, len(truth), len(truth))
        if 0 < truth[rows].sum() < len(truth):
            draws.append(roc_auc_score(truth[rows], ours[rows]) -
                         roc_auc_score(truth[rows], theirs[rows]))
    low, high = np.quantile(draws, [0.025, 0.975])
    auc = metrics["test"]["roc_auc"]
    print(f"{study}/{question}: {len(scores)} customers, {y.mean():.1%} positive; "
          f"Perennial {auc['value']:.4f} ({auc['low']:.4f} to {auc['high']:.4f}, "
          f"{metrics['winner']['learner']}), pandas + XGBoost {roc_auc_score(truth, theirs):.4f}, "
          f"difference {auc['value'] - roc_auc_score(truth, theirs):+.4f} "
          f"({low:+.4f} to {high:+.4f})", flush=True)
    return high >= 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("questions", nargs="*", help=" ".join(case[1] for case in CASES))
    parser.add_argument("--trials", type=int, default=40)
    parser.add_argument("--program", default=ROOT / "build" / "perennial")
    parser.add_argument("--keep", type=pathlib.Path, help="folder for the runs' answers")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        out = arguments.keep or pathlib.Path(temporary)
        held = [compare(arguments.data.resolve(), arguments.program, out, arguments.trials, *case)
                for case in CASES if not arguments.questions or case[1] in arguments.questions]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
