"""A resolved scenario (`fabcast check --json`) and the value of each of its inputs in each month, on
draws of the engine (`fabcast run --keep-inputs`) or on draws of NumPy's own. Events."""

import json
import os
import re
import subprocess

import numpy as np

from values import Value, month_number, month_text, unit_factor, Numbers

TWO_PART_NAMES = ("tool", "claim")


class Scenario:
    """Settings as text, by full key; what `explain` says of a key."""

    def __init__(self, program, file, sets=()):
        self.program = program
        arguments = [word for each in sets for word in ("--set", each)]
        told = json.loads(self.run("check", file, "--json", "--quiet", *arguments))
        self.text = {k["key"]: re.sub(r"\s*@[\w.+-]+", "", k["value"]) for k in told["keys"]}
        self.first, last = map(month_number, told["months"])
        self.months = last - self.first + 1
        self.views = {}
        for view in told["views"]:
            self.views.setdefault(view["group"], {})[view["view"]] = view["weight"]
        self.group_of = {v: g for g, views in self.views.items() for v in views}
        self.correlations = {(c["first"], c["second"]): c["r"] for c in told["correlations"]}
        self.kinds = {}
        for key in self.text:
            kind, name, _ = self.split(key)
            self.kinds.setdefault(kind, {})[name] = None
        self.explained = {}

    def run(self, *arguments):
        return subprocess.run([self.program, *arguments], capture_output=True, text=True,
                              check=True).stdout

    @staticmethod
    def split(key):
        """'tool.SN1.immersion.attrition' to kind, name, key."""
        parts = key.split(".")
        names = 0 if parts[0] == "scenario" else 2 if parts[0] in TWO_PART_NAMES else 1
        return parts[0], ".".join(parts[1:1 + names]), ".".join(parts[1 + names:])

    def names(self, kind):
        return list(self.kinds.get(kind, {}))

    def word(self, key, default=None):
        return self.text.get(key, default)

    def words(self, key):
        return [w.strip() for w in self.text.get(key, "").split(",") if w.strip()]

    def month(self, key, default):
        """A key that names a month, since the run's first."""
        return month_number(self.text[key]) - self.first if key in self.text else default

    def about(self, key):
        """(own unit, range, multiplicative, whole) of a key."""
        kind, _, leaf = self.split(key)
        short = f"{kind}.{leaf}"
        if short not in self.explained:
            lines = dict(line.split(None, 1) for line in self.run("explain", key).splitlines()[2:])
            unit = lines.get("unit", "").split("(")[0].strip()
            unit = "" if unit in ("none", "plain number") else unit
            low, high = -np.inf, np.inf
            if bounds := re.fullmatch(r"(.+) to (.+)", lines.get("range", "")):
                low, high = Numbers("", unit).read([bounds[1], bounds[2]])
            elif bounds := re.fullmatch(r"(.+) or more", lines.get("range", "")):
                low, = Numbers("", unit).read([bounds[1]])
            self.explained[short] = (unit, (low, high), "geometric" in lines.get("between", ""),
                                     "whole" in lines["takes"])
        return self.explained[short]

    def value(self, key):
        """The value of a numeric key."""
        return Value(self.text[key], *self.about(key))


class EngineDraws:
    """What the engine kept: drawn.npy, a row a trial. Nothing where a scenario has constants alone."""

    def __init__(self, folder, scenario, trials):
        self.scenario, self.trials, self.column = scenario, trials, {}
        if os.path.exists(f"{folder}/drawn.npy"):
            with open(f"{folder}/drawn.columns.txt", encoding="utf-8") as names:
                self.column = {name.rstrip("\n"): i for i, name in enumerate(names)}
            self.table = np.load(f"{folder}/drawn.npy").T.copy()

    def keys(self):
        """Uncertain inputs."""
        first = " " + month_text(self.scenario.first)
        return [name.removesuffix(first) for name in self.column
                if name in self.scenario.text or name.endswith(first)]

    def view(self, group):
        return self.table[self.column[f"view.{group}" if group else "view"]]

    def event(self, name, is_hazard):
        drawn = self.table[self.column[f"event.{name}"]]
        return np.exp(-drawn) if is_hazard else drawn

    def input(self, key, value, own_unit):
        factor = 1 if own_unit == "%" else unit_factor(own_unit)
        if key in self.column:
            only = self.table[self.column[key]] * factor
            return lambda month: only
        first = self.column[f"{key} {month_text(self.scenario.first)}"]
        return lambda month: self.table[first + month - self.scenario.first] * factor


