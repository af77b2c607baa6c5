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


def engine(program, trials, folder, formats):
    """Processor seconds of `fabcast run`, start and files included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([program, "run", "baseline", "--trials", str(trials), "--threads", "1", "--quiet",
                    "--force", "--format", formats, "--out", folder], check=True)
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
    whole, tables = [], []
    print(f"baseline, {trials} trials, one thread each; seconds of processor time")
    print(f"{'':>5} {'all files':>9} {'tables':>9} {'':>9} {'ratio to':>8} {'ratio to':>8}")
    print(f"{'round':>5} {'engine':>9} {'engine':>9} {'NumPy':>9} {'all':>8} {'tables':>8}")
    with tempfile.TemporaryDirectory() as folder:
        for number in range(1, rounds + 1):
            ours = engine(program, trials, folder + "/run", "csv,xlsx,html")
            alone = engine(program, trials, folder + "/run", "csv")
            theirs, values = rival(program, trials, number)
            whole.append(theirs / ours)
            tables.append(theirs / alone)
            print(f"{number:>5} {ours:>9.2f} {alone:>9.2f} {theirs:>9.2f} {whole[-1]:>7.1f}x "
                  f"{tables[-1]:>7.1f}x", flush=True)
    print(f"{values} values with their means and quantiles; median ratio {np.median(whole):.1f}x with "
          f"workbook and page, {np.median(tables):.1f}x with the tables alone")


if __name__ == "__main__":
    main()
