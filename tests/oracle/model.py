"""The model a second time: design/model.md and docs/model-notes.md in NumPy. A function a stage, months
outermost, arrays over trials. Units: months, centimetres, PFLOPS, TB, PB/s, MW.

`now(key)` is an input's value of the month; `out` takes what is reported.
"""

import functools
import itertools
from types import SimpleNamespace

import numpy as np
from scipy import special

from values import DAYS_A_MONTH

MEASURES = {"fp4": "compute.fp4", "fp8": "compute.fp8", "fp16": "compute.fp16",
            "memory_size": "memory.installed", "bandwidth": "bandwidth.installed",
            "power": "power.installed"}
SECONDS_A_MONTH = DAYS_A_MONTH * 86400
SLACK = 1e-9  # a count that misses a whole number by rounding alone is that number


def ratio(above, below):
    """above / below, 0 where nothing is below."""
    above, below = np.broadcast_arrays(above, below)
    return np.divide(above, below, out=np.zeros(above.shape), where=below != 0)


class Periods:
    """Months into the whole quarters and years of the run: flows are summed, stocks are of the last
    month, levels means, rates a sum over a sum."""

    def __init__(self, scenario, trials):
        self.first, self.last = scenario.first, scenario.first + scenario.months - 1
        self.trials, self.results, self.sums = trials, {}, {}

    def begin(self, month):
        """A month since the first."""
        self.now, self.closing = self.first + month, {}
        year, of_year = divmod(self.now, 12)
        for months, name in ((3, f"{year}Q{of_year // 3 + 1}"), (12, f"{year}")):
            if (of_year + 1) % months == 0 and self.now - months + 1 >= self.first:
                self.closing[months] = name

    def put(self, name, value, below=None, adds=True):
        for months in (3, 12):
            if self.now % months == 0 or not adds or (name, months) not in self.sums:
                self.sums[name, months] = 0.0, 0.0
            above, under = self.sums[name, months]
            self.sums[name, months] = above + value, under + (below if below is not None else 0.0)
            if months in self.closing:
                above, under = self.sums[name, months]
                result = above if below is None else ratio(above, under)
                self.results[f"{name} {self.closing[months]}"] = np.broadcast_to(result, self.trials)

    def flow(self, name, value):
        self.put(name, value)

    def stock(self, name, value):
        self.put(name, value, adds=False)

    def level(self, name, value):
        self.put(name, value, 1.0)

    def rate(self, name, above, below):
        self.put(name, above, below)


def run(scenario, inputs):
    """All reported values by 'variable entity period', arrays over trials; `edge`: how near each trial
    came to another whole number of pods, where rounding decides."""
    w = prepare(scenario, inputs.trials)
    out = Periods(scenario, inputs.trials)
    for month in range(scenario.months):
        inputs.begin(month)
        out.begin(month)
        w.month = month
        for event in inputs.events:
            out.stock(f"event.started {event.name}", (event.start <= month) * 1.0)
        tool_capacity(w, inputs, out)
        wafer_starts(w, inputs, out)
        work_in_process(w, inputs, out)
        die_yield(w, inputs, out)
        die_bank(w, inputs, out)
        memory_supply(w, inputs, out)
        demand(w, inputs, out)
        packaging(w, inputs, out)
        deliveries(w, inputs, out)
        superpod(w, inputs, out)
        compute(w, inputs, out)
        revenue(w, inputs, out)
    return SimpleNamespace(values=out.results, edge=w.edge)


def prepare(sc, trials):
    """What the scenario names, and the state before the first month."""
    w = SimpleNamespace(sc=sc, trials=trials, month=0, state={}, zeros=np.zeros(trials),
                        edge=np.ones(trials))
    w.claims = {}  # by line: its dies, in the order in which they are served
    for name in sc.names("claim"):
        fab, die = name.split(".")
        w.claims.setdefault(fab, []).append(die)
    w.bins = {}  # by die: (pool, cores), best first
    for die in sc.names("die"):
        cores = {k.split(".")[-1]: sc.value(k).paths[None][0][1].p[0] for k in sc.text
                 if k.startswith(f"die.{die}.bin.")}
        ordered = sorted(cores.items(), key=lambda b: -b[1])
        w.bins[die] = [(f"{die}.{b}", int(k)) for b, k in ordered] or [(die, None)]
    w.pools = [pool for bins in w.bins.values() for pool, _ in bins]
    w.products, w.imported = [], []
    for product in sc.names("product"):
        (w.products if sc.word(f"product.{product}.die") else w.imported).append(product)
    w.is_npu = {p: sc.word(f"product.{p}.npu") == "yes" for p in w.products + w.imported}
    w.family = {p: sc.word(f"product.{p}.family") for p in w.products + w.imported}
    w.constant = functools.cache(lambda key: sc.value(key).paths[None][0][1].p[0])
    w.bids = plan_bids(w)
    return w


