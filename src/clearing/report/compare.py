"""Two or more runs beside each other, differences first, in one HTML file that needs nothing else.

Every difference is a run less the first one. Resources and buses are found by id, periods by their labels.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.case import Case
from clearing.case.result import ClearingResult
from clearing.report.about import About
from clearing.report.balance import curtailed, supply
from clearing.report.differences import input_table
from clearing.report.facts import Facts, ending, provenance
from clearing.report.figures.plot import Plot, Section, bars, steps, time_layout
from clearing.report.kpis import Kpi
from clearing.report.pages import environment
from clearing.report.scale import scale
from clearing.report.scripts import dressing
from clearing.report.tables import Table, table
from clearing.report.topology import bus_load_mw, main_island
from clearing.report.values import amount, label_of, limit_name, percent

FAMILIES = ("Family", "Limit")
NEAR = 1e-6


@dataclass(frozen=True, slots=True)
class Run:
    """One run: name it goes by, its case and result, where they come from."""

    name: str
    case: Case
    result: ClearingResult
    about: About


def render(runs: Sequence[Run], pages: tuple[tuple[str, str], ...] = ()) -> str:
    """HTML of the comparison. pages: (name, file) of pages that it leads to. Raises ValueError for fewer than two."""
    if len(runs) < 2:
        raise ValueError("a comparison needs two runs")
    alike = all(run.case.horizon == runs[0].case.horizon for run in runs)
    return (
        environment()
        .get_template("compare.html.j2")
        .render(
            names=[run.name for run in runs],
            case=runs[0].case,
            alike=alike,
            kpis=_tiles(runs[0], runs[-1]),
            headline=_headline(runs),
            prices=_price_plots(runs) if alike else Section(note="The runs are of other periods."),
            buses=_bus_table(runs) if alike else None,
            fuels=_number_table("Fuel", [_energy(run) for run in runs], runs, 1, "There is no schedule."),
            resources=_number_table(
                "Unit", [_unit_energy(run) for run in runs], runs, 1, "Every unit runs alike.", True
            ),
            hours=_number_table(
                "Unit", [_unit_hours(run) for run in runs], runs, 2, "Every unit is on for as long.", True
            ),
            bindings=_limit_table(runs, _bound, "No limit binds in any of the runs."),
            broken=_limit_table(runs, _broken, "No run has a violation."),
            inputs=[(run.name, input_table(runs[0].case, run.case)) for run in runs[1:]],
            provenance=[(run.name, _origin(run)) for run in runs],
            pages=pages,
            **dressing(),
        )
    )


def _origin(run: Run) -> Facts:
    return [*provenance(run.case, run.about), *ending(run.result.termination, run.about)]


def _measures(run: Run) -> dict[str, tuple[float | None, int]]:
    """Headline figures: name → (value, digits)."""
    case, result, hours = run.case, run.result, run.case.horizon.hours
    load = bus_load_mw(case).sum(axis=0)
    found: dict[str, tuple[float | None, int]] = {
        "Objective": (result.termination.objective, 2),
        "Total cost": (None if result.costs is None else result.costs.total, 2),
        "Load energy, MWh": (float(load.sum() * hours), 1),
        "Mean price by load, per MWh": (_mean_price(run), 2),
        "Violations": (float(len(result.violations)), 0),
        "Penalties": (sum(v.penalty for v in result.violations), 2),
    }
    if result.schedule is not None:
        found["Starts"] = (float(result.schedule.start.sum()), 0)
        found["Curtailment, MWh"] = (float(curtailed(case, result.schedule).sum() * hours), 1)
    if result.uplift is not None:
        found["Make-whole"] = (float(result.uplift.make_whole.sum()), 2)
    return found


def _mean_price(run: Run) -> float | None:
    prices, load = run.result.prices, bus_load_mw(run.case)
    if prices is None or load.sum() <= 0.0:
        return None
    return float((prices.bus_price * load).sum() / load.sum())


def _tiles(first: Run, last: Run) -> list[Kpi]:
    before, after = _measures(first), _measures(last)
    tiles = []
    for name in ("Total cost", "Mean price by load, per MWh", "Curtailment, MWh", "Starts", "Violations", "Make-whole"):
        (a, digits), (b, _) = before.get(name, (None, 0)), after.get(name, (None, 0))
        if a is not None and b is not None:
            share = f" ({percent((b - a) / abs(a), 2)})" if a else ""
            tone = "bad" if name == "Violations" and b > a else ""
            tiles.append(
                Kpi(name, _signed(b - a, digits), f"{amount(a, digits)} → {amount(b, digits)}{share}", tone=tone)
            )
    return tiles


def _signed(value: float, digits: int) -> str:
    return ("+" if value > 0.5 * 10.0**-digits else "") + amount(value, digits)


def _headline(runs: Sequence[Run]) -> Table:
    found = [_measures(run) for run in runs]
    rows = []
    for name, (first, digits) in found[0].items():
        cells = [amount(first, digits)]
        for measures in found[1:]:
            value = measures.get(name, (None, 0))[0]
            known = value is not None and first is not None
            cells += [amount(value, digits), _signed(value - first, digits) if known else "–"]  # type: ignore[operator]
        rows.append((name, *cells))
    rows.append(("Gap", percent(runs[0].result.termination.gap, 4), *_gaps(runs[1:])))
    return table(("Figure", *_heads(runs)), rows, set(range(1, 2 * len(runs))), "")


def _gaps(runs: Sequence[Run]) -> Iterable[str]:
    for run in runs:
        yield from (percent(run.result.termination.gap, 4), "")


def _heads(runs: Sequence[Run]) -> list[str]:
    return [runs[0].name, *(head for run in runs[1:] for head in (run.name, "Difference"))]


def _price_plots(runs: Sequence[Run]) -> Section:
    priced = [(run, run.result.prices) for run in runs if run.result.prices is not None]
    if len(priced) < len(runs):
        return Section(note="A run was not priced.")
    labels = runs[0].case.horizon.labels()
    system = [prices.system_price[main_island(run.case)] for run, prices in priced]
    traces = [
        steps(labels, price, run.name, f"series-{k % 8 + 1}", dash="dash" if k else "solid")
        for k, (run, price) in enumerate(zip(runs, system, strict=True))
    ]
    reach = scale(np.concatenate(system))
    wide = [Plot("System price", traces, time_layout(labels, "per MWh", reach=reach), height=340, note=reach.note)]
    for run, price in zip(runs[1:], system[1:], strict=True):
        apart = price - system[0]
        reach = scale(apart)
        layout = time_layout(labels, "per MWh", reach=reach)
        note = f"{run.name} less {runs[0].name}. {reach.note}".strip()
        bar = bars(labels, apart, "Difference", "part-energy")
        wide.append(Plot("Difference of the system price", [bar], layout, height=200, note=note, legend=False))
    return Section(wide)


def _bus_table(runs: Sequence[Run]) -> Table:
    """Mean price of every bus in every run, the greatest difference first, and when it is."""
    by_bus = [_by_id(run.case.network.bus_id, _bus_prices(run)) for run in runs]
    labels = runs[0].case.horizon.labels()
    found = []
    for name, first in by_bus[0].items():
        others = [prices.get(name) for prices in by_bus[1:]]
        apart = [np.abs(other - first) for other in others if other is not None]
        greatest = max((float(a.max()) for a in apart), default=0.0)
        if greatest > NEAR:
            at = int(np.argmax(np.max(apart, axis=0)))
            cells = [amount(float(first.mean()), 2)]
            for other in others:
                known = other is not None
                cells += [
                    amount(float(other.mean()), 2) if known else "–",  # type: ignore[union-attr]
                    _signed(float((other - first).mean()), 2) if known else "–",  # type: ignore[operator]
                ]
            found.append((greatest, (name, *cells, amount(greatest, 2), label_of(labels, at))))
    found.sort(key=lambda item: -item[0])
    heads = ("Bus", *_heads(runs), "Greatest difference", "When")
    numeric = set(range(1, 2 * len(runs) + 1))
    return table(heads, [row for _, row in found], numeric, "The price is the same at every bus and period.")


def _bus_prices(run: Run) -> Floats:
    prices = run.result.prices
    none = np.zeros((0, run.case.horizon.periods))
    return none if prices is None else prices.bus_price


def _by_id(ids: tuple[str, ...], rows: Floats) -> dict[str, Floats]:
    return dict(zip(ids, rows, strict=False))


def _energy(run: Run) -> dict[str, float]:
    """MWh by layer of the dispatch stack."""
    schedule = run.result.schedule
    if schedule is None:
        return {}
    return {layer.name: float(layer.mw.sum() * run.case.horizon.hours) for layer in supply(run.case, schedule)}


def _unit_energy(run: Run) -> dict[str, float]:
    schedule = run.result.schedule
    if schedule is None:
        return {}
    sums = [(run.case.units.id, schedule.dispatch_mw), (run.case.renewables.id, schedule.renewable_mw)]
    return {
        name: float(v) for ids, mw in sums for name, v in zip(ids, mw.sum(axis=1) * run.case.horizon.hours, strict=True)
    }


def _unit_hours(run: Run) -> dict[str, float]:
    schedule = run.result.schedule
    if schedule is None:
        return {}
    return dict(zip(run.case.units.id, (schedule.on.sum(axis=1) * run.case.horizon.hours).tolist(), strict=True))


def _number_table(
    head: str, values: Sequence[Mapping[str, float]], runs: Sequence[Run], digits: int, empty: str, moved: bool = False
) -> Table:
    """A figure by name in every run with its differences, the greatest first; moved: only what differs."""
    names = list(dict.fromkeys(name for one in values for name in one))
    apart = {n: max(abs(one.get(n, 0.0) - values[0].get(n, 0.0)) for one in values) for n in names}
    order = sorted((n for n in names if not moved or apart[n] > 0.5 * 10.0**-digits), key=lambda n: -apart[n])
    rows = []
    for name in order:
        first = values[0].get(name, 0.0)
        later = [cell for one in values[1:] for cell in _pair(one.get(name, 0.0), first, digits)]
        rows.append((name, amount(first, digits), *later))
    return table((head, *_heads(runs)), rows, set(range(1, 2 * len(runs))), empty)


def _pair(value: float, first: float, digits: int) -> tuple[str, str]:
    return amount(value, digits), _signed(value - first, digits)


Held = dict[tuple[str, str], tuple[int, float]]


def _bound(run: Run) -> Held:
    """Limits that bind: (family, name) → in how many periods, and the shadow prices added up."""
    found: dict[tuple[str, str], tuple[int, float]] = defaultdict(lambda: (0, 0.0))
    for b in run.result.bindings:
        key = b.family, limit_name(run.case, b.family, b.subject)
        found[key] = found[key][0] + 1, found[key][1] + b.shadow_price
    return found


def _broken(run: Run) -> Held:
    """What is violated: (family, name) → in how many periods, and the penalties added up."""
    found: dict[tuple[str, str], tuple[int, float]] = defaultdict(lambda: (0, 0.0))
    for v in run.result.violations:
        key = v.family, limit_name(run.case, v.family, v.subject)
        found[key] = found[key][0] + 1, found[key][1] + v.penalty
    return found


def _limit_table(runs: Sequence[Run], of: Callable[[Run], Held], empty: str) -> Table:
    """Periods and money of every limit in every run; those that only some runs have first."""
    held = [of(run) for run in runs]
    names = list(dict.fromkeys(key for one in held for key in one))

    def apart(key: tuple[str, str]) -> tuple[bool, float]:
        money = [one[key][1] if key in one else 0.0 for one in held]
        return all(key in one for one in held), -(max(money) - min(money))

    rows = [
        (*key, *(cell for one in held for cell in _count(one, key)))
        for key in sorted(names, key=lambda key: (*apart(key), key))
    ]
    heads = [f"{run.name}: {what}" for run in runs for what in ("periods", "sum")]
    return table((*FAMILIES, *heads), rows, set(range(2, 2 + 2 * len(runs))), empty)


def _count(held: Held, key: tuple[str, str]) -> tuple[str, str]:
    if key not in held:
        return "–", "–"
    return str(held[key][0]), amount(held[key][1], 2)
