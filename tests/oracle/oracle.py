"""Whether the engine and the model in NumPy (model.py) agree: trial by trial on the engine's draws, and
in distribution on draws of NumPy's own.

  oracle.py PROGRAM draws FILE:TRIALS…          every reported value of every trial
  oracle.py PROGRAM distribution FILE:TRIALS…   inputs, outputs by year
"""

import argparse
import csv
import subprocess
import sys
import tempfile

try:
    import numpy as np
    from scipy import stats
except ImportError as missing:
    sys.exit(f"{missing}: `./dev setup` installs python3-numpy and python3-scipy")

import model
from inputs import EngineDraws, Inputs, OwnDraws, Scenario
from values import month_text


def engine_run(program, file, trials, seed, folder, *options):
    subprocess.run([program, "run", file, "--quiet", "--force", "--out", folder, "--trials", str(trials),
                    "--seed", str(seed), *options], check=True, stderr=subprocess.DEVNULL)


def kept_run(program, file, trials, seed, folder, wanted=None):
    """The engine's trials by 'variable entity period', of all variables or of the wanted ones, and what
    it drew."""
    engine_run(program, file, 1, seed, folder)
    with open(f"{folder}/summary.csv", encoding="utf-8", newline="") as table:
        variables = {row["variable"] for row in csv.DictReader(table)}
    engine_run(program, file, trials, seed, folder, "--format", "npy", "--keep-inputs", "--keep-trials",
               ",".join(sorted(variables & wanted if wanted else variables)))
    with open(f"{folder}/trials.columns.txt", encoding="utf-8") as names:
        columns = names.read().splitlines()
    told = dict(zip(columns, np.load(f"{folder}/trials.npy").T.copy()))
    told.pop("weight", None)
    return told


def dies_made(told):
    """By die and period."""
    made = {}
    for column, values in told.items():
        variable, entity, period = column.split(" ")
        if variable == "die.good":
            die = entity.split(".")[0], period
            made[die] = made.get(die, 0.0) + values
    return made


def differences(told, mine, tolerance, floor):
    """Relative differences above the tolerance as text, the largest one, and how many trials differ that
    stood on the edge of a whole pod, where rounding decides. A value is at least taken for `floor` of the
    largest that its series has in any trial and period."""
    largest, wrong, worst, forgiven = {}, [], (0.0, ""), np.zeros(len(mine.edge), bool)
    made = dies_made(told)
    for column, values in told.items():
        series = column.rsplit(" ", 1)[0]
        largest[series] = max(largest.get(series, 0.0), np.abs(values).max())
    for column, values in told.items():
        own = mine.values.get(column)
        if own is None:
            wrong.append((np.inf, f"{column}: the engine tells of it, the oracle does not"))
            continue
        scale = np.maximum(np.abs(values), np.abs(own))
        scale = np.maximum(scale, floor * largest[column.rsplit(" ", 1)[0]] + 1e-300)
        off = np.abs(values - own) / scale
        variable, entity, period = column.split(" ")
        if variable in ("die.yield", "bin.yield"):  # of less than a die the lines' parts hang on rounding
            off = np.where(made[entity.split(".")[0], period] < 1e9 * tolerance, off * 1e-4, off)
        on_edge = (off > tolerance) & (mine.edge < tolerance)
        forgiven |= on_edge
        off = np.where(on_edge, 0, off)
        trial = int(off.argmax())
        worst = max(worst, (off[trial], column))
        if not off[trial] <= tolerance:
            wrong.append((off[trial], f"{column}: trial {trial}: engine {values[trial]:.15g}, "
                          f"oracle {own[trial]:.15g}"))
    for series in sorted({c.rsplit(" ", 1)[0] for c, v in mine.values.items()
                          if c not in told and np.any(v)}):
        wrong.append((np.inf, f"{series}: the oracle tells of it, the engine does not"))
    return sorted(wrong, reverse=True), worst, forgiven.sum()


def same_draws(program, file, trials, options):
    with tempfile.TemporaryDirectory() as folder:
        told = kept_run(program, file, trials, options.seed, folder + "/run")
        scenario = Scenario(program, file)
        mine = model.run(scenario, Inputs(scenario, EngineDraws(folder + "/run", scenario, trials)))
    wrong, worst, on_edge = differences(told, mine, options.tolerance, options.floor)
    print(f"{file}: {len(told)} values of {trials} trials; largest difference {worst[0]:.2g} ({worst[1]})"
          + (f"; {on_edge} trials on the edge of a whole pod left out" if on_edge else ""))
    for off, text in wrong[:20]:
        print(f"  {off:.3g}  {text}")
    if len(wrong) > 20:
        print(f"  and {len(wrong) - 20} more")
    return not wrong and on_edge <= 0.02 * trials


