#!/usr/bin/python3
"""How much surer points make results: README.md, "Samplers".

Runs a scenario under many seeds with each sampler and compares the spread of its results with the
standard errors of as many independent (Philox) trials. Those need no spread over seeds: a mean errs
by sd / sqrt(trials), a quantile by its 90 % interval / (2 x 1.645), averaged over a few seeds.
"""

import argparse
import csv
import json
import os
import statistics
import subprocess
import sys
import tempfile

SHOWN = ("mean", "p05", "p50", "p95")


def run(program, scenario, sampler, trials, seed, folder):
    """Tables of one run: {(variable, entity, period): row of summary.csv}, and its headline."""
    subprocess.run(
        [program, "run", scenario, "--quiet", "--force", "--format", "csv", "--out", folder,
         "--sampler", sampler, "--trials", str(trials), "--seed", str(seed)],
        check=True, stderr=subprocess.DEVNULL)
    with open(os.path.join(folder, "run.json"), encoding="utf-8") as file:
        made = json.load(file)
    headline = [(h["variable"], h["entity"]) for h in made["report"]["headline"]]
    with open(os.path.join(folder, "summary.csv"), encoding="utf-8") as file:
        rows = {(r["variable"], r["entity"], r["period"]): r for r in csv.DictReader(file)}
    return rows, headline, made["trials"]


def standard_error(row, statistic):
    """Of independent trials, as the row itself tells it."""
    if statistic == "mean":
        return float(row["mean_se"])
    return (float(row[statistic + "_hi"]) - float(row[statistic + "_lo"])) / (2 * 1.6449)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--scenario", default="baseline")
    parser.add_argument("--period", default="2028")
    parser.add_argument("--trials", default="4096,16384")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--philox-seeds", type=int, default=4)
    parser.add_argument("--samplers", default="sobol,lhs")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for trials in map(int, asked.trials.split(",")):
            philox = [run(asked.program, asked.scenario, "philox", trials, seed, folder)
                      for seed in range(1, asked.philox_seeds + 1)]
            outputs = [("npus.cumulative", "national"), *philox[0][1]]
            for sampler in asked.samplers.split(","):
                runs = [run(asked.program, asked.scenario, sampler, trials, seed, folder)
                        for seed in range(1, asked.seeds + 1)]
                made = runs[0][2]
                print(f"\n{sampler}, {made} trials, {asked.seeds} seeds: variance of as many "
                      f"Philox trials over its own\n")
                print("| output, " + asked.period + " | " + " | ".join(SHOWN) +
                      " | told error of the mean / true |")
                print("|---|" + "---|" * (len(SHOWN) + 1))
                for variable, entity in outputs:
                    key = (variable, entity, asked.period)
                    cells = []
                    for statistic in SHOWN:
                        independent = statistics.fmean(
                            standard_error(rows[key], statistic) ** 2 for rows, _, _ in philox)
                        independent *= trials / made
                        own = statistics.variance(float(rows[key][statistic])
                                                  for rows, _, _ in runs)
                        cells.append(f"{independent / own:.1f}" if own > 0 else "exact")
                    told = statistics.fmean(float(rows[key]["mean_se"]) ** 2 for rows, _, _ in runs)
                    true = statistics.variance(float(rows[key]["mean"]) for rows, _, _ in runs)
                    cells.append(f"{(told / true) ** 0.5:.2f}" if true > 0 else "exact")
                    print(f"| `{variable} {entity}` | " + " | ".join(cells) + " |")
                sys.stdout.flush()


if __name__ == "__main__":
    main()