def old(w, name, begin):
    """State of the last month."""
    return w.state[name] if name in w.state else begin()


def whole(w, count):
    """Of a count its whole part. It is noted how near trials come to the next one: rounding decides."""
    off = np.where(count > 0.5, np.abs(count / np.maximum(1, np.round(count)) - 1), 1)
    w.edge = np.minimum(w.edge, np.where(off == 0, 1, off))
    return np.floor(count + SLACK)


def delayed(w, name, value, lag):
    """What was put in `lag` months ago; nothing before the first month."""
    line = w.state.setdefault(("delay", name), [])
    line.append(value)
    return line[-1 - lag] if len(line) > lag else np.zeros(())


def by_group(w, out, method, name, of_product, measure=False):
    """One value for each NPU product, its family, the country, and what is imported."""
    groups = {}
    for product, value in of_product.items():
        if not w.is_npu[product]:
            continue
        if product not in w.family.values():
            method(f"{name} {product}", value)
        for group in {w.family[product], "national" if product in w.products else "imported"}:
            groups[group] = groups.get(group, 0.0) + value
    for group, value in groups.items():
        method(f"{name} {group}", value)


# 3. Capacity: the least of the plan and of each tool class.
def tool_capacity(w, now, out):
    w.capacity = {fab: now(f"fab.{fab}.plan") for fab in w.sc.names("fab")}
    for tool in w.sc.names("tool"):
        key, fab = f"tool.{tool}.", tool.split(".")[0]
        stock = {}
        for which, lost, more in (("imported", "attrition", "deliveries"),
                                  ("domestic", "domestic_attrition", "domestic_deliveries")):
            before = old(w, key + which, lambda: now(key + which))
            stock[which] = w.state[key + which] = \
                before * np.maximum(0, 1 - now(key + lost)) + now(key + more)
        passes = (stock["imported"] + stock["domestic"] * now(key + "productivity")) \
            * now(key + "availability") * now(key + "throughput")
        w.capacity[fab] = np.minimum(w.capacity[fab], passes / now(key + "passes"))
    for fab, capacity in w.capacity.items():
        out.level(f"wafer.capacity {fab}", capacity)
    out.level("wafer.capacity national", sum(w.capacity.values()))


# 4. Starts, divided among claims by share or by rank.
def wafer_starts(w, now, out):
    w.starts, claimed, total = {}, {}, 0.0
    for fab, capacity in w.capacity.items():
        starts = capacity * now(f"fab.{fab}.utilisation")
        dies = w.claims.get(fab, [])
        if w.sc.word(f"fab.{fab}.division") == "priority":
            left = starts
            for die in sorted(dies, key=lambda d: w.constant(f"claim.{fab}.{d}.priority")):
                w.starts[fab, die] = np.minimum(left, now(f"claim.{fab}.{die}.cap"))
                left = left - w.starts[fab, die]
        else:
            shares = {die: now(f"claim.{fab}.{die}.share") for die in dies}
            most = np.maximum(1, sum(shares.values()))
            for die, share in shares.items():
                w.starts[fab, die] = starts * share / most
        of_fab = sum((w.starts[fab, die] for die in dies), np.zeros(()))
        for die in dies:
            claimed[die] = claimed.get(die, 0.0) + w.starts[fab, die]
        out.flow(f"wafer.starts {fab}", of_fab)
        out.rate(f"wafer.utilisation {fab}", of_fab, capacity + 1e-9)
        total = total + of_fab
    out.flow("wafer.starts national", total)
    for die, wafers in claimed.items():
        out.flow(f"wafer.claimed {die}", wafers)


def delay_weights(cycle, cv):
    """Parts of a month's starts that come out 0, 1, 2, … months later: second differences of the twice
    integrated gamma density."""
    shape = 1 / cv**2

    def integral(t):  # of the CDF from 0 to t
        x = np.maximum(t, 0) * shape / cycle
        return t * special.gammainc(shape, x) - cycle * special.gammainc(shape + 1, x)

    cycle = np.maximum(np.atleast_1d(cycle), 1e-12)
    # Beyond this many months next to nothing is left.
    months = int(np.ceil(special.gammaincinv(shape, 1 - 1e-15) / shape * cycle.max())) + 2
    h = [np.zeros_like(cycle), *(integral(np.float64(k)) for k in range(months + 1))]
    return np.array([h[k + 2] - 2 * h[k + 1] + h[k] for k in range(months)])


