#!/usr/bin/python3
"""Runs this build and its Python peer by turns and prints both.

usage: compare.py SHOP_FOLDER SHOP_100K_FOLDER WORK_FOLDER [PART]     (from the project's root)
PART: grids, scale or run; all of them where none is named.

Times are the median of REPEATS turns (SCALE_REPEATS for many customers). The peer's imports are not counted, ours are whole processes, where
a floor is decided; for many customers both ratios are printed. Exit 1 when a floor in FLOORS is missed.
"""
import json
import os
import shutil
import statistics
import subprocess
import sys
import time

REPEATS = 3
SCALE_REPEATS = 7  # the shortest of all: a neighbour on the machine weighs most there
PROGRAM = os.environ.get("PERENNIAL_PROGRAM", "build/perennial")
# Least ratio of the peer's time to ours (least_grid: of KNN, tree and logistic regression each); most seconds and bytes of a whole run on the shop.
FLOORS = {"grids": 25.0, "least_grid": 20.0, "scale": 5.0, "run_seconds": 2.0, "run_bytes": 150e6}


def peer(what, folder):
    """The peer's own figures, and the seconds of its whole process, start and imports included."""
    begin = time.perf_counter()
    run = subprocess.run(["/usr/bin/python3", "bench/peer_shop.py", what, folder], check=True, capture_output=True, text=True)
    return json.loads(run.stdout.splitlines()[-1]) | {"wall": time.perf_counter() - begin}


def cpu(usage):
    return usage.ru_utime + usage.ru_stime


def perennial(study, folder, out, question=None):
    """One whole process: wall seconds, peak bytes, metrics.json."""
    shutil.rmtree(out, ignore_errors=True)
    command = [PROGRAM, "run", study, "--data", folder, "-o", out] + (["--question", question] if question else [])
    begin = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    errors = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - begin
    if status != 0:
        sys.exit(f"{' '.join(command)}\nended with {os.waitstatus_to_exitcode(status)}:\n{errors}")
    name = question or next(d for d in sorted(os.listdir(out)) if os.path.exists(f"{out}/{d}/metrics.json"))
    with open(f"{out}/{name}/metrics.json", encoding="utf-8") as f:
        return {"wall": seconds, "cpu": cpu(usage), "bytes": usage.ru_maxrss * 1024, "metrics": json.load(f)}


def search_seconds(run):
    stages = run["metrics"]["seconds"]
    named = [v for k, v in stages.items() if k.startswith("search")]
    return sum(named) if named else sys.exit(f"no search stage in metrics.json: {stages}")


def words(params):
    """The parameters that the grids vary."""
    keys = ("n_neighbors", "max_depth", "max_features", "penalty", "kernel", "degree", "C", "scale", "num")
    return ", ".join(f"{k} {params[k]}" for k in keys if k in params)


def row(*cells):
    print("  ".join(str(c).ljust(w) for c, w in zip(cells, (10, 6, 10, 10, 8, 10, 10, 60))).rstrip())


def compare_grids(shop, work):
    print("Grid search: the peer's grids, 5 folds, ROC-AUC (seconds of the search)")
    row("learner", "fits", "peer s", "ours s", "times", "peer auc", "our auc", "winners: peer | ours")
    # A learner's grid in one question or in two, whose searches are added up.
    questions = {"knn": ["knn"], "tree": ["tree"], "logistic": ["logistic"], "svm": ["svm", "svm_poly"]}
    peers, ours, ratios = [], {name: [] for name in questions}, {}
    for _ in range(REPEATS):
        peers.append(peer("grids", shop))
        for name, parts in questions.items():
            ours[name].append([perennial("bench/shop_grid.toml", shop, f"{work}/grid", q) for q in parts])
    totals, same = [0.0, 0.0], []
    for name, runs in ours.items():
        theirs = statistics.median(p[name]["seconds"] for p in peers)
        mine = statistics.median(sum(map(search_seconds, turn)) for turn in runs)
        ratios[name] = theirs / mine
        totals[0] += theirs
        totals[1] += mine
        p = peers[-1][name]
        m = max((r["metrics"] for r in runs[-1]), key=lambda found: found["cv"]["roc_auc"])
        row(name, p["fits"], f"{theirs:.3f}", f"{mine:.4f}", f"{theirs / mine:.1f}", f"{p['cv_roc_auc']:.4f}",
            f"{m['cv']['roc_auc']:.4f}", f"{words(p['best'])} | {words(m['winner']['params'])}")
        same.append(abs(p["cv_roc_auc"] - m["cv"]["roc_auc"]) <= 2 * p["cv_sd"])
    ratio = totals[0] / totals[1]
    row("together", sum(p["fits"] for p in peers[-1].values() if isinstance(p, dict) and "fits" in p), f"{totals[0]:.3f}", f"{totals[1]:.4f}", f"{ratio:.1f}")
    print("best ROC-AUC within two standard deviations of the folds:", "yes" if all(same) else "NO")
    least = min(ratios[name] for name in ("knn", "tree", "logistic"))
    return {"grids": ratio, "least_grid": least, "same_winners": all(same)}


