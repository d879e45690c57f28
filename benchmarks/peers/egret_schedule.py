"""Egret's own unit commitment model and the schedule it makes: python egret_schedule.py CASE.json OUT.json

Runs in an environment of its own, never in that of this project (Egret brings pandas, matplotlib and networkx):

    python -m venv peer && peer/bin/pip install gridx-egret==0.6.2 highspy
    peer/bin/python benchmarks/peers/egret_schedule.py ../shared/data/egret/test_case_1.json schedule.json

`tests/outside/test_foreign_schedules.py` runs it where EGRET_PYTHON names such an interpreter, and judges the schedule:
{"cost": money, "on": {unit: [0/1 by hour]}, "mw": {unit: […]}, "reserve_mw": {unit: […]}}
"""

import json
import sys

import pyomo.environ as pyo
from egret.data.model_data import ModelData
from egret.models import unit_commitment

GAP = 1e-7
SECONDS = 600.0


def main(case: str, out: str) -> None:
    """Egret's tight model with the network of angles: `solve_unit_commitment` itself cannot drive HiGHS."""
    model = unit_commitment.create_tight_unit_commitment_model(
        ModelData.read(case), network_constraints="btheta_power_flow"
    )
    solver = pyo.SolverFactory("appsi_highs")
    solver.options.update(mip_rel_gap=GAP, time_limit=SECONDS, threads=1)
    ended = solver.solve(model).solver.termination_condition
    if ended != pyo.TerminationCondition.optimal:
        raise SystemExit(f"Egret's model ended with {ended}")
    periods = list(model.TimePeriods)

    def table(of: object) -> dict[str, list[float]]:
        return {g: [float(pyo.value(of[g, t])) for t in periods] for g in model.ThermalGenerators}

    schedule = {
        "cost": float(pyo.value(model.TotalCostObjective)),
        "on": {g: [round(v) for v in row] for g, row in table(model.UnitOn).items()},
        "mw": table(model.PowerGenerated),
        "reserve_mw": table(model.ReserveProvided),
    }
    with open(out, "w", encoding="utf-8") as file:
        json.dump(schedule, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