# 5. Work in process: outs after a gamma delay, less scrap.
def work_in_process(w, now, out):
    w.outs, totals = {}, {"outs": 0.0, "scrapped": 0.0, "in_process": 0.0}
    for fab, dies in w.claims.items():
        node = f"node.{w.sc.word(f'fab.{fab}.node')}."
        u = np.minimum(now(f"fab.{fab}.utilisation"), 0.98)
        cycle = now(node + "layers") * now(node + "days_per_layer") \
            * (1 + now(node + "congestion") * u / (1 - u))
        history = w.state.setdefault(("weights", fab), [])
        moved = w.month == 0 or not np.array_equal(cycle, w.state["cycle", fab])
        weights = delay_weights(cycle, w.constant(node + "cycle_time_cv")) if moved else history[-1]
        history.append(weights)
        w.state["cycle", fab] = cycle
        line_yield = now(f"fab.{fab}.line_yield")
        of_fab = {"outs": 0.0, "scrapped": 0.0, "in_process": 0.0}
        for die in dies:
            starts = w.state.setdefault(("starts", fab, die), [])
            starts.append(w.starts[fab, die])
            steady = w.sc.word(f"fab.{fab}.wip") == "steady"
            due = 0.0
            for k in range(max(len(h) for h in history)):
                month = w.month - k
                if month < 0 and not steady:
                    break
                of = history[max(month, 0)]
                if k < len(of):
                    due = due + of[k] * starts[max(month, 0)]
            begin = sum(k * history[0][k] for k in range(len(history[0]))) * starts[0] if steady else 0.0
            w.outs[fab, die] = line_yield * due
            before = old(w, ("in_process", fab, die), lambda: begin)
            w.state["in_process", fab, die] = before + starts[-1] - due
            of_fab["outs"] = of_fab["outs"] + w.outs[fab, die]
            of_fab["scrapped"] = of_fab["scrapped"] + (due - w.outs[fab, die])
            of_fab["in_process"] = of_fab["in_process"] + w.state["in_process", fab, die]
        for what, value in of_fab.items():
            (out.stock if what == "in_process" else out.flow)(f"wafer.{what} {fab}", value)
            totals[what] = totals[what] + value
    for what, value in totals.items():
        (out.stock if what == "in_process" else out.flow)(f"wafer.{what} national", value)


# 6. Gross dies: the best regular grid for sides that are known, else de Vries' closed form.
def gross_dies(w, now, die):
    if ("gross", die) in w.state:
        return w.state["gross", die]
    key = f"die.{die}."
    radius = now(key + "wafer") / 2 - now(key + "edge_exclusion")
    scribe = now(key + "scribe")
    sides = [key + side for side in ("width", "height")]
    known = sides[0] in w.sc.text and all(w.sc.value(side).known for side in sides)
    if known:
        assert now(key + "notch") == 0, "no notch here"
        width, height = (float(now(side)) for side in sides)
        area, count = width * height, best_grid(width, height, float(scribe), float(radius))
    elif sides[0] in w.sc.text:
        area = now(sides[0]) * now(sides[1])
        cell = (now(sides[0]) + scribe) * (now(sides[1]) + scribe)
    else:
        area = now(key + "area")
        cell = (np.sqrt(area) + scribe) ** 2
    if not known:
        count = np.maximum(0, np.pi * radius**2 / cell - 2 * np.pi * radius / np.sqrt(2 * cell))
    w.state["gross", die] = area, count
    return area, count


def best_grid(width, height, scribe, radius):
    """Most dies of a regular grid that lie wholly in the circle. The best offsets are a region bounded
    by offsets at which a corner of a die touches the circle, so one of them has two that touch."""
    touch, across, up = 1e-9, width + scribe, height + scribe
    columns, rows = (np.arange(-int(radius / pitch) - 2, int(radius / pitch) + 3) * pitch
                     for pitch in (across, up))
    x, y = (c.ravel() for c in np.meshgrid(np.concatenate([columns, columns + width]),
                                           np.concatenate([rows, rows + height])))
    near = np.abs(np.hypot(x, y) - radius) <= np.hypot(across, up) + touch
    x, y = x[near], y[near]
    one, other = np.triu_indices(len(x), 1)
    to_x, to_y = (x[other] - x[one]) / 2, (y[other] - y[one]) / 2
    half = np.hypot(to_x, to_y)
    pairs = (half < radius) & (half > 0)
    one, to_x, to_y, half = (a[pairs] for a in (one, to_x, to_y, half))
    rise = np.sqrt(radius**2 - half**2) / half
    best = 0
    for side in (1, -1):
        off_x = side * rise * to_y - x[one] - to_x
        off_y = -side * rise * to_x - y[one] - to_y
        once = (off_x > -touch) & (off_x < across) & (off_y > -touch) & (off_y < up)
        bottom = off_y[once, None] + rows
        reach = np.maximum(np.abs(bottom), np.abs(bottom + height))
        wide = np.sqrt(np.maximum(0, radius**2 - reach**2))
        first = np.ceil((-wide - off_x[once, None] - touch) / across)
        last = np.floor((wide - width - off_x[once, None] + touch) / across)
        dies = np.where(reach <= radius + touch, np.maximum(0, last - first + 1), 0).sum(axis=1)
        best = max(best, int(dies.max()))
    return best