class OwnDraws:
    """NumPy's generator, the Gaussian copula, AR(1) noise."""

    def __init__(self, seed, trials, scenario):
        self.rng = np.random.default_rng(seed)
        self.trials, self.scenario = trials, scenario
        self.of_group = {group: self.rng.choice(len(views), trials, p=np.array(list(views.values()))
                                                / sum(views.values()))
                         for group, views in scenario.views.items()}
        keys = sorted({key for pair in scenario.correlations for key in pair})
        matrix = np.eye(len(keys))
        for (first, second), r in scenario.correlations.items():
            i, j = keys.index(first), keys.index(second)
            matrix[i, j] = matrix[j, i] = r
        normals = np.linalg.cholesky(matrix) @ self.rng.standard_normal((len(keys), trials))
        self.joined = dict(zip(keys, normals))

    def view(self, group):
        return self.of_group[group]

    def event(self, name, is_hazard):
        return self.rng.random(self.trials)

    def input(self, key, value, own_unit):
        z = self.joined.get(key)
        if z is None:
            z = self.rng.standard_normal(self.trials)
        groups = {view: self.scenario.group_of[view] for view in value.paths if view is not None}

        def follows(view):
            group = groups[view]
            return self.of_group[group] == list(self.scenario.views[group]).index(view)

        at = value.drawn(z, follows)
        if value.sigma == 0:
            return at
        low, high = value.range
        log_noise = []

        def noisy(month):  # is asked once a month, in order
            step = value.sigma * self.rng.standard_normal(self.trials)
            log_noise[:] = [value.rho * log_noise[0] + np.sqrt(1 - value.rho**2) * step
                            if log_noise else step]
            return np.clip(at(month) * np.exp(log_noise[0] - value.sigma**2 / 2), low, high)

        return noisy


class Inputs:
    """The value of each key in the month that was begun last, events included: a number, or an array
    over trials."""

    def __init__(self, scenario, draws):
        self.scenario, self.draws, self.trials = scenario, draws, draws.trials
        self.makers, self.now, self.month = {}, {}, 0
        self.events = [Event(scenario, name) for name in scenario.names("event")]
        self.acting = {}  # by key: the effects on it, in the order in which they act
        for event in self.events:
            event.place(self)
            for effect in event.effects:
                for key in effect.targets:
                    self.acting.setdefault(key, []).append(effect)
        for effects in self.acting.values():
            effects.sort(key=lambda e: ("set", "multiply", "add", "cap", "scale").index(e.operation))
        self.order = self.order_of_events()

    def maker(self, key, value=None, own_unit=None):
        """A function of the calendar month for a key; of an event's amount its value is given."""
        value = value or self.scenario.value(key)
        if value.known:
            at = value.drawn(np.zeros(1), None)
            months = [at(self.scenario.first + m)[0] for m in range(self.scenario.months)]
            return lambda month: months[month - self.scenario.first]
        return self.draws.input(key, value, own_unit or self.scenario.about(key)[0])

    def begin(self, month):
        """A month since the first."""
        self.month, self.now = month, {}
        if month == 0:
            earliest = min([e.window[0] for e in self.order], default=0)
            for before in range(min(earliest, 0), 0):
                self.decide(before)
        self.decide(month)

    def decide(self, month):
        for event in self.order:
            event.decide(month, self)
            for effect in event.effects:  # which may act on the hazards of later ones
                for key in effect.targets:
                    if key.endswith(".hazard"):
                        self.now.pop(key, None)

    def base(self, key):
        """Before events."""
        if key not in self.makers:
            self.makers[key] = self.maker(key)
        return self.makers[key](self.scenario.first + self.month)

    def __call__(self, key):
        if key not in self.now:
            if ("base", key) not in self.now:
                self.now["base", key] = self.base(key)
            value = self.now["base", key]
            if key in self.acting:
                for effect in self.acting[key]:
                    value = effect.act(value, self.month)
                low, high = self.scenario.about(key)[1]
                value = np.clip(value, low, high)
            self.now[key] = value
        return self.now[key]

    def order_of_events(self):
        """What is required before what requires it, what acts on a hazard before that event where
        this is no circle, else as in the file."""
        by_name = {e.name: e for e in self.events}
        hard = {e.name: set(e.requires) for e in self.events}
        soft = {e.name: {o.name for o in self.events if o is not e and any(
            f"event.{e.name}.hazard" in f.targets for f in o.effects)} for e in self.events}
        done = []
        while len(done) < len(self.events):
            left = [e.name for e in self.events if e.name not in done]
            ready = [n for n in left if hard[n] <= set(done)]
            best = [n for n in ready if soft[n] <= set(done)] or ready
            done.append(best[0])
        return [by_name[n] for n in done]


