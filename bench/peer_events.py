#!/usr/bin/env python3
"""The default features of bench_events, made with pandas from
the same file: bench_events writes and keeps it when it is given a name.

    bench/peer_events.py FILE
"""
import resource
import sys
import time

import numpy as np
import pandas as pd


def features(log, cutoff):
    """Those that bench_events makes: all, by window, shares, gaps, spread and trend."""
    log = log[log["when"] < cutoff].sort_values(["customer", "when"], kind="stable")
    by = log.groupby("customer")
    out = pd.DataFrame({"count": by.size(), "sum": by["price"].sum(), "mean": by["price"].mean(),
                        "std": by["price"].std(), "min": by["price"].min(),
                        "max": by["price"].max(), "first": by["when"].min(),
                        "last": by["when"].max()})
    out["recency"] = (cutoff - out.pop("last")).dt.days
    out["tenure"] = (cutoff - out.pop("first")).dt.days
    out["gap"] = (out["tenure"] - out["recency"]) / (out["count"] - 1).replace(0, np.nan)
    out["overdue"] = out["recency"] / out["gap"].replace(0, np.nan)
    out["last_gap"] = by["when"].diff().dt.days.groupby(log["customer"]).last()
    age = (cutoff - log["when"]).dt.days
    sums = pd.DataFrame({"customer": log["customer"], "a": age, "aa": age * age,
                         "ax": age * log["price"]}).groupby("customer").sum()
    n = out["count"]
    out["trend"] = -30 * (n * sums["ax"] - out["sum"] * sums["a"]) / (
        n * sums["aa"] - sums["a"] ** 2).replace(0, np.nan)
    for days in (7, 30, 90):
        for name, low, high in (("", days, 0), ("before_", 2 * days, days)):
            part = log[(age <= low) & (age > high)].groupby("customer")
            out[f"count_{name}{days}"] = part.size()
            out[f"sum_{name}{days}"] = part["price"].sum()
    counted = [c for c in out if c.startswith(("count", "sum"))]
    out[counted] = out[counted].fillna(0)
    for days in (7, 30, 90):
        for what in ("count", "sum"):
            now, then = out[f"{what}_{days}"], out.pop(f"{what}_before_{days}")
            out[f"{what}_share_{days}"] = now / (now + then).replace(0, np.nan)
    return out


def main():
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    begin = time.perf_counter()
    log = pd.read_csv(sys.argv[1], parse_dates=["when"])
    read = time.perf_counter()
    made = features(log, pd.Timestamp("2015-01-26"))
    end = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / 1024
    print(f"pandas {pd.__version__}: {len(log)} events of {len(made)} customers, reading "
          f"{read - begin:.1f} s, {made.shape[1]} features {end - read:.1f} s, {peak:.1f} GB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
