#!/usr/bin/python3
"""Makes src/generate/shop_tables.cc: summary statistics of the real shop, never its rows.

usage: tools/shop_summary.py SHOP_FOLDER > src/generate/shop_tables.cc    (needs pandas, scipy, scikit-learn)

Quantiles or shares of each column, rank correlations (Cholesky factor of the Gaussian copula), shares of
the categories, and a logistic regression with squares that says how likely a customer's decline is.
"""
import sys

import numpy as np
import pandas as pd
from scipy.stats import norm, rankdata
from sklearn.linear_model import LogisticRegression

# name in the joined table, decimals (0: a count, kept as shares of its values)
NUMBERS = [("Маркет_актив_6_мес", 1), ("Маркет_актив_тек_мес", 0), ("Длительность", 0), ("Акционные_покупки", 2),
           ("Средний_просмотр_категорий_за_визит", 0), ("Неоплаченные_продукты_штук_квартал", 0), ("Ошибка_сервиса", 0),
           ("Страниц_за_визит", 0), ("выручка_препредыдущий_месяц", 1), ("выручка_текущий_месяц", 1),
           ("выручка_предыдущий_месяц", 1), ("минут_текущий_месяц", 0), ("минут_предыдущий_месяц", 0), ("Прибыль", 2)]
CATEGORIES = ["Тип сервиса", "Разрешить сообщать", "Популярная_категория"]
MANY = 30     # a whole-numbered column with more values than this gets quantiles
POINTS = 41   # quantiles a column


def real_table(folder):
    file, money, minutes, profit = (pd.read_csv(f"{folder}/{f}.csv")
                                    for f in ("market_file", "market_money", "market_time", "money"))
    file["Тип сервиса"] = file["Тип сервиса"].replace("стандартт", "стандарт")
    minutes["Период"] = minutes["Период"].replace("предыдцщий_месяц", "предыдущий_месяц")
    odd = set(money.loc[(money["Выручка"] <= 0) | (money["Выручка"] > 1e5), "id"])
    d = file[~file["id"].isin(odd)]
    d = d.merge(money.pivot(index="id", columns="Период", values="Выручка").add_prefix("выручка_"), on="id")
    d = d.merge(minutes.pivot(index="id", columns="Период", values="минут").add_prefix("минут_"), on="id")
    return d.merge(profit, on="id")


def listed(values, fmt="%.6g", width=96, indent="    "):
    lines, line = [], indent
    for v in values:
        word = (fmt % v) + ", "
        if len(line) + len(word) > width:
            lines.append(line.rstrip())
            line = indent
        line += word
    return "\n".join(lines + [line.rstrip().rstrip(",")])


def marginal(v, decimals, u):
    """What src/generate/shop.cc draws at share u."""
    value, count = np.unique(v, return_counts=True)
    if decimals == 0 and len(value) <= MANY:
        return value[np.searchsorted(np.cumsum(count)[:-1] / count.sum(), u)]
    return np.round(np.interp(u, np.linspace(0, 1, POINTS), np.quantile(v, np.linspace(0, 1, POINTS))), decimals)


def intercept_for(share, without):
    """The intercept with which the mean probability is `share`, by bisection."""
    low, high = -20.0, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if (1 / (1 + np.exp(-without - middle))).mean() < share else (low, middle)
    return low