def yield_of(model, area, density, alpha):
    """Chance that an area has no killing defect."""
    x = area * density
    if model == "poisson":
        return np.exp(-x)
    if model == "murphy":
        return np.where(x == 0, 1, ratio(-np.expm1(-x), x)) ** 2
    if model == "seeds":
        return 1 / (1 + x)
    if model == "moore":
        return np.exp(-np.sqrt(x))
    return np.exp(-alpha * np.log1p(x / alpha))


# 7. Die yield by line and die; of dies with cores by bin.
def die_yield(w, now, out):
    w.good = {pool: 0.0 for pool in w.pools}
    yields = {}
    for fab in w.capacity:
        dies, node = w.claims.get(fab, []), f"node.{w.sc.word(f'fab.{fab}.node')}."
        of_fab = sum(w.outs[fab, die] for die in dies)
        density = defect_density(w, now, fab, node)
        w.state["wafers", fab] = old(w, ("wafers", fab), lambda: 0.0) + of_fab
        out.level(f"defect.density {fab}", density)
        model, alpha = w.sc.word(node + "yield_model"), now(node + "alpha")
        if model == "bose_einstein":
            alpha = now(node + "critical_layers")
            density = density * alpha
        for die in dies:
            area, gross = gross_dies(w, now, die)
            bins = bin_yields(w, now, die, model, density, alpha, area)
            passed = now(node + "systematic_yield") * now(f"die.{die}.test_yield")
            made = w.outs[fab, die] * gross
            sums = yields.setdefault(die, [0.0, np.zeros(()), 0])
            for (pool, _), of_bin in zip(w.bins[die], bins):
                w.good[pool] = w.good[pool] + made * of_bin * passed
            weight = made + 1e-9
            sums[0] = sums[0] + weight * np.array(np.broadcast_arrays(*(b * passed + w.zeros for b in bins)))
            sums[1] = sums[1] + weight
    for die, (above, below, _) in yields.items():
        out.rate(f"die.yield {die}", sum(above), below)
        if w.bins[die][0][1] is not None:
            for (pool, _), of_bin in zip(w.bins[die], above):
                out.rate(f"bin.yield {pool}", of_bin, below)


def defect_density(w, now, fab, node):
    learning = w.sc.word(node + "learning")
    if learning == "given":
        return now(node + "d0") * now(f"fab.{fab}.d0_ratio")
    mature, initial = now(node + "d0_mature"), now(node + "d0_initial")
    if learning == "time":
        age = np.maximum(0, w.month - w.sc.month(f"fab.{fab}.start", 0))
        left = np.exp(-age / now(node + "learning_months"))
    else:
        wafers = old(w, ("wafers", fab), lambda: 0.0)
        left = (1 + wafers / now(node + "reference_wafers")) ** -now(node + "learning_exponent")
    return (mature + (initial - mature) * left) * now(f"fab.{fab}.d0_ratio")


def bin_yields(w, now, die, model, density, alpha, area):
    """Part of the dies that fall into each bin."""
    if w.bins[die][0][1] is None:
        return [yield_of(model, area, density, alpha)]
    n, share = int(w.constant(f"die.{die}.cores")), now(f"die.{die}.core_area_share")
    pair, least = w.sc.word(f"die.{die}.bin_scope") == "pair", w.bins[die][-1][1]
    if model in ("murphy", "moore"):
        alive = yield_of(model, area * (1 - share), density, alpha)
        good = good_cores_by_differences(n, max(0, least - n if pair else least), share,
                                         lambda part: yield_of(model, area * part, density, alpha))
    else:
        good = good_cores(n, share, defect_counts(model, area * density, alpha), w.zeros)
        alive = good.sum(axis=0)
    if pair:  # of two dies whose uncores work
        good = [0.0 if j < least else sum(good[i] * good[j - i] for i in range(max(0, j - n), min(n, j) + 1))
                / alive for j in range(2 * n + 1)]
    result, best = [], len(good)
    for _, cores in w.bins[die]:
        result.append(sum(good[cores:best]))
        best = cores
    return result


def good_cores(n, share, counts, zeros):
    """Chance of each number of good cores in a die whose uncore works, from that of each number of
    defects: all of them must lie in cores."""
    in_cores, power = [], 1.0  # by number of defects
    for chance in counts:
        in_cores.append(chance * power + zeros)
        power = power * share
        if len(in_cores) > n and np.max(in_cores[-1]) < 1e-22:
            break
    return cores_hit(n, len(in_cores))[::-1] @ np.array(in_cores)


