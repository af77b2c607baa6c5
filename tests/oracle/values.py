"""Values of the scenario language: numbers with units, distributions, time paths, views, noise.

Written from docs/scenario-language.md. All amounts are in one system of units: months, centimetres,
PFLOPS, TB, PB/s, MW; a plain count of all else.
"""

import re

import numpy as np
from scipy import special

DAYS_A_MONTH = 30.436875
HOURS_A_MONTH = 24 * DAYS_A_MONTH
Z95 = special.ndtri(0.95)

TIMES = {"month": 1, "quarter": 3, "year": 12, "day": 1 / DAYS_A_MONTH, "week": 7 / DAYS_A_MONTH,
         "hour": 1 / HOURS_A_MONTH}
UNITS = {"": 1, "%": 0.01, "mm": 0.1, "cm": 1, "in": 2.54, "mm2": 0.01, "cm2": 1, "in2": 6.4516,
         "GFLOPS": 1e-6, "TFLOPS": 1e-3, "PFLOPS": 1, "EFLOPS": 1e3, "GB": 1e-3, "TB": 1,
         "GB/s": 1e-6, "TB/s": 1e-3, "PB/s": 1, "W": 1e-6, "kW": 1e-3, "MW": 1, "wpm": 1, "kwpm": 1e3,
         "wph": HOURS_A_MONTH}
UNITS |= {name + "s": months for name, months in TIMES.items()} | TIMES
UNITS |= {name: 1 for name in ("$", "USD", "wafers", "dies", "stacks", "packages", "npus", "tools",
                               "pods", "layers", "cores", "passes", "wafer passes", "FLOP")}
MULTIPLIERS = {"k": 1e3, "M": 1e6, "G": 1e9, "bn": 1e9}


def unit_factor(text):
    """What one of a unit is in the system above: '$bn/quarter', 'k wafers/month', '%/year', '/cm2'."""
    text = text.strip()
    if text in UNITS:
        return UNITS[text]
    if match := re.fullmatch(r"(k|M|G|bn)\s+(.+)", text):
        return MULTIPLIERS[match[1]] * unit_factor(match[2])
    if match := re.fullmatch(r"\$(k|M|bn)(/.*)?", text):
        return MULTIPLIERS[match[1]] * unit_factor("$" + (match[2] or ""))
    above, slash, below = text.rpartition("/")
    if not slash:
        raise ValueError(f"unit {text!r}")
    per = {"year2": 144, "cm2": 1, "mm2": 0.01, "in2": 6.4516, "wafer": 1, "stack": 1, "layer": 1}
    return unit_factor(above) / (TIMES | per)[below]


FAMILIES = ("normal", "lognormal", "uniform", "triangular", "pert", "beta", "discrete", "metalog")
NUMBER = r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?"


class Numbers:
    """Reads the numbers of one value; what bears no unit gets that of its distribution, else the one
    unit of the whole value, else the key's own."""

    def __init__(self, text, own_unit):
        text = re.sub(r"\bnoise.*", "", text)
        text = re.sub(r"discrete\(.*?\)", lambda d: re.sub(r":[^,)]*", "", d[0]), text)
        text = re.sub(r"\b\d{4}(-\d\d|Q\d)?\s*:|[A-Za-z][\w-]*\s*:|\d+(\.\d+)?\s*%?\s*:", "", text)
        pieces = re.split(r"\s/\s|[|(),\[\]]|\b(?:to|within)\b", text)
        units = {re.sub(rf"^\s*{NUMBER}(k|M|G|bn)?(?!\w)", "", p).strip() for p in pieces}
        units -= {"", *FAMILIES}
        self.shared = units.pop() if len(units) == 1 else None
        # A share without a unit is a share, not per cent.
        self.own = "" if own_unit == "%" else own_unit

    def read(self, texts, trailing=""):
        """Numbers written one after another in one distribution, with what stands behind it."""
        found = [re.fullmatch(rf"\s*({NUMBER})(k|M|G|bn)?(?![\w])(.*)", t, re.S) for t in texts]
        units = [m[3].strip() for m in found]
        last = trailing.strip() or next((u for u in reversed(units) if u), "")
        fallback = last or (self.shared if self.shared is not None else self.own)
        return [float(m[1]) * MULTIPLIERS.get(m[2], 1) * unit_factor(u or fallback)
                for m, u in zip(found, units)]


