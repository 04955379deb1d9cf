#!/usr/bin/python3
"""The Python peer: pandas and scikit-learn on the shop's four tables.

usage: peer_shop.py grids FOLDER     GridSearchCV for KNN, tree, logistic regression and SVM, as JSON
       peer_shop.py scale FOLDER     read, clean, join, split, fit, score, write a CSV, as JSON

Imports are not counted. The steps are what a careful analyst writes; nothing is slowed down on purpose.
"""
import json
import os
import resource
import sys
import tempfile
import time
import warnings

warnings.filterwarnings("ignore")
os.environ["PYTHONWARNINGS"] = "ignore"
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
import sklearn  # noqa: E402
from sklearn.compose import ColumnTransformer  # noqa: E402
from sklearn.linear_model import LogisticRegression  # noqa: E402
from sklearn.metrics import roc_auc_score  # noqa: E402
from sklearn.model_selection import GridSearchCV, train_test_split  # noqa: E402
from sklearn.neighbors import KNeighborsClassifier  # noqa: E402
from sklearn.pipeline import Pipeline  # noqa: E402
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, OrdinalEncoder, StandardScaler  # noqa: E402
from sklearn.svm import SVC  # noqa: E402
from sklearn.tree import DecisionTreeClassifier  # noqa: E402

TARGET = "покупательская_активность"
ONE_HOT = ["разрешить_сообщать", "популярная_категория"]
ORDINAL = ["тип_сервиса"]


def read(folder):
    with open(f"{folder}/money.csv", encoding="utf-8") as f:
        separator = ";" if ";" in f.readline() else ","
    tables = [pd.read_csv(f"{folder}/{name}.csv") for name in ("market_file", "market_money", "market_time")]
    return tables + [pd.read_csv(f"{folder}/money.csv", sep=separator)]


def clean(tables):
    out = []
    for d in tables:
        d = d.copy()
        d.columns = [c.strip().lower().replace(" ", "_") for c in d.columns]
        for c in d.select_dtypes("object"):
            d[c] = d[c].str.strip()
        out.append(d)
    market, money, minutes, profit = out
    market["тип_сервиса"] = market["тип_сервиса"].replace({"стандартт": "стандарт"})
    for d in (money, minutes):
        d["период"] = d["период"].replace({"предыдцщий_месяц": "предыдущий_месяц"})
    if profit["прибыль"].dtype == object:
        profit["прибыль"] = profit["прибыль"].str.replace(",", ".").astype(float)
    odd = set(money.loc[(money["выручка"] <= 0) | (money["выручка"] > 100000), "id"])
    return market[~market["id"].isin(odd)], money, minutes, profit


def join(market, money, minutes, profit):
    m = money.pivot(index="id", columns="период", values="выручка").add_prefix("выручка_")
    t = minutes.pivot(index="id", columns="период", values="минут").add_prefix("минут_")
    d = market.merge(m, on="id", validate="1:1").merge(t, on="id", validate="1:1")
    return d.merge(profit, on="id", how="left", validate="1:1")


def features(d):
    return d.drop(columns=["id", TARGET, "прибыль"]), (d[TARGET] == "Снизилась").astype(int).to_numpy()


def preparation(x):
    numbers = [c for c in x.columns if c not in ONE_HOT + ORDINAL]
    return ColumnTransformer([
        ("ohe", OneHotEncoder(drop="first", handle_unknown="ignore", sparse_output=False), ONE_HOT),
        ("ord", OrdinalEncoder(categories=[["стандарт", "премиум"]]), ORDINAL),
        ("num", StandardScaler(), numbers)])


def grids():
    scales = {"pre__num": [StandardScaler(), MinMaxScaler()]}
    c = list(range(1, 11))
    return {
        "knn": (KNeighborsClassifier(), {"model__n_neighbors": list(range(1, 31))} | scales),
        "tree": (DecisionTreeClassifier(random_state=42),
                 {"model__max_depth": list(range(2, 11)), "model__max_features": list(range(2, 10))} | scales),
        "logistic": (LogisticRegression(solver="liblinear", random_state=42, max_iter=1000),
                     {"model__penalty": ["l1", "l2"], "model__C": c} | scales),
        "svm": (SVC(random_state=42),
                [{"model__kernel": ["rbf", "linear"], "model__C": c} | scales,
                 {"model__kernel": ["poly"], "model__degree": [2, 3, 4], "model__C": c} | scales])}


def run_grids(folder):
    x, y = features(join(*clean(read(folder))))
    xtr, xte, ytr, yte = train_test_split(x, y, test_size=0.25, stratify=y, random_state=42)
    result = {}
    for name, (model, grid) in grids().items():
        pipe = Pipeline([("pre", preparation(x)), ("model", model)])
        begin = time.perf_counter()
        search = GridSearchCV(pipe, grid, cv=5, scoring="roc_auc", n_jobs=os.cpu_count()).fit(xtr, ytr)
        seconds = time.perf_counter() - begin
        scores = search.predict_proba(xte)[:, 1] if name != "svm" else search.decision_function(xte)
        best = {k.split("__")[-1]: v if isinstance(v, (int, float, str)) else type(v).__name__
                for k, v in search.best_params_.items()}
        result[name] = {"fits": 5 * len(search.cv_results_["params"]), "seconds": seconds, "best": best,
                        "cv_roc_auc": search.best_score_, "cv_sd": search.cv_results_["std_test_score"][search.best_index_],
                        "test_roc_auc": roc_auc_score(yte, scores)}
    return result


def run_scale(folder):
    begin, cpu = time.perf_counter(), time.process_time()
    d = join(*clean(read(folder)))
    x, y = features(d)
    i, j = train_test_split(np.arange(len(y)), test_size=0.25, stratify=y, random_state=42)
    pre = preparation(x).fit(x.iloc[i])
    xa = pre.transform(x)
    model = LogisticRegression(C=1.0, max_iter=200).fit(xa[i], y[i])
    p = model.predict_proba(xa)[:, 1]
    with tempfile.TemporaryDirectory() as out:
        scored = d[["id", "прибыль"]].copy()
        scored["p"] = p
        scored.to_csv(f"{out}/scored.csv", index=False, float_format="%.6f")
    return {"seconds": time.perf_counter() - begin, "cpu_seconds": time.process_time() - cpu, "rows": len(y), "test_roc_auc": roc_auc_score(y[j], p[j])}


def main():
    result = {"grids": run_grids, "scale": run_scale}[sys.argv[1]](sys.argv[2])
    result["versions"] = {m.__name__: m.__version__ for m in (np, pd, sklearn)}
    result["peak_rss_bytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps(result, ensure_ascii=False))


if __name__ == "__main__":
    main()
