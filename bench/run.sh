#!/usr/bin/env bash
# Measures this build and its Python peer side by side, on the same data, in one run.
#   bench/run.sh        (after `make build`; see `make bench`)
# Data: the real shop where it is present (../shared/data or PERENNIAL_DATA), else a generated one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
work=out/bench
mkdir -p "$work"
real=${PERENNIAL_DATA:-../shared/data}/shop/v1
if [ -e "$real/market_file.csv" ]; then
  shop=$real
else
  shop=$work/shop
  build/perennial generate shop --customers 1300 --seed 1 -o "$shop"
fi
build/perennial generate shop --customers 100000 --seed 1 -o "$work/shop-100k"
code=0
/usr/bin/python3 bench/compare.py "$shop" "$work/shop-100k" "$work" || code=$?
if [ -x build/bench/bench_explore ]; then
  echo
  echo "Exploration against DuckDB's SUMMARIZE, φK against numpy and scipy (seconds)"
  build/bench/bench_explore "$work/phik-columns.csv" || code=$?
  printf 'the same matrix by bench/peer_phik.py: '
  /usr/bin/python3 bench/peer_phik.py "$work/phik-columns.csv"
fi
if [ -x build/bench/bench_events ]; then
  echo
  echo "Features of 2 and 20 million events against DuckDB's plain aggregates; pandas and polars"
  build/bench/bench_events "$work" || code=$?
  # Debian has no polars: it comes from PyPI where that is reached.
  if [ ! -d "$work/python" ]; then
    python3 -m pip install --quiet --target "$work/python" polars || rm -rf "$work/python"
  fi
  for millions in 2 20; do
    PYTHONPATH=$work/python /usr/bin/python3 bench/peer_events.py "$work/events-${millions}m.csv"
  done
fi
if [ -x build/bench/bench_offers ]; then
  echo
  echo "Offers for a million customers"
  build/bench/bench_offers || code=$?
  build/bench/bench_offers 2000 10 "$work/offers.json"
  /usr/bin/python3 bench/peer_offers.py "$work/offers.json" || code=$?
fi
if [ -x build/bench/bench_logistic ]; then
  echo
  echo "Logistic regression against LIBLINEAR"
  build/bench/bench_logistic
fi
if [ -x build/bench/bench_shap ]; then
  echo
  echo "SHAP values of 200 trees against XGBoost's own contributions"
  build/bench/bench_shap || code=$?
fi
exit "$code"
