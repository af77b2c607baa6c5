#!/usr/bin/env python3
"""Is single precision enough? Compares the summary.csv of two runs of the same draws, one built in
float (-D FABCAST_FLOAT_LANES=ON), one in double (the default), with the Monte Carlo error.

  bench/precision.py FLOAT/summary.csv DOUBLE/summary.csv

Of each mean and quantile: |float - double| over its Monte Carlo standard error in the double run. A
quantile's is its 90 % interval's half width over 1.645. What has no Monte Carlo error (a value that
many trials share) is compared relative to its size or its standard deviation.
"""

import csv
import sys

QUANTILES = ["p05", "p10", "p25", "p50", "p75", "p90", "p95"]
MOST = 0.01  # of a standard error
MOST_RELATIVE = 1e-5  # where there is none


def rows_of(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    single, double = rows_of(sys.argv[1]), rows_of(sys.argv[2])
    key = lambda row: (row["variable"], row["entity"], row["period"])
    if [key(row) for row in single] != [key(row) for row in double]:
        sys.exit("the two files are not of the same scenario and months")
    found = {name: [] for name in ["mean"] + QUANTILES}  # (ratio, row)
    fixed = {name: [] for name in found}  # (relative difference, row)
    for a, b in zip(single, double):
        for name in found:
            x, y = float(a[name]), float(b[name])
            if name == "mean":
                error = float(b["mean_se"])
            else:
                error = (float(b[name + "_hi"]) - float(b[name + "_lo"])) / (2 * 1.645)
            size = max(abs(x), abs(y), float(b["sd"]))
            # Near a value that many trials share there is no error to measure by.
            if error > 1e-6 * size:
                found[name].append((abs(x - y) / error, b))
            else:
                fixed[name].append((abs(x - y) / size if size else 0.0, b))
    print(f"{len(double)} outputs (variable, entity, period).\n")
    print("| of each output | with an error | median | 99 % | worst | above 1 % of it | without one | worst, relative |")
    print("|---|---|---|---|---|---|---|---|")
    outside = []
    for name, ratios in found.items():
        ordered = sorted(ratio for ratio, _ in ratios)
        over = [(ratio, name, row) for ratio, row in ratios if ratio > MOST]
        moved = [(of, name, row) for of, row in fixed[name] if of > MOST_RELATIVE]
        outside += over + moved
        at = lambda share: ordered[int(share * (len(ordered) - 1))] if ordered else 0
        worst = max((of for of, _ in fixed[name]), default=0)
        print(f"| {name} | {len(ordered):,} | {at(0.5):.1e} | {at(0.99):.1e} | {at(1):.1e} "
              f"| {len(over)} | {len(fixed[name]):,} | {worst:.0e} |")
    print()
    for ratio, name, row in sorted(outside, key=lambda one: -one[0])[:40]:
        print(f"- {row['variable']} {row['entity']} {row['period']} {name}: {ratio:.2g} "
              f"(sd {row['sd']}, mean_se {row['mean_se']}, value {row[name]})")
    sys.exit(1 if outside else 0)


main()
