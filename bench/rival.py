"""The engine beside the same model in NumPy (tests/oracle): seconds of processor time that the baseline takes,
one thread each, in turns within one run; quantiles of every reported value included.

  rival.py PROGRAM [TRIALS] [ROUNDS]
"""

import os
import resource
import subprocess
import sys
import tempfile

# Before NumPy comes: one thread.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "oracle"))

import numpy as np

import model
from inputs import Inputs, OwnDraws, Scenario

CHUNK = 2048  # trials that NumPy takes at a time: its arrays stay in the cache
QUANTILES = (0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95)


def engine(program, trials, folder, *options):
    """Processor seconds of `fabcast run`, start and files included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([program, "run", "baseline", "--trials", str(trials), "--threads", "1", "--quiet",
                    "--force", "--out", folder, *options], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def rival(program, trials, seed):
    """Processor seconds of NumPy for the same: scenario, draws, model, means, quantiles. `check` and
    `explain`, which read the scenario for it, are not counted."""
    before = resource.getrusage(resource.RUSAGE_SELF)
    scenario, parts = Scenario(program, "baseline"), []
    for first in range(0, trials, CHUNK):
        draws = OwnDraws([seed, first], min(CHUNK, trials - first), scenario)
        parts.append(model.run(scenario, Inputs(scenario, draws)).values)
    told = {}
    for column in parts[0]:
        values = np.concatenate([part[column] for part in parts])
        told[column] = values.mean(), values.std(), np.quantile(values, QUANTILES)
    after = resource.getrusage(resource.RUSAGE_SELF)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, len(told)


def main():
    program = os.path.abspath(sys.argv[1])
    trials, rounds = (int(word) for word in (sys.argv[2:] + ["16384", "3"][len(sys.argv) - 2:])[:2])
    ways = {"all files, exact": ("--format", "csv,xlsx,html", "--quantiles", "exact"),
            "tables, exact": ("--format", "csv", "--quantiles", "exact"),
            "tables, binned": ("--format", "csv", "--quantiles", "binned")}
    ratios = {way: [] for way in ways}
    print(f"baseline, {trials} trials, one thread each; seconds of processor time, times that NumPy takes")
    print(f"{'round':>5}" + "".join(f"{way:>24}" for way in ways) + f"{'NumPy':>10}")
    with tempfile.TemporaryDirectory() as folder:
        for number in range(1, rounds + 1):
            ours = {way: engine(program, trials, folder + "/run", *ways[way]) for way in ways}
            theirs, values = rival(program, trials, number)
            for way in ways:
                ratios[way].append(theirs / ours[way])
            print(f"{number:>5}" + "".join(f"{ours[way]:>15.2f} {ratios[way][-1]:>7.1f}x" for way in ways)
                  + f"{theirs:>10.2f}", flush=True)
    medians = ", ".join(f"{way} {np.median(ratios[way]):.1f}x" for way in ways)
    print(f"{values} values with their means and quantiles; median ratios: {medians}")


if __name__ == "__main__":
    main()
