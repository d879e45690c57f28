"""The report: one HTML file that needs nothing else, not even a network."""

from __future__ import annotations

from clearing.case.case import Case
from clearing.case.result import ClearingResult
from clearing.report.about import About
from clearing.report.counterflow import below_zero
from clearing.report.facts import REASONS, ending, provenance
from clearing.report.figures.commitment import commitment_section
from clearing.report.figures.dispatch import dispatch_section
from clearing.report.figures.network import network_section
from clearing.report.figures.plot import Section
from clearing.report.figures.prices import price_section
from clearing.report.figures.reserves import reserve_section
from clearing.report.kpis import cost_parts, kpis
from clearing.report.losses import loss_tables
from clearing.report.pages import environment
from clearing.report.schemes import scheme_table
from clearing.report.scripts import dressing
from clearing.report.tables import binding_table, finding_table, make_whole_table, start_table, violation_table


def render(case: Case, result: ClearingResult, about: About, pages: tuple[tuple[str, str], ...] = ()) -> str:
    """HTML of the report. Parts that the result lacks (no schedule, no prices) say so in their place.

    pages: (name, file) of pages beside it, which it leads to.
    """
    labels = case.horizon.labels()
    schedule, prices = result.schedule, result.prices
    lossy = result.losses is not None and bool(result.losses.island_mw.any())
    none = Section(note="There is no schedule.")
    unpriced = Section(note="The result was not priced.")
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            case=case,
            result=result,
            verdict=_verdict(result),
            headline=REASONS[result.termination.reason],
            provenance=provenance(case, about),
            ending=ending(result.termination, about),
            seconds=[(stage, f"{s:.2f}") for stage, s in about.stage_seconds or result.termination.seconds],
            kpis=kpis(case, result),
            costs=cost_parts(result),
            audit=finding_table(result.audit, labels, "The audit has nothing to report."),
            notes=finding_table(result.notes, labels, "") if result.notes else None,
            dispatch=dispatch_section(case, schedule, lossy) if schedule else none,
            prices=price_section(case, prices) if prices else unpriced,
            network=network_section(case, result),
            commitment=commitment_section(case, schedule) if schedule else none,
            reserves=reserve_section(case, schedule, prices, about.system_reserves) if schedule else none,
            bindings=binding_table(case, result.bindings),
            below_zero=below_zero(case, result),
            losses=loss_tables(case, result),
            violations=violation_table(case, result.violations),
            starts=start_table(case, schedule) if schedule else None,
            make_whole=make_whole_table(case, result),
            schemes=scheme_table(result),
            pages=pages,
            **dressing(),
        )
    )


def _verdict(result: ClearingResult) -> tuple[str, str]:
    """(tone, words) of the audit."""
    if result.audit_passed is None:
        return "warning", "not audited"
    return ("good", "audit passed") if result.audit_passed else ("bad", "audit failed")
