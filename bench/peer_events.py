#!/usr/bin/env python3
"""The default features of bench_events, made with pandas from the same file, and with polars where
it is installed: bench_events makes and keeps the file.

    bench/peer_events.py FILE
"""
import datetime
import resource
import subprocess
import sys
import time

import numpy as np
import pandas as pd

try:
    import polars as pl
except ImportError:
    pl = None

WINDOWS = (7, 30, 90)


def by_pandas(path, cutoff):
    """Those that bench_events makes: all, by window, shares, gaps, spread and trend."""
    log = pd.read_csv(path, parse_dates=["when"])
    cutoff = pd.Timestamp(cutoff)
    read = time.perf_counter()
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
    for days in WINDOWS:
        for name, low, high in (("", days, 0), ("before_", 2 * days, days)):
            part = log[(age <= low) & (age > high)].groupby("customer")
            out[f"count_{name}{days}"] = part.size()
            out[f"sum_{name}{days}"] = part["price"].sum()
    counted = [c for c in out if c.startswith(("count", "sum"))]
    out[counted] = out[counted].fillna(0)
    for days in WINDOWS:
        for what in ("count", "sum"):
            now, then = out[f"{what}_{days}"], out.pop(f"{what}_before_{days}")
            out[f"{what}_share_{days}"] = now / (now + then).replace(0, np.nan)
    return len(log), out.reset_index().set_index("customer"), read


def by_polars(path, cutoff):
    """The same in one lazy query over the file."""
    read = time.perf_counter()
    age = (pl.lit(cutoff) - pl.col("when")).dt.total_days()
    price, a = pl.col("price"), pl.col("age")
    n = pl.len()
    items = [n.alias("count"), price.sum().alias("sum"), price.mean().alias("mean"),
             price.std().alias("std"), price.min().alias("min"), price.max().alias("max"),
             a.min().alias("recency"), a.max().alias("tenure"),
             (a.bottom_k(2).max() - a.min()).alias("last_gap"),
             (-30 * (n * (a * price).sum() - price.sum() * a.sum())
              / (n * (a * a).sum() - a.sum() ** 2)).alias("trend")]
    for days in WINDOWS:
        for name, low, high in (("", days, 0), ("before_", 2 * days, days)):
            inside = (a <= low) & (a > high)
            items += [inside.sum().alias(f"count_{name}{days}"),
                      price.filter(inside).sum().alias(f"sum_{name}{days}")]
    gap = (pl.col("tenure") - pl.col("recency")) / (pl.col("count") - 1)
    derived = [gap.alias("gap"), (pl.col("recency") / gap).alias("overdue")]
    for days in WINDOWS:
        for what in ("count", "sum"):
            now, then = pl.col(f"{what}_{days}"), pl.col(f"{what}_before_{days}")
            derived.append((now / (now + then)).alias(f"{what}_share_{days}"))
    out = (pl.scan_csv(path, try_parse_dates=True).filter(pl.col("when") < cutoff)
           .with_columns(age.alias("age")).group_by("customer").agg(items)
           .with_columns(derived).drop([f"{what}_before_{days}" for days in WINDOWS
                                        for what in ("count", "sum")])
           .collect(engine="streaming"))
    return int(out["count"].sum()), out, read


def report(name, work, path):
    begin = time.perf_counter()
    events, made, read = work(path, datetime.date(2015, 1, 26))
    end = time.perf_counter()
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(f"{name}: {events} events of {len(made)} customers, {end - begin:.1f} seconds "
          f"({used.ru_utime + used.ru_stime:.1f} of the processors), of them reading "
          f"{read - begin:.1f}, {made.shape[1]} columns, {used.ru_maxrss / 1024 / 1024:.1f} GB",
          flush=True)


def main():
    if len(sys.argv) == 3 and sys.argv[2] == "pandas":
        report(f"pandas {pd.__version__}", by_pandas, sys.argv[1])
    elif len(sys.argv) == 3 and pl is not None:
        report(f"polars {pl.__version__}", by_polars, sys.argv[1])
    elif len(sys.argv) == 3:
        print("polars is not installed")
    elif len(sys.argv) == 2:  # a process each: memory is the highest of a process
        return max(subprocess.run([sys.executable, __file__, sys.argv[1], name]).returncode
                   for name in ("pandas", "polars"))
    else:
        print(__doc__)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