def good_cores_by_differences(n, fewest, share, works):
    """The same where defects have no simple law: finite differences of the yield in the part of the die that
    must work, in extended precision."""
    assert n - fewest <= 10, "differences would lose their digits"
    share = np.asarray(share, dtype=np.longdouble)
    f = [works(1 - share + j * share / n) for j in range(n + 1)]
    return [0.0 if j < fewest else np.asarray(special.comb(n, j, exact=True) * sum(
        (-1) ** i * special.comb(n - j, i, exact=True) * f[j + i] for i in range(n - j + 1)), dtype=float)
        for j in range(n + 1)]


@functools.cache
def cores_hit(n, most):
    """Chance that so many of n cores (row) are hit by so many defects (column)."""
    columns = [np.eye(1, n + 1)[0]]
    for _ in range(most - 1):
        hit = columns[-1]
        columns.append(hit * np.arange(n + 1) / n + np.append(0, hit[:-1] * np.arange(n, 0, -1) / n))
    return np.array(columns).T


def defect_counts(model, mean, alpha):
    """Chances of 0, 1, 2, … killing defects on a die."""
    if model == "poisson":
        chance, alpha, ratio_ = np.exp(-mean), None, mean
    else:
        alpha = 1.0 if model == "seeds" else alpha
        chance, ratio_ = yield_of("", mean, 1.0, alpha), mean / (alpha + mean)
    for count in itertools.count(1):
        yield chance
        chance = chance * ratio_ * (1 if alpha is None else alpha + count - 1) / count


# 8. Die bank: what is made or bought is at hand in the same month.
def die_bank(w, now, out):
    w.dies = {}
    for die, bins in w.bins.items():
        bought = now(f"die.{die}.bought")
        for place, (pool, _) in enumerate(bins):
            stock = old(w, ("dies", pool), lambda: now(f"die.{die}.bank") if place == 0 else 0.0)
            w.dies[pool] = stock + w.good[pool] + (bought if place == 0 else 0.0)
            out.flow(f"die.good {pool}", w.good[pool])
            if place == 0:
                out.flow(f"die.bought {pool}", bought)


# 9. Memory: stock, imports, home-made stacks after a lag.
def memory_supply(w, now, out):
    made = {memory: 0.0 for memory in w.sc.names("memory")}
    for line in w.sc.names("dram"):
        key = f"dram.{line}."
        stacks = now(key + "wafers") * now(key + "gross_dies") * now(key + "die_yield") \
            * now(key + "stack_yield") / now(key + "dies_per_stack")
        memory = w.sc.word(key + "memory")
        made[memory] = made[memory] + delayed(w, key, stacks, int(w.constant(key + "lag")))
    w.stacks = {}
    for memory, stacks in made.items():
        imports = now(f"memory.{memory}.imports")
        stock = old(w, ("stacks", memory), lambda: now(f"memory.{memory}.stock"))
        w.stacks[memory] = stock + stacks + imports
        out.flow(f"memory.made {memory}", stacks)
        out.flow(f"memory.imported {memory}", imports)
    out.flow("memory.made national", sum(made.values(), 0.0))


# 11. Orders: open demand and what is left of earlier orders.
def demand(w, now, out):
    w.imports = {p: now(f"product.{p}.imports") * now(f"product.{p}.taken") for p in w.imported}
    w.orders, w.open, totals = {}, {}, {"npus": 0.0, "open": 0.0}
    asked, worth = {}, {}
    w.worth = worth
    for segment in w.sc.names("segment"):
        key = f"segment.{segment}."
        in_compute = key + "compute_demand" in w.sc.text
        asked[segment] = now(key + ("compute_demand" if in_compute else "demand"))
        precision = w.sc.word(key + "precision")
        for p in w.products + w.imported:
            worth[segment, p] = now(f"product.{p}.{precision}") if in_compute else 1.0
    first = {s: worth[s, w.sc.words(f"segment.{s}.prefers")[0]] for s in asked}
    in_npus = {s: ratio(asked[s], first[s]) for s in asked}
    for segment in asked:
        key = f"segment.{segment}."
        filled = 0.0
        for p in w.sc.words(key + "imports"):
            sharing = [s for s in asked if p in w.sc.words(f"segment.{s}.imports")]
            part = ratio(in_npus[segment], sum(in_npus[s] for s in sharing))
            filled = filled + w.imports[p] * part * worth[segment, p]
        open_demand = np.maximum(0, np.minimum(asked[segment] - filled,
                                               asked[segment] * now(key + "domestic_share")))
        before = old(w, ("backlog", segment), lambda: now(key + "backlog") * first[segment])
        w.orders[segment] = before * (1 - now(key + "cancellation")) + open_demand
        w.open[segment] = ratio(open_demand, first[segment])
        for what, value in (("npus", in_npus[segment]), ("open", w.open[segment])):
            out.flow(f"demand.{what} {segment}", value)
            totals[what] = totals[what] + value
    for what, value in totals.items():
        out.flow(f"demand.{what} national", value)


