#!/usr/bin/python3
"""Whom to mail: Perennial's rule against T-learner forests of scikit-learn, on the same split.

    bench/compare_uplift.py     (PERENNIAL_PROGRAM and PERENNIAL_DATA say where else they are)

Runs examples/hillstrom_email.toml, reads who trained and who was sealed from its scores.csv, fits
one random forest an arm on the same training customers (scikit-learn's defaults, and with leaves of
at least 50), and compares the rules on the sealed ones. A rule's value is the rate of visits if
everybody were mailed as it says: mean of m_a + [got a] (y - m_a) / e_a, where a is the arm it
chooses, m_a the rate and e_a the share of that arm among the training customers; so neither side's
models judge. Differences are paired, with their 95 % intervals. Prints a line a rule and fails when
the interval says that Perennial's rule is worse.
"""
import csv
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy
from sklearn.ensemble import RandomForestClassifier

HOME = pathlib.Path(__file__).resolve().parent.parent
CONTROL = "No E-Mail"


def table(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def features(rows):
    columns = []
    for name in ["recency", "history", "mens", "womens", "newbie"]:
        columns.append([float(row[name]) for row in rows])
    for name in ["history_segment", "zip_code", "channel"]:
        for value in sorted({row[name] for row in rows})[1:]:
            columns.append([float(row[name] == value) for row in rows])
    return numpy.array(columns).T


def interval(parts):
    half = 1.96 * parts.std(ddof=1) / len(parts) ** 0.5
    return parts.mean(), parts.mean() - half, parts.mean() + half


def main():
    program = os.environ.get("PERENNIAL_PROGRAM", str(HOME / "build" / "perennial"))
    data = pathlib.Path(os.environ.get("PERENNIAL_DATA", str(HOME.parent / "shared" / "data"))) / "hillstrom_email"
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([program, "run", str(HOME / "examples" / "hillstrom_email.toml"), "--data", str(data),
                        "-o", folder], check=True, stdout=subprocess.DEVNULL)
        scores = {int(row["#row"]): row for row in table(pathlib.Path(folder) / "visits" / "scores.csv")}
    rows = table(data / "hillstrom.csv")
    x = features(rows)
    y = numpy.array([float(row["visit"]) for row in rows])
    arms = [CONTROL] + sorted({row["segment"] for row in rows} - {CONTROL})
    arm = numpy.array([arms.index(row["segment"]) for row in rows])
    train = numpy.array([scores[i + 1]["role"] == "train" for i in range(len(rows))])
    test = numpy.array([scores[i + 1]["role"] == "test" for i in range(len(rows))])
    assert all(scores[i + 1]["segment"] == row["segment"] for i, row in enumerate(rows))

    rate = numpy.array([y[train & (arm == a)].mean() for a in range(len(arms))])
    share = numpy.array([(arm[train] == a).mean() for a in range(len(arms))])
    score = numpy.tile(rate, (len(rows), 1))
    score[numpy.arange(len(rows)), arm] += (y - rate[arm]) / share[arm]

    rules = {"perennial": numpy.array([arms.index(scores[i + 1]["best"]) for i in range(len(rows))])}
    for name, leaf in [("forests, defaults", 1), ("forests, leaves of 50", 50)]:
        p = numpy.zeros((len(rows), len(arms)))
        for a in range(len(arms)):
            own = train & (arm == a)
            forest = RandomForestClassifier(300, min_samples_leaf=leaf, random_state=0, n_jobs=2)
            p[:, a] = forest.fit(x[own], y[own]).predict_proba(x)[:, 1]
        rules[name] = p.argmax(axis=1)  # the control where no mail is better
    for a, name in enumerate(arms):
        rules[f"{name} to everybody"] = numpy.full(len(rows), a)

    chosen = {name: score[numpy.arange(len(rows)), rule][test] for name, rule in rules.items()}
    worse = False
    print(f"{test.sum()} sealed customers; visits in 100 if mailed so; perennial brings more by")
    for name, values in chosen.items():
        value, low, high = interval(values)
        more, from_, to = interval(chosen["perennial"] - values)
        print(f"{name:32} {100 * value:6.2f} ({100 * low:.2f} to {100 * high:.2f})"
              + ("" if name == "perennial" else f"   {100 * more:+.2f} ({100 * from_:+.2f} to {100 * to:+.2f})"))
        worse = worse or to < 0
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
