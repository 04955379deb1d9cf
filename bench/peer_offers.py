"""The bound of the linear program by HiGHS (scipy.optimize.linprog), beside that of bench_offers.

    build/bench/bench_offers 2000 10 FILE && /usr/bin/python3 bench/peer_offers.py FILE

Exit code 1 where the two bounds differ by more than 0.01 %.
"""
import json
import sys

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_matrix

problem = json.load(open(sys.argv[1], encoding="utf-8"))
n, m = problem["customers"], problem["offers"]
gain = np.array(problem["gain"], dtype=float).reshape(n, m)
cost = np.array(problem["cost"], dtype=float).reshape(n, m)
# One variable a customer and offer that is for the customer.
customer, offer = np.nonzero(~np.isnan(gain))
profit = gain[customer, offer] - cost[customer, offer]
columns = np.arange(len(profit))
rows, cells, values, limits = [customer], [columns], [np.ones(len(profit))], [np.ones(n)]


def limit(which, amounts, most):
    row = sum(len(part) for part in limits)
    rows.append(np.full(len(which), row))
    cells.append(which)
    values.append(amounts)
    limits.append(np.array([most]))


limit(columns, cost[customer, offer], problem["budget"])
for j, most in enumerate(problem["capacity"]):
    which = columns[offer == j]
    if most is not None:
        limit(which, np.ones(len(which)), most)
channel = np.array(problem["channel"])[offer]
for c, most in enumerate(problem["channel_capacity"]):
    which = columns[channel == c]
    if most is not None:
        limit(which, np.ones(len(which)), most)
a = coo_matrix((np.concatenate(values), (np.concatenate(rows), np.concatenate(cells))))
found = linprog(-profit, A_ub=a.tocsr(), b_ub=np.concatenate(limits), bounds=(0, 1), method="highs")
off = abs(problem["bound"] + found.fun) / -found.fun
print(f"HiGHS: bound {-found.fun:.4f}; ours {problem['bound']:.4f} ({100 * off:.5f} % off), "
      f"profit {problem['profit']:.4f}")
sys.exit(off > 1e-4)
