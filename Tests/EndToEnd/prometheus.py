"""Prometheus' text format 0.0.4, read as strictly as `promtool check metrics` does, and the names that rules and dashboards use."""

import re

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"'
SAMPLE = re.compile(rf"({NAME})(?:\{{({LABEL}(?:,{LABEL})*)\}})? (\S+)")
KINDS = {"counter", "gauge", "histogram"}
SUFFIXES = ("_bucket", "_sum", "_count")


class Malformed(AssertionError):
    """It is not the format, or not what its conventions ask for."""


class Family:
    def __init__(self, name, kind, text):
        self.name, self.kind, self.help = name, kind, text
        self.samples = {}  # (name, labels) -> value


def parse(text):
    """Every family by its name. Raises Malformed with the line that is wrong."""
    families, family, pending = {}, None, None
    if not text.endswith("\n"):
        raise Malformed("the last line has no end")
    for number, line in enumerate(text[:-1].split("\n"), 1):

        def demand(condition, what):
            if not condition:
                raise Malformed(f"line {number}: {what}: {line}")

        if line.startswith("# HELP "):
            match = re.fullmatch(rf"# HELP ({NAME}) ((?:[^\\]|\\[\\n])+)", line)
            demand(match, "no HELP line")
            pending = match[1], match[2]
        elif line.startswith("# TYPE "):
            match = re.fullmatch(rf"# TYPE ({NAME}) (\w+)", line)
            demand(match and match[2] in KINDS, "no TYPE line")
            demand(pending and pending[0] == match[1], "TYPE does not follow its own HELP")
            demand(match[1] not in families, "a family stands twice")
            demand((match[2] == "counter") == match[1].endswith("_total"), "counters, and they alone, end in _total")
            family = families[match[1]] = Family(match[1], match[2], pending[1])
            pending = None
        else:
            match = SAMPLE.fullmatch(line)
            demand(match, "no sample")
            demand(pending is None and family, "a sample without its TYPE")
            name, labels = match[1], tuple(re.findall(LABEL, match[2] or ""))
            base = name
            if family.kind == "histogram":
                suffix = next((s for s in SUFFIXES if name == family.name + s), None)
                demand(suffix, "not of this histogram")
                base = name[: -len(suffix)]
                demand((suffix == "_bucket") == ("le" in dict(labels)), "le belongs to buckets alone")
            demand(base == family.name, "a sample outside its family")
            demand(len(dict(labels)) == len(labels), "a label stands twice")
            demand((name, labels) not in family.samples, "a sample stands twice")
            try:
                value = float(match[match.lastindex])
            except ValueError:
                raise Malformed(f"line {number}: no number: {line}") from None
            demand(family.kind == "gauge" or value >= 0, "a counter below zero")
            family.samples[name, labels] = value
    for family in families.values():
        if not family.samples:
            raise Malformed(f"{family.name} has no sample")
        if family.kind == "histogram":
            check_histogram(family)
    return families


def check_histogram(family):
    series = {}
    for (name, labels), value in family.samples.items():
        key = tuple(label for label in labels if label[0] != "le")
        parts = series.setdefault(key, {"buckets": []})
        if name.endswith("_bucket"):
            parts["buckets"].append((float(dict(labels)["le"]), value))
        else:
            parts[name.rsplit("_", 1)[1]] = value
    for key, parts in series.items():
        bounds, counts = zip(*parts["buckets"])
        if list(bounds) != sorted(set(bounds)) or bounds[-1] != float("inf") or list(counts) != sorted(counts):
            raise Malformed(f"{family.name} {key}: buckets out of order")
        if counts[-1] != parts["count"] or "sum" not in parts:
            raise Malformed(f"{family.name} {key}: count and the last bucket differ, or there is no sum")


def value(families, name, **labels):
    """The sum of the samples that have these labels."""
    family = families.get(name) or families[re.sub(r"_(bucket|sum|count)$", "", name)]
    return sum(
        v for (sample, have), v in family.samples.items() if sample == name and labels.items() <= dict(have).items()
    )


def names_in(expression):
    """The metrics of Duet that an expression of PromQL uses, each as the family that it belongs to."""
    return {re.sub(r"_(bucket|sum|count)$", "", name) for name in re.findall(r"\bduet_[a-z_]+", expression)}