def plan_bids(w):
    """Rounds of bids, in order: priority, preference, place among substitutes (bins fastest)."""
    rounds = {}
    for product in w.products:
        key = f"product.{product}."
        die = w.sc.word(key + "die")
        bins = [f"{die}.{b}" for b in w.sc.words(key + "bin")] or [pool for pool, _ in reversed(w.bins[die])]
        ranks = [(s, w.sc.words(f"segment.{s}.prefers").index(product)) for s in w.sc.names("segment")
                 if product in w.sc.words(f"segment.{s}.prefers")] or [(None, 0)]
        for segment, rank in ranks:
            place = 0
            for memory in w.sc.words(key + "memory") or [None]:
                for pool in bins:
                    rounds.setdefault((w.constant(key + "priority"), rank, place), []).append(
                        (product, segment, pool, memory))
                    place += 1
    return [rounds[order] for order in sorted(rounds)]


def packaging_lines(w, now, out):
    """Capacity of each class; yields of its lines weighted by capacity."""
    w.class_left, w.class_yield, w.counts_wafers = {}, {}, {}
    lines = {}
    for line in w.sc.names("packaging"):
        lines.setdefault(w.sc.word(f"packaging.{line}.class"), []).append(f"packaging.{line}.")
    for name, keys in lines.items():
        wafers = keys[0] + "wafers" in w.sc.text
        capacity = [now(k + ("wafers" if wafers else "capacity")) for k in keys]
        total = sum(capacity)
        mean = lambda what: np.where(total > 0, ratio(sum(c * now(k + what) for c, k in zip(capacity, keys)),
                                                      total), sum(now(k + what) for k in keys) / len(keys))
        w.class_left[name], w.counts_wafers[name] = total + w.zeros, wafers
        w.class_yield[name] = mean("attach_yield"), mean("interposer_yield")
        out.level(f"packaging.{'wafers' if wafers else 'capacity'} {name}", total)


# 10. Packaging: rounds of bids for orders, dies, I/O dies, stacks, packages.
def packaging(w, now, out):
    packaging_lines(w, now, out)
    w.package_yield, needs_of = {}, {}
    for product in w.products:
        key = f"product.{product}."
        dies, io_dies, stacks = (w.constant(key + k) for k in ("dies", "io_dies", "stacks"))
        line = w.sc.word(key + "packaging")
        attach, interposer = w.class_yield.get(line, (1.0, 1.0))
        w.package_yield[product] = attach ** (dies + io_dies + stacks) * interposer \
            * now(key + "test_yield") + w.zeros
        needs = []
        if io_dies:
            needs.append((("dies", w.bins[w.sc.word(key + "io_die")][0][0]), io_dies))
        if line:
            needs.append((("class", line), 1 / now(key + "packages_per_wafer")
                          if w.counts_wafers[line] else 1.0))
        needs_of[product] = dies, stacks, needs
    left = {("dies", pool): stock + w.zeros for pool, stock in w.dies.items()}
    left |= {("stacks", memory): stock + w.zeros for memory, stock in w.stacks.items()}
    left |= {("class", name): capacity for name, capacity in w.class_left.items()}
    left |= {("orders", segment): orders + w.zeros for segment, orders in w.orders.items()}
    w.started, w.met = {p: w.zeros for p in w.products}, {}
    for bids in w.bids:
        on_sale = []
        for product, segment, pool, memory in bids:
            key = f"product.{product}."
            if not w.sc.month(key + "launch", 0) <= w.month <= w.sc.month(key + "end", w.sc.months):
                continue
            dies, stacks, needs = needs_of[product]
            needs = [(("dies", pool), dies), *needs]
            if memory:
                needs.append((("stacks", memory), stacks))
            if segment:  # orders are met by packages that will be good
                needs.append((("orders", segment), w.package_yield[product] * w.worth[segment, product]))
            on_sale.append((product, segment, needs))
        for _ in range(2):
            one_pass(w, on_sale, left)
    for pool in w.pools:
        w.state["dies", pool] = left["dies", pool]
        out.flow(f"die.used {pool}", w.dies[pool] - left["dies", pool])
        out.stock(f"die.bank {pool}", left["dies", pool])
    for memory in w.stacks:
        w.state["stacks", memory] = left["stacks", memory]
        out.flow(f"memory.used {memory}", w.stacks[memory] - left["stacks", memory])
        out.stock(f"memory.stock {memory}", left["stacks", memory])
    national = 0.0
    for segment in w.orders:
        w.state["backlog", segment] = left["orders", segment]
        first = w.worth[segment, w.sc.words(f"segment.{segment}.prefers")[0]]
        in_npus = ratio(left["orders", segment], first)
        out.stock(f"backlog.npus {segment}", in_npus)
        national = national + in_npus
    out.stock("backlog.npus national", national)