OUTPUTS = {"wafer.capacity", "wafer.outs", "defect.density", "die.yield", "bin.yield", "die.good",
           "memory.made", "memory.stock", "packages.yield", "packages.started", "npus.shipped",
           "npus.deployed", "npus.installed", "pods.deployed", "milestone.reached", "demand.npus",
           "demand.open", "delivered.npus", "gap.npus", "compute.fp16", "training.months",
           "revenue.wafers", "revenue.share", "revenue.npus", "event.started"}
DRAWS = 4096  # of the engine, and of our inputs alone
SIGNIFICANCE = 1e-3  # that any of all tests of a file fails by chance


def two_samples(name, first, second):
    """p of the hypothesis that two samples are of one distribution: Kolmogorov and Smirnov, and Welch."""
    largest = max(np.abs(first).max(), np.abs(second).max(), 1e-300)
    first, second = (np.round(each / largest, 9) for each in (first, second))  # atoms meet
    if first.std() == 0 and second.std() == 0:
        return [(float(first[0] == second[0]), name)]
    return [(stats.ks_2samp(first, second, method="asymp").pvalue, name + " (distribution)"),
            (stats.ttest_ind(first, second, equal_var=False).pvalue, name + " (mean)")]


def test_inputs(scenario, drawn, own, keys):
    """Inputs in their first, middle and last month, from month to month, and by pairs."""
    p = []
    months = [scenario.first + m for m in (0, scenario.months // 2, scenario.months - 1)]
    last = {}
    for key in keys:
        value, unit = scenario.value(key), scenario.about(key)[0]
        makers = [draws.input(key, value, unit) for draws in (drawn, own)]
        samples = {m: [make(m) + np.zeros(DRAWS) for make in makers]
                   for m in sorted({*months, months[-1] - 1})}
        for m in months:
            p += two_samples(f"{key} {month_text(m)}", *samples[m])
        if value.sigma > 0:
            p += two_samples(f"{key}, month over month",
                             *(samples[months[-1]][i] / samples[months[-1] - 1][i] for i in (0, 1)))
        last[key] = next((samples[m] for m in reversed(months) if all(s.std() > 0 for s in samples[m])))
    for group, views in scenario.views.items():
        counts = [np.bincount(draws.view(group).astype(int), minlength=len(views)) for draws in (drawn, own)]
        p.append((stats.chi2_contingency(counts).pvalue, f"views of [{group or 'view'}]"))
    for first, second in scenario.correlations:
        r = [stats.spearmanr(last[first][i], last[second][i]).statistic for i in (0, 1)]
        z = (np.arctanh(r[0]) - np.arctanh(r[1])) / np.sqrt(2 * 1.06 / (DRAWS - 3))
        p.append((2 * stats.norm.sf(abs(z)), f"correlation {first} ~ {second}"))
    return p


def in_distribution(program, file, trials, options):
    scenario = Scenario(program, file)
    with tempfile.TemporaryDirectory() as folder:
        told = kept_run(program, file, DRAWS, options.seed, folder + "/run", OUTPUTS)
        drawn = EngineDraws(folder + "/run", scenario, DRAWS)
    keys = [k for k in drawn.keys() if not k.startswith("event.")]
    p = test_inputs(scenario, drawn, OwnDraws(options.seed, DRAWS, scenario), keys)
    of_inputs = len(p)
    mine = model.run(scenario, Inputs(scenario, OwnDraws(options.seed + 1, trials, scenario))).values
    for column, values in told.items():
        if "Q" not in column.rsplit(" ", 1)[1]:
            p += two_samples(column, values, mine[column])
    least = SIGNIFICANCE / len(p)
    p.sort()
    print(f"{file}: {of_inputs} tests of inputs ({DRAWS} draws), {len(p) - of_inputs} of outputs "
          f"(of {trials} own trials); smallest p {p[0][0]:.2g} ({p[0][1]}), "
          f"allowed {least:.2g}")
    wrong = [each for each in p if not each[0] >= least]
    for each in wrong[:20]:
        print(f"  p = {each[0]:.2g}  {each[1]}")
    return not wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("what", choices=("draws", "distribution"))
    parser.add_argument("files", nargs="+", metavar="FILE:TRIALS")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tolerance", type=float, default=1e-9,
                        help="relative; 1e-5 where the engine runs in float (default 1e-9)")
    parser.add_argument("--floor", type=float, default=1e-4,
                        help="part of a series' largest value that any of it is taken for at least\n"
                             "(default 1e-4; 0.1 where the engine runs in float)")
    options = parser.parse_args()
    compare = same_draws if options.what == "draws" else in_distribution
    right = True
    for each in options.files:
        file, trials = each.rsplit(":", 1)
        right &= compare(options.program, file, int(trials), options)
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
