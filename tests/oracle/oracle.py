"""Runs the engine and the model in NumPy on the same draws and compares every reported value."""

import csv
import os
import subprocess
import sys
import tempfile

import numpy as np

import model
from inputs import EngineDraws, Inputs, Scenario


def engine(program, file, sets, folder, *options):
    sets = [word for each in sets for word in ("--set", each)]
    subprocess.run([program, "run", file, *sets, "--quiet", "--force", "--out", folder, *options],
                   check=True)


def kept(program, file, trials, seed, sets, folder):
    """The engine's trials of all series, and what it drew."""
    engine(program, file, sets, folder, "--trials", "1")
    with open(f"{folder}/summary.csv", encoding="utf-8", newline="") as table:
        variables = sorted({row["variable"] for row in csv.DictReader(table)})
    engine(program, file, sets, folder, "--trials", str(trials), "--seed", str(seed), "--format", "npy",
           "--keep-inputs", "--keep-trials", ",".join(variables))
    with open(f"{folder}/trials.columns.txt", encoding="utf-8") as names:
        columns = names.read().splitlines()
    return dict(zip(columns, np.load(f"{folder}/trials.npy").T))


def differences(told, mine):
    """Largest relative difference by series; absolute where the series itself is small, beside the
    largest value of the series in any trial and period."""
    worst = {}
    largest = {}
    for column, values in told.items():
        series = column.rsplit(" ", 1)[0]
        largest[series] = max(largest.get(series, 0), np.abs(values).max())
    for column, values in told.items():
        if column == "weight":
            continue
        series = column.rsplit(" ", 1)[0]
        if column not in mine:
            worst[series] = np.inf, column, -1
            continue
        scale = np.maximum(np.maximum(np.abs(values), np.abs(mine[column])), 1e-4 * largest[series] + 1e-300)
        off = np.abs(values - mine[column]) / scale
        if off.max() > worst.get(series, (-1,))[0]:
            worst[series] = off.max(), column, int(off.argmax())
    return worst


if __name__ == "__main__":
    program, file, trials, *sets = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        told = kept(program, file, int(trials), 1, sets, folder + "/o")
        scenario = Scenario(program, file, sets)
        draws = EngineDraws(folder + "/o", scenario) if os.path.exists(folder + "/o/drawn.npy") else None
        if draws is None:
            class none: trials = int(sys.argv[3])
            draws = none()
        mine = model.run(scenario, Inputs(scenario, draws))
    worst = differences(told, mine)
    for series, (off, column, trial) in sorted(worst.items(), key=lambda w: -w[1][0])[:int(os.environ.get("SHOW", 40))]:
        print(f"{off:.3g}  {column}  trial {trial}  engine {told[column][trial]:.12g}  "
              f"oracle {mine[column][trial] if column in mine else np.nan:.12g}")
    print(len(worst), "series;", sum(w[0] > 1e-9 for w in worst.values()), "differ")
    extra = {c.rsplit(" ", 1)[0] for c, v in mine.items() if c not in told and np.any(v)}
    print("not reported by the engine, not 0:", sorted(extra))