def one_pass(w, bids, left):
    """All bids wish the least that any thing allows; what is wished for beyond what there is scales
    its bids down in proportion."""
    asked, wishes = {}, []
    for product, segment, needs in bids:
        wish = np.full(w.trials, np.inf)
        for thing, need in needs:
            with np.errstate(divide="ignore", invalid="ignore"):
                wish = np.minimum(wish, np.where(np.asarray(need) > 0, left[thing] / need, 0))
        wishes.append(wish)
        for thing, need in needs:
            asked[thing] = asked.get(thing, 0.0) + wish * need
    scale = {thing: np.minimum(1, np.where(sum_ > 0, ratio(left[thing], sum_), 1))
             for thing, sum_ in asked.items()}
    for (product, segment, needs), wish in zip(bids, wishes):
        draw = wish * np.minimum.reduce([scale[thing] for thing, _ in needs])
        w.started[product] = w.started[product] + draw
        if segment:
            w.met[segment, product] = w.met.get((segment, product), 0.0) + draw
        for thing, need in needs:
            rest = left[thing] - draw * need
            # A rounding error that is left is nothing.
            left[thing] = np.where(rest < 1e-12 * left[thing], 0, rest)


# Packages become parts after a lag; orders that were met are delivered with them.
def deliveries(w, now, out):
    w.shipped, lost, delivered = dict(w.imports), 0.0, {s: 0.0 for s in w.orders}
    for product in w.products:
        lag = int(w.constant(f"product.{product}.lag"))
        started, rate = w.started[product], w.package_yield[product]
        good = started * rate
        w.shipped[product] = delayed(w, ("good", product), good, lag) + w.zeros
        w.state["under way", product] = old(w, ("under way", product), lambda: 0.0) + good \
            - w.shipped[product]
        out.flow(f"packages.started {product}", started)
        out.stock(f"packages.in_process {product}", w.state["under way", product])
        out.rate(f"packages.yield {product}", (started + 1e-9) * rate, started + 1e-9)
        if not w.is_npu[product]:
            out.flow(f"units.shipped {product}", w.shipped[product])
        lost = lost + started * (1 - rate)
        for segment in w.orders:
            if product in w.sc.words(f"segment.{segment}.prefers"):
                first = w.worth[segment, w.sc.words(f"segment.{segment}.prefers")[0]]
                met = w.met.get((segment, product), 0.0) * rate * ratio(w.worth[segment, product], first)
                delivered[segment] = delivered[segment] + delayed(w, ("met", segment, product), met, lag)
    out.flow("packages.lost national", lost)
    for what, values in (("delivered", delivered),
                         ("gap", {s: w.open[s] - delivered[s] for s in delivered})):
        for segment, value in values.items():
            out.flow(f"{what}.npus {segment}", value)
        out.flow(f"{what}.npus national", sum(values.values(), 0.0))
    by_group(w, out, out.flow, "npus.shipped", w.shipped)
    cumulative = {p: old(w, ("cumulative", p), lambda: 0.0) + v for p, v in w.shipped.items()}
    w.state |= {("cumulative", p): v for p, v in cumulative.items()}
    by_group(w, out, out.stock, "npus.cumulative", cumulative)


