"""The same intervals by PyPSA: python pypsa_rolling.py DAY.npz OUT.npz [given]

Runs in an environment of its own, never in that of this project:

    python -m venv peer && peer/bin/pip install pypsa==1.4.0 highspy
    peer/bin/python benchmarks/peers/pypsa_rolling.py day.npz peer.npz

DAY.npz comes from benchmarks/peers/pypsa_day.py. Every interval is a PyPSA network of its own look-ahead: generators (a
block of an offer each), lines with their reactance, loads, a storage unit; PyPSA builds the linear power flow and the
problem, HiGHS solves it, prices are PyPSA's marginal prices. PyPSA has no offers in blocks with limits of the unit over
them: limits, ramps and the energy at the end are added by its hook. Each interval starts from what PyPSA's own one
before left; with `given`, from what the intervals in DAY.npz left.
"""

import logging
import sys
import time

import numpy as np
import pandas as pd
import pypsa
import xarray

SHED_PRICE = 1e5


class Window:
    """The look-ahead from period `first` on, with the state before it."""

    def __init__(self, day, first, state_mw, state_on, energy):
        self.day, self.first, self.state_mw, self.state_on, self.energy = day, first, state_mw, state_on, energy
        self.last = min(first + int(day["look_ahead"]), day["on"].shape[1])
        self.span = slice(first, self.last)
        self.hours = float(day["hours"])

    def at(self, name):
        """A series of the day over the look-ahead (n, T)."""
        return self.day[name][:, self.span]

    def network(self):
        """The network with everything on it."""
        day, periods = self.day, self.last - self.first
        n = pypsa.Network()
        n.set_snapshots(range(periods))
        n.snapshot_weightings = pd.DataFrame(self.hours, n.snapshots, ["objective", "stores", "generators"])
        buses = [f"b{k}" for k in range(len(day["bus"]))]
        n.add("Bus", buses, v_nom=1.0)
        name = [f"l{k}" for k in range(len(day["branch_from"]))]
        ends = [[f"b{k}" for k in day[side].tolist()] for side in ("branch_from", "branch_to")]
        n.add("Line", name, bus0=ends[0], bus1=ends[1], x=day["branch_x"], s_nom=day["branch_limit"])
        self._blocks(n, "u", day["block_unit"], day["unit_bus"], "block_mw", "block_price", self.at("on"))
        ones = np.ones((len(day["site_bus"]), periods))
        self._blocks(n, "r", day["site_block"], day["site_bus"], "site_block_mw", "site_price", ones)
        n.add("Generator", [f"shed {b}" for b in buses], bus=buses, p_nom=1e5, marginal_cost=SHED_PRICE)
        net = np.zeros((len(buses), periods))
        np.add.at(net, day["load_bus"], self.at("load"))
        np.add.at(net, day["tie_bus"], -self.at("tie"))
        n.add(
            "Load",
            [f"load {b}" for b in buses],
            bus=buses,
            p_set=pd.DataFrame(net.T, columns=[f"load {b}" for b in buses]),
        )
        self._storage(n)
        return n

    def _blocks(self, n, kind, owner, bus, width, price, on):
        """A generator a block."""
        names = [f"{kind}{k}" for k in range(len(owner))]
        size, cost = self.at(width), self.at(price)
        greatest = size.max(axis=1)
        full = size * on[owner] / np.where(greatest > 0.0, greatest, 1.0)[:, None]
        n.add(
            "Generator", names, bus=[f"b{k}" for k in bus[owner].tolist()], p_nom=greatest,
            p_max_pu=pd.DataFrame(full.T, columns=names), marginal_cost=pd.DataFrame(cost.T, columns=names),
        )  # fmt: skip

    def _storage(self, n):
        day = self.day
        for g in range(len(day["store_bus"])):
            power = float(day["discharge_max"][g, self.first])
            n.add(
                "StorageUnit", f"s{g}", bus=f"b{int(day['store_bus'][g])}", p_nom=power, p_min_pu=-1.0,
                max_hours=float(day["energy_max"][g, self.first]) / power, state_of_charge_initial=self.energy[g],
                efficiency_store=float(day["charge_efficiency"][g, self.first]),
                efficiency_dispatch=float(day["discharge_efficiency"][g, self.first]),
                cyclic_state_of_charge=False,
            )  # fmt: skip

    def limits(self, n, _snapshots):
        """What PyPSA has no words for: limits and ramps of a unit over its blocks, of a site, energy at the end.

        P_t − P_{t−1} ≤ RU·on_{t−1} + SU·start_t and P_{t−1} − P_t ≤ RD·on_t + SD·stop_t
        """
        day, model = self.day, n.model
        on = self.at("on").astype(bool)
        before = np.column_stack([self.state_on.astype(bool), on[:, :-1]])
        unit, site = self._total(n, "u", "block_unit"), self._total(n, "r", "site_block")
        of = self._series
        model.add_constraints(unit >= of(unit, self.at("p_min") * on), name="unit_min")
        model.add_constraints(unit <= of(unit, self.at("p_max") * on), name="unit_max")
        model.add_constraints(site >= of(site, self.at("site_min")), name="site_min")
        model.add_constraints(site <= of(site, self.at("site_max")), name="site_max")
        rise = np.where(before, (day["up"] * self.hours)[:, None], day["start_limit"][:, None])
        fall = np.where(on, (day["down"] * self.hours)[:, None], day["stop_limit"][:, None])
        first = unit.isel(snapshot=0)
        model.add_constraints(first <= self._row(unit, self.state_mw + rise[:, 0]), name="ramp_up_0")
        model.add_constraints(first >= self._row(unit, self.state_mw - fall[:, 0]), name="ramp_down_0")
        if on.shape[1] > 1:
            here, last = unit.isel(snapshot=slice(1, None)), unit.shift(snapshot=1).isel(snapshot=slice(1, None))
            model.add_constraints(here - last <= of(unit, rise).isel(snapshot=slice(1, None)), name="ramp_up")
            model.add_constraints(last - here <= of(unit, fall).isel(snapshot=slice(1, None)), name="ramp_down")
        if len(day["store_bus"]):
            level = model["StorageUnit-state_of_charge"].isel(snapshot=-1)
            least = xarray.DataArray(self.least_energy(), coords={"name": level.coords["name"]}, dims="name")
            model.add_constraints(level >= least, name="energy_at_the_end")

    def _total(self, n, kind, owner):
        """Output by owner: the sum of its blocks, dims snapshot and row."""
        names = [f"{kind}{k}" for k in range(len(self.day[owner]))]
        output = n.model["Generator-p"].sel(name=names)
        return (1.0 * output).groupby(pd.Series(self.day[owner], index=pd.Index(names, name="name"), name="row")).sum()

    def _series(self, like, values):
        coords = {"row": np.arange(len(values)), "snapshot": like.coords["snapshot"]}
        return xarray.DataArray(values.astype(float), coords=coords, dims=("row", "snapshot"))

    def _row(self, _like, values):
        return xarray.DataArray(values, coords={"row": np.arange(len(values))}, dims="row")

    def least_energy(self):
        """What the store should hold at the end: the day-ahead's level, or the most that it can reach."""
        day, hours = self.day, self.hours * (self.last - self.first)
        charged = day["charge_max"][:, self.first] * day["charge_efficiency"][:, self.first] * hours
        full = day["energy_max"][:, self.last - 1]
        target = np.minimum(day["energy_target"][:, self.last - 1], np.minimum(self.energy + charged, full))
        rising = target > self.energy
        return np.where(rising, self.energy + (target - self.energy) * (1.0 - 1e-9), np.minimum(target, self.energy))

    def solve(self):
        """(units, sites, price, energy) of the binding period; the objective of the look-ahead."""
        n = self.network()
        status, condition = n.optimize(
            solver_name="highs", extra_functionality=self.limits, log_to_console=False,
            include_objective_constant=False,
        )  # fmt: skip
        if (status, condition) != ("ok", "optimal"):
            raise SystemExit(f"interval {self.first}: PyPSA ended with {status}, {condition}")
        out = n.generators_t.p.iloc[0]
        if out[[c for c in out.index if c.startswith("shed")]].max() > 1e-6:
            raise SystemExit(f"interval {self.first}: PyPSA sheds load")
        mw, site = (np.zeros(len(self.day[k])) for k in ("unit", "site_bus"))
        for kind, owner, total in (("u", self.day["block_unit"], mw), ("r", self.day["site_block"], site)):
            np.add.at(total, owner, out[[f"{kind}{k}" for k in range(len(owner))]].to_numpy())
        price = n.buses_t.marginal_price.iloc[0][[f"b{k}" for k in range(len(self.day["bus"]))]].to_numpy()
        energy = n.storage_units_t.state_of_charge.iloc[0].to_numpy()
        return mw, site, price, energy, float(n.objective)


def main(source, out, mode="own"):
    """Roll the day."""
    for name in ("pypsa", "linopy"):
        logging.getLogger(name).setLevel(logging.ERROR)
    day = dict(np.load(source))
    found = {name: [] for name in ("mw", "site_mw", "price", "energy", "objective")}
    state_mw, energy = day["state_mw"][0], day["begun"][0]
    state_on = day["began_on"].astype(int)
    started = time.process_time()
    for t in range(int(day["intervals"])):
        if mode == "given":
            state_mw, energy = day["state_mw"][t], day["begun"][t]
        mw, site, price, energy, objective = Window(day, t, state_mw, state_on, energy).solve()
        for name, value in zip(found, (mw, site, price, energy, objective), strict=True):
            found[name].append(value)
        state_mw, state_on = mw, day["on"][:, t]
        print(day["labels"][t], f"{objective:.2f}", flush=True)
    spent = time.process_time() - started
    np.savez(out, intervals=day["intervals"], cpu_seconds=spent, **{k: np.array(v) for k, v in found.items()})


if __name__ == "__main__":
    main(*sys.argv[1:])