def compare_scale(folder, work):
    print("\n100,000 generated customers, read to scored CSV, logistic regression")
    peers, ours = [], []
    for _ in range(SCALE_REPEATS):
        peers.append(peer("scale", folder))
        ours.append(perennial("bench/scale_logistic.toml", folder, f"{work}/scale"))
    theirs = statistics.median(p["seconds"] for p in peers)
    mine = statistics.median(r["wall"] for r in ours)
    whole = statistics.median(p["wall"] for p in peers)
    m = ours[-1]["metrics"]
    print("the peer reads, repairs, joins, splits, prepares, fits, scores, writes one CSV and computes the test ROC-AUC;\n"
          "ours also audits, fits 2 folds, gives intervals for all figures and writes report, model and leaderboard")
    print(f"peer {theirs:.3f} s (imports not counted), ours {mine:.3f} s (whole process): {theirs / mine:.1f} times; "
          "the floor is decided on this")
    print(f"peer {whole:.3f} s (whole process), ours {mine:.3f} s (whole process): {whole / mine:.1f} times")
    work_of = statistics.median(r["cpu"] for r in ours)
    peer_work = statistics.median(p["cpu_seconds"] for p in peers)
    print(f"processor seconds: peer {peer_work:.3f} (imports not counted), ours {work_of:.3f} (whole process): "
          f"{peer_work / work_of:.1f} times; steadier than the above where the machine has other work")
    print(f"test ROC-AUC: peer {peers[-1]['test_roc_auc']:.4f}, ours {m['test']['roc_auc']['value']:.4f}; "
          f"peak memory: peer {peers[-1]['peak_rss_bytes'] / 1e6:.0f} MB, ours {ours[-1]['bytes'] / 1e6:.0f} MB")
    print("stages:", ", ".join(f"{k} {v:.3f}" for k, v in m["seconds"].items()))
    return {"scale": theirs / mine}


def whole_run(shop, work):
    seconds, size = [], []
    for study, what in (("examples/shop.toml", "three families, audit, verdict, reasons, report"),
                        ("bench/shop_grid.toml", "all five questions of the peer's grids, each with the same")):
        print(f"\nThe whole run of {study} on the shop ({what})")
        runs = [perennial(study, shop, f"{work}/run") for _ in range(REPEATS)]
        seconds.append(statistics.median(r["wall"] for r in runs))
        size.append(max(r["bytes"] for r in runs))
        m = runs[-1]["metrics"]
        print(f"{seconds[-1]:.3f} s, peak memory {size[-1] / 1e6:.0f} MB; question {m['question']}: winner {m['winner']['learner']}, "
              f"test ROC-AUC {m['test']['roc_auc']['value']:.4f}, {m['fits']} fits")
        print("stages:", ", ".join(f"{k} {v:.3f}" for k, v in m["seconds"].items()))
    return {"run_seconds": max(seconds), "run_bytes": max(size)}


def main():
    shop, large, work = sys.argv[1:4]
    parts = {"grids": lambda: compare_grids(shop, work), "scale": lambda: compare_scale(large, work),
             "run": lambda: whole_run(shop, work)}
    wanted = sys.argv[4:] or list(parts)
    if not set(wanted) <= set(parts):
        sys.exit(f"no such part: {wanted}; there are {', '.join(parts)}")
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, data {shop}\n")
    seen = {k: v for part in wanted for k, v in parts[part]().items()}
    misses = [k for k in ("grids", "least_grid", "scale") if k in seen and seen[k] < FLOORS[k]]
    misses += [k for k in ("run_seconds", "run_bytes") if k in seen and seen[k] > FLOORS[k]]
    misses += [] if seen.get("same_winners", True) else ["same_winners"]
    with open(f"{work}/result.json", "w", encoding="utf-8") as f:
        json.dump({"seen": seen, "floors": FLOORS, "missed": misses}, f, indent=1)
    print("\nfloors:", "all held" if not misses else "MISSED: " + ", ".join(misses))
    sys.exit(1 if misses else 0)


main()