# 12. Pods: whole ones, of NPUs that wait and kits that come in.
def superpod(w, now, out):
    pods_of = {}
    for pod in w.sc.names("pod"):
        pods_of.setdefault(w.sc.word(f"pod.{pod}.npu"), []).append(pod)
    w.deployed = dict(w.shipped)
    for product, pods in pods_of.items():
        shares = {pod: now(f"pod.{pod}.share") for pod in pods}
        most = np.maximum(1, sum(shares.values()))
        launched = w.sc.month(f"product.{product}.launch", 0) <= w.month
        for pod in pods:
            key = f"pod.{pod}."
            to_pod = w.shipped[product] * shares[pod] / most
            waiting = old(w, ("waiting", pod), lambda: 0.0) + to_pod
            size, spares = now(key + "npus"), now(key + "spares")
            begun, kits = waiting / (size * (1 + spares)), {}
            for kit in ("optics", "switches", "power"):
                kits[kit] = old(w, (kit, pod), lambda: 0.0) + (now(key + kit) if launched else 0.0)
                begun = np.minimum(begun, kits[kit])
            if w.sc.word(key + "whole") == "yes":
                begun = whole(w, begun)
            w.state |= {(kit, pod): stock - begun for kit, stock in kits.items()}
            w.state["waiting", pod] = waiting - begun * size * (1 + spares)
            stood = delayed(w, ("pods", pod), begun, int(w.constant(key + "lag")))
            total = old(w, ("stands", pod), lambda: 0.0) + stood
            building = old(w, ("building", pod), lambda: 0.0) + begun - stood
            put_by = old(w, ("spares", pod), lambda: 0.0) + begun * size * spares
            w.state |= {("stands", pod): total, ("building", pod): building, ("spares", pod): put_by}
            w.deployed[product] = w.deployed[product] - to_pod + stood * size
            out.stock(f"npus.waiting {pod}", w.state["waiting", pod])
            out.stock(f"npus.spares {pod}", put_by)
            out.flow(f"pods.completed {pod}", stood)
            out.stock(f"pods.building {pod}", building)
            out.stock(f"pods.deployed {pod}", total)
            out.stock(f"clusters.deployed {pod}", whole(w, total / now(key + "cluster")))
    everything = {p: old(w, ("deployed", p), lambda: 0.0) + v for p, v in w.deployed.items()}
    w.state |= {("deployed", p): v for p, v in everything.items()}
    by_group(w, out, out.stock, "npus.deployed", everything)
    for milestone in w.sc.names("milestone"):
        family = w.sc.word(f"milestone.{milestone}.family")
        counted = sum((v for p, v in everything.items() if w.is_npu[p] and
                       (w.family[p] == family if family else p in w.products)), w.zeros)
        reached = counted / now(f"milestone.{milestone}.npus")
        w.edge = np.minimum(w.edge, np.abs(reached - 1))
        out.stock(f"milestone.reached {milestone}", (reached >= 1 - SLACK) * 1.0)


# 13. Installed parts and what they can do.
def compute(w, now, out):
    installed, totals = {}, {}
    for product, put_up in w.deployed.items():
        key = f"product.{product}."
        cohorts = w.state.setdefault(("cohorts", product), [])
        cohorts.append(put_up)
        # By age 0, 1, 2, … months.
        age = w.month
        survival = w.state.setdefault(("survival", product), [])
        years = age / 12
        rate, growth = now(key + "failure_rate") * 12, now(key + "wear_out") * 144
        survival.append(np.where(age < now(key + "lifetime"),
                                 np.exp(-rate * years - growth * years**2 / 2), 0))
        installed[product] = sum(s * c for s, c in zip(survival, reversed(cohorts)))
        for measure in MEASURES:
            totals.setdefault(measure, {})[product] = installed[product] * now(key + measure)
    by_group(w, out, out.stock, "npus.installed", installed)
    national = {}
    for measure, values in totals.items():
        by_group(w, out, out.stock, MEASURES[measure], values)
        national[measure] = sum((v for p, v in values.items() if p in w.products and w.is_npu[p]), 0.0)
        short = "memory" if measure == "memory_size" else measure
        for yardstick in w.sc.names("yardstick"):
            out.stock(f"equivalents.{short} {yardstick}",
                      ratio(national[measure], now(f"yardstick.{yardstick}.{measure}")))
    for name in w.sc.names("training"):
        key = f"training.{name}."
        pace = national[w.sc.word(key + "precision")] * 1e15 * now(key + "share") \
            * now(key + "utilisation") * SECONDS_A_MONTH
        out.stock(f"training.months {name}",
                  np.where(pace > 0, np.minimum(1e6, ratio(now(key + "flop"), pace)), 1e6))


# Money: wafers by die and family, beside the foundries that sell them; parts.
def revenue(w, now, out):
    sold, of_foundry, seen = {}, {}, {}
    for (fab, die), outs in w.outs.items():
        price = f"node.{w.sc.word(f'fab.{fab}.node')}.wafer_price"
        foundry = w.sc.word(f"fab.{fab}.foundry")
        if price not in w.sc.text or not foundry:
            continue
        for group in {die, w.sc.word(f"die.{die}.family")} - {None}:
            sold[group] = sold.get(group, 0.0) + outs * now(price)
            seen.setdefault(group, set()).add(foundry)
    for group, value in sold.items():
        out.flow(f"revenue.wafers {group}", value)
        with_revenue = [f for f in seen[group] if f"foundry.{f}.revenue" in w.sc.text]
        if with_revenue:
            out.rate(f"revenue.share {group}", value,
                     sum(now(f"foundry.{f}.revenue") for f in with_revenue))
    by_group(w, out, out.flow, "revenue.npus",
             {p: v * now(f"product.{p}.price") for p, v in w.shipped.items()})