def main():
    d = real_table(sys.argv[1])
    y = (d["Покупательская активность"] == "Снизилась").astype(int).to_numpy()
    x = d[[c for c, _ in NUMBERS]].to_numpy(float)
    # Gaussian copula with the real rank correlations: Pearson's r of the normals is 2 sin(pi rho / 6).
    rho = np.corrcoef(np.column_stack([rankdata(v) for v in x.T]), rowvar=False)
    factor = np.linalg.cholesky(2 * np.sin(np.pi * rho / 6))
    shares = {c: d[c].value_counts(normalize=True) for c in CATEGORIES}
    mean, sd = x.mean(0), x.std(0, ddof=1)
    s = np.clip((x - mean) / sd, -4, 4)[:, :-1]  # profit is a value, not a cause
    one_hot = np.column_stack([d[c] == v for c in CATEGORIES for v in shares[c].index])
    fitted = LogisticRegression(C=0.3, max_iter=5000).fit(np.hstack([s, s * s, one_hot]), y)
    coef = np.round(fitted.coef_[0], 5)
    n = s.shape[1]

    # The copula's customers are not quite the real ones: the intercept is set so that as many decline.
    rng = np.random.default_rng(1)
    u = norm.cdf(rng.standard_normal((200_000, len(NUMBERS))) @ factor.T)
    drawn = np.column_stack([marginal(x[:, i], decimals, u[:, i]) for i, (_, decimals) in enumerate(NUMBERS)])
    sd_drawn = np.clip((drawn - mean) / sd, -4, 4)[:, :-1]
    without, at = np.hstack([sd_drawn, sd_drawn**2]) @ coef[:2 * n], 2 * n
    for c in CATEGORIES:
        k = len(shares[c])
        without += rng.choice(coef[at:at + k], len(without), p=shares[c].to_numpy())
        at += k
    intercept = intercept_for(y.mean(), without)
    print(f"intercept fitted {fitted.intercept_[0]:.5f}, used {intercept:.5f}", file=sys.stderr)

    print('// Made by tools/shop_summary.py from the real shop: summary statistics, never rows.')
    print('#include "generate/shop_tables.h"\n\nnamespace perennial {\nnamespace {\n')
    rows = []
    for i, (name, decimals) in enumerate(NUMBERS):
        v = x[:, i]
        if decimals == 0 and len(np.unique(v)) <= MANY:
            value, count = np.unique(v, return_counts=True)
            print(f"// {name}: values and the share of customers up to each.")
            print(f"constexpr double kValues{i}[] = {{\n{listed(value, '%g')}}};")
            print(f"constexpr double kUpTo{i}[] = {{\n{listed(np.cumsum(count) / count.sum(), '%.4f')}}};")
            rows.append((name, decimals, f"kValues{i}", f"kUpTo{i}", mean[i], sd[i], i))
        else:
            print(f"// {name}: quantiles at equal steps from 0 to 1.")
            print(f"constexpr double kQuantiles{i}[] = {{\n{listed(np.quantile(v, np.linspace(0, 1, POINTS)))}}};")
            rows.append((name, decimals, f"kQuantiles{i}", "{}", mean[i], sd[i], i))
    print("\nconstexpr ShopNumber kNumbers[] = {")
    for name, decimals, values, up_to, m, dev, i in rows:
        linear, square = (coef[i], coef[n + i]) if i < n else (0, 0)
        print(f'    {{.name = "{name}",\n     .decimals = {decimals},\n     .values = {values},\n     .up_to = {up_to},\n'
              f"     .mean = {m:.6g},\n     .sd = {dev:.6g},\n     .linear = {linear:g},\n     .square = {square:g}}},")
    print("};\n\n// Lower triangle of the Cholesky factor of the rank correlations, row by row.")
    print("constexpr double kFactor[] = {\n" + listed([factor[i, j] for i in range(len(NUMBERS)) for j in range(i + 1)], "%.5f") + "};\n")
    at = 2 * n
    for k, c in enumerate(CATEGORIES):
        print(f"constexpr ShopClass kClasses{k}[] = {{")
        for v, share in shares[c].items():
            print(f'    {{.name = "{v}", .share = {share:.5f}, .effect = {coef[at]:g}}},')
            at += 1
        print("};")
    print("constexpr ShopCategory kCategories[] = {")
    for k, c in enumerate(CATEGORIES):
        print(f'    {{.name = "{c}", .classes = kClasses{k}}},')
    print("};\n\n}  // namespace\n")
    print("std::span<const ShopNumber> shop_numbers() { return kNumbers; }")
    print("std::span<const double> shop_factor() { return kFactor; }")
    print("std::span<const ShopCategory> shop_categories() { return kCategories; }")
    print(f"double shop_intercept() {{ return {intercept:.5f}; }}\n\n}}  // namespace perennial")


main()