class Distribution:
    """A marginal, by its quantile function; cut to [low, high] by rescaling u."""

    def __init__(self, family, parameters, low=-np.inf, high=np.inf):
        self.family, self.p = family, parameters
        if family == "metalog":
            inside = self.metalog_bounds(low, high)
            low, high = (-np.inf if inside[0] else low), (np.inf if inside[1] else high)
        start, end = self.support()
        self.low, self.high = max(low, start), min(high, end)
        self.cut = (0.0, 1.0)
        if low > start or high < end:
            if family == "discrete":
                self.p = [(v, w) for v, w in parameters if low <= v <= high]
            elif family != "constant":
                self.cut = (self.cdf(low) if low > start else 0.0,
                            self.cdf(high) if high < end else 1.0)

    @property
    def positive(self):
        """Whether no quantile is 0 or below."""
        if self.family == "constant":
            return self.p[0] > 0
        if self.family == "discrete":
            return min(v for v, _ in self.p) > 0
        return self.low > 0 or (self.family == "lognormal" and self.low >= 0)

    def support(self):
        if self.family == "lognormal":
            return 0.0, np.inf
        if self.family in ("uniform", "triangular", "pert"):
            return self.p[0], self.p[-1]
        if self.family == "beta":
            return self.p[2], self.p[3]
        if self.family == "metalog" and self.transform != "none":
            return self.bounds
        return -np.inf, np.inf

    def shapes(self):
        """Of a beta on [a, b]; a PERT is one."""
        if self.family == "beta":
            return self.p
        a, mode, b = self.p
        return 1 + 4 * (mode - a) / (b - a), 1 + 4 * (b - mode) / (b - a), a, b

    def cdf(self, x):
        p = self.p
        if self.family == "normal":
            return special.ndtr((x - p[0]) / p[1])
        if self.family == "lognormal":
            return special.ndtr((np.log(x) - p[0]) / p[1]) if x > 0 else 0.0
        if self.family == "uniform":
            return np.clip((x - p[0]) / (p[1] - p[0]), 0, 1)
        if self.family == "triangular":
            a, c, b = p
            if x <= a or x >= b:
                return float(x >= b)
            return (x - a) ** 2 / ((b - a) * (c - a)) if x < c else 1 - (b - x) ** 2 / ((b - a) * (b - c))
        if self.family in ("beta", "pert"):
            s, t, a, b = self.shapes()
            return special.betainc(s, t, np.clip((x - a) / (b - a), 0, 1))
        low, high = 0.0, 1.0  # a metalog, by bisection
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if self.raw(middle, None) < x else (low, middle)
        return (low + high) / 2

    def quantile(self, z):
        """The value at u = Phi(z)."""
        if self.family == "constant":
            return np.full_like(z, self.p[0])
        if self.cut == (0.0, 1.0):
            return self.raw(special.ndtr(z), z)
        u = self.cut[0] + special.ndtr(z) * (self.cut[1] - self.cut[0])
        return np.clip(self.raw(u, special.ndtri(u)), self.low, self.high)

    def raw(self, u, z):
        p = self.p
        if self.family == "normal":
            return p[0] + p[1] * z
        if self.family == "lognormal":
            return np.exp(p[0] + p[1] * z)
        if self.family == "uniform":
            return p[0] + (p[1] - p[0]) * u
        if self.family == "triangular":
            a, c, b = p
            return np.where(u * (b - a) < c - a, a + np.sqrt(u * (b - a) * (c - a)),
                            b - np.sqrt((1 - u) * (b - a) * (b - c)))
        if self.family in ("beta", "pert"):
            s, t, a, b = self.shapes()
            return a + (b - a) * special.betaincinv(s, t, u)
        if self.family == "discrete":
            values, weights = np.array(sorted(p)).T
            return values[np.searchsorted(np.cumsum(weights)[:-1] / weights.sum(), u, side="right")]
        y = self.metalog_terms(np.asarray(u)) @ self.coefficients
        if self.transform == "none":
            return y
        low, high = self.bounds
        if self.transform == "lower":
            return low + np.exp(y)
        if self.transform == "upper":
            return high - np.exp(-y)
        return low + (high - low) * special.expit(y)

    def metalog_bounds(self, low, high):
        """Fits it through its quantiles (Keelin 2016). A bound outside all of them is its own."""
        u, x = np.array(self.p).T
        own = low < x.min() and np.isfinite(low), high > x.max() and np.isfinite(high)
        self.bounds = (low if own[0] else -np.inf, high if own[1] else np.inf)
        self.transform = {(0, 0): "none", (1, 0): "lower", (0, 1): "upper", (1, 1): "both"}[own]
        if own[0]:
            x = np.log(x - low) if not own[1] else special.logit((x - low) / (high - low))
        elif own[1]:
            x = -np.log(high - x)
        self.coefficients = np.linalg.solve(self.metalog_terms(u, len(u)), x)
        return own

    def metalog_terms(self, u, count=None):
        count = count or len(self.coefficients)
        logit, middle = special.logit(u), u - 0.5
        columns = [np.ones_like(u), logit, middle * logit, middle]
        for j in range(4, count):
            power = middle ** (j // 2)
            columns.append(power if j % 2 == 0 else power * logit)
        return np.stack(columns[:count], axis=-1)


def distribution(text, numbers, key_range):
    """One `dist` of the grammar, cut to `within` and to the key's range."""
    body, _, within = text.partition("within")
    low, high = key_range
    bounds = re.search(r"\[(.*),(.*)\](.*)", within, re.S) if within else None
    ends = [b.strip() for b in bounds.groups()[:2]] if bounds else []
    behind = bounds[3] if bounds else ""
    if call := re.fullmatch(r"\s*([a-z]+)\s*\((.*)\)(.*)", body, re.S):
        family, arguments = call[1], [a.strip() for a in call[2].split(",")]
        behind = behind.strip() or call[3]
        if family in ("discrete", "metalog"):
            pairs = [a.rsplit(":", 1) if family == "discrete" else a.split(":", 1)[::-1]
                     for a in arguments]
            values = numbers.read([p[0] for p in pairs] + [e for e in ends if e], behind)
            parts = [float(p[1].replace("%", "")) * (0.01 if "%" in p[1] else 1) for p in pairs]
            parameters = list(zip(values, parts) if family == "discrete" else zip(parts, values))
            values = values[len(pairs):]
        else:
            plain = 2 if family == "beta" else 0
            values = numbers.read(arguments[plain:] + [e for e in ends if e], behind)
            parameters = [float(a) for a in arguments[:plain]] + values[:len(arguments) - plain]
            values = values[len(arguments) - plain:]
    else:
        words = re.split(r"\bto\b", body)
        values = numbers.read(words + [e for e in ends if e], behind)
        if len(words) == 1:
            return Distribution("constant", values[:1])
        family = "lognormal" if values[0] > 0 else "normal"
        parameters, values = values[:2], values[2:]
        if family == "normal":
            parameters = [sum(parameters) / 2, (parameters[1] - parameters[0]) / (2 * Z95)]
    if family == "lognormal":
        a, b = np.log(parameters)
        parameters = [(a + b) / 2, (b - a) / (2 * Z95)]
    given = iter(values)
    cuts = [next(given) if e else None for e in ends]
    if cuts and cuts[0] is not None:
        low = max(low, cuts[0])
    if cuts and cuts[1] is not None:
        high = min(high, cuts[1])
    return Distribution(family, parameters, low, high)


def month_number(text):
    """Months since year 0: '2026-07', '2026Q3' (its last month), '2026' (its December)."""
    text = text.strip()
    if "Q" in text:
        year, quarter = text.split("Q")
        return int(year) * 12 + int(quarter) * 3 - 1
    year, _, month = text.partition("-")
    return int(year) * 12 + int(month or 12) - 1


def month_text(number):
    return f"{number // 12}-{number % 12 + 1:02d}"


class Value:
    """A value of a key: for each view a path of dated distributions; noise."""

    def __init__(self, text, own_unit, key_range=(-np.inf, np.inf), multiplicative=False, whole=False):
        numbers = Numbers(text, own_unit)
        self.sigma = self.rho = 0.0
        if noise := re.search(rf"\bnoise\s+({NUMBER})\s*(%?)(?:\s+rho\s+({NUMBER}))?", text):
            self.sigma = float(noise[1]) * (0.01 if noise[2] else 1)
            self.rho = float(noise[3] or 0)
            text = text[:noise.start()] + text[noise.end():]
        self.range, self.whole = key_range, whole

        def view_split(part):
            pieces = [re.fullmatch(r"\s*([A-Za-z][\w-]*)\s*:(.*)", p, re.S)
                      for p in re.split(r"\s/\s", part)]
            return {p[1]: p[2] for p in pieces} if pieces[0] else {None: part}

        def path(part):
            anchors = []
            for piece in part.split("|"):
                date = re.match(r"\s*(\d{4}(?:-\d\d|Q\d)?)\s*:(.*)", piece, re.S)
                month, rest = (month_number(date[1]), date[2]) if date else (0, piece)
                anchors.append((month, view_split(rest)))
            return anchors

        self.paths = {}
        for view, part in view_split(text).items():
            anchors = path(part)
            inner = {v for _, by_view in anchors for v in by_view if v is not None}
            for name in inner or {view}:
                self.paths[name] = [
                    (month, distribution(by_view.get(name, by_view.get(None)), numbers, key_range))
                    for month, by_view in anchors]
        all_anchors = [d for p in self.paths.values() for _, d in p]
        self.geometric = multiplicative and all(d.positive for d in all_anchors)
        self.known = (list(self.paths) == [None] and self.sigma == 0
                      and all(d.family == "constant" for d in all_anchors))

    def drawn(self, z, view_of):
        """The value of each month, before noise, where the trials' normals are z and view_of(name)
        tells which trials follow a view."""
        parts = []
        for view, path in self.paths.items():
            quantiles = [np.round(d.quantile(z)) if self.whole else d.quantile(z) for _, d in path]
            parts.append((view, [m for m, _ in path],
                          [np.log(q) for q in quantiles] if self.geometric else quantiles))

        def at(month):
            result = None
            for view, months, quantiles in parts:
                i = int(np.searchsorted(months, month, side="right"))
                if i == 0 or i == len(months):
                    value = quantiles[min(i, len(months) - 1)]
                else:
                    step = (month - months[i - 1]) / (months[i] - months[i - 1])
                    value = quantiles[i - 1] + step * (quantiles[i] - quantiles[i - 1])
                result = value if result is None else np.where(view_of(view), value, result)
            return np.exp(result) if self.geometric else result

        return at