class Event:
    """When it starts (month since the first, inf: not yet) and what it does."""

    def __init__(self, scenario, name):
        self.scenario, self.name, self.prefix = scenario, name, f"event.{name}."
        text = lambda key: scenario.word(self.prefix + key, "")
        self.requires, self.excludes = (scenario.words(self.prefix + k) for k in ("requires", "excludes"))
        self.window = (0, scenario.months - 1)
        self.amount = None
        if text("date"):
            self.window = (scenario.month(self.prefix + "date", 0),) * 2
        elif text("probability"):
            self.amount, _, month = text("probability").partition(" at ")
            self.window = (month_number(month) - scenario.first,) * 2
        else:
            self.amount, _, span = text("hazard").partition(" in ")
            if span:
                first, last = span.split("..")
                # A year or quarter as the beginning of a span is its first month.
                begins = month_number(first) - (11 if re.fullmatch(r"\s*\d{4}\s*", first) else
                                                2 if "Q" in first else 0)
                self.window = (begins - scenario.first, month_number(last) - scenario.first)
        self.is_hazard = bool(text("hazard"))

    def place(self, inputs):
        """Draws, amounts, times, targets."""
        scenario, prefix = self.scenario, self.prefix
        self.start = np.full(inputs.trials, np.inf)
        if self.amount is not None:
            key = prefix + ("hazard" if self.is_hazard else "probability")
            unit = "/year" if self.is_hazard else "%"
            inputs.makers[key] = inputs.maker(key, Value(self.amount, unit, scenario.about(key)[1]), unit)
            self.key = key
            self.u = inputs.draws.event(self.name, self.is_hazard)
            self.clock = -np.log(self.u)
        lag = inputs.maker(prefix + "lag")(scenario.first) if prefix + "lag" in scenario.text else np.zeros(())
        self.effects = [Effect(self, key, lag, inputs) for key in scenario.text
                        if re.fullmatch(re.escape(prefix) + r"effect(\.[\w+-]+)?", key)]

    def decide(self, month, inputs):
        """Whether it starts in a month."""
        if not self.window[0] <= month <= self.window[1]:
            return
        may = np.isinf(self.start)
        for other in inputs.events:
            if other.name in self.requires:
                may &= other.start <= month
            if other.name in self.excludes:
                may &= ~(other.start <= month)
        if self.amount is None:
            starts = may
        elif not self.is_hazard:
            starts = may & (self.u < inputs(self.key))
        else:  # inputs count hazards by the month, as all rates
            self.clock = np.where(may, self.clock - inputs(self.key), self.clock)
            starts = may & (self.clock <= 0)
        self.start = np.where(starts, month, self.start)


class Effect:
    def __init__(self, event, key, lag, inputs):
        scenario = event.scenario
        self.event = event
        pattern, self.operation, rest = scenario.text[key].split(None, 2)
        pattern = re.escape(pattern).replace(r"\*", "[^.]*")
        self.targets = [k for k in scenario.text if re.fullmatch(pattern, k)]
        parts = re.split(r"\b(after|ramp|for)\b(?!\s*:)", rest)
        unit = scenario.about(self.targets[0])[0]
        plain = self.operation in ("multiply", "scale")
        bounds = (0, np.inf) if plain else (-np.inf, np.inf) if self.operation == "add" else \
            scenario.about(self.targets[0])[1]
        own = "" if plain else unit
        geometric = plain or self.operation != "add" and scenario.about(self.targets[0])[2]
        self.amount = inputs.maker(key, Value(parts[0], own, bounds, geometric), own)
        times = {"after": np.zeros(()), "ramp": np.zeros(()), "for": np.full((), np.inf)}
        for word, text in zip(parts[1::2], parts[2::2]):
            times[word] = inputs.maker(f"{key} {word}", Value(text, "months", (0, 1200)), "months")(scenario.first)
        self.lag, self.ramp, self.duration = lag + times["after"], times["ramp"], times["for"]
        self.first_month = scenario.first

    def act(self, v, month):
        begins = self.event.start + self.lag
        begins = np.where(np.isinf(begins), 1e9, begins)
        s = np.clip((month + 1 - begins) / np.maximum(self.ramp, 1), 0, 1)
        s = np.minimum(s, np.maximum(0, begins + self.duration - month))
        x = self.amount(self.first_month + month)
        if self.operation == "set":
            return v + s * (x - v)
        if self.operation in ("multiply", "scale"):
            return v * (1 + s * (x - 1))
        if self.operation == "add":
            return v + s * x
        return v - s * np.maximum(0, v - x)
