"""A cleared round → the reply of ClearSubstitution: a public part, and one message a party."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from clearing.case.arrays import Ints
from clearing.case.finding import Finding
from clearing.rules.rules import Rules
from clearing.substitution.round_captive import BOUNDARIES
from clearing.substitution.round_clear import Cleared
from clearing.substitution.round_lp import Optimum
from clearing.substitution.round_prices import Prices
from clearing.v1 import substitution_pb2 as pb2
from clearing.wire import encode
from clearing.wire.substitution_rounds import RoundRequest
from clearing.wire.write_substitution_months import rows_by_owner


def write(
    request: RoundRequest, rules: Rules, cleared: Cleared, prices: Prices, optimum: Optimum | None,
    notes: Sequence[Finding],
) -> bytes:  # fmt: skip
    """A serialised ClearSubstitutionResponse."""
    by_boundary = _by_boundary(request, cleared)
    pb = pb2.ClearSubstitutionResponse(
        totals=_totals(request, cleared, prices, by_boundary),
        captives=_captives(request, cleared, prices, by_boundary),
        sites=[_sites(request, cleared, prices, *owned) for owned in rows_by_owner(request.names.owner).items()],
        cuts=_cuts(request, cleared),
        residual_milli=prices.residual_milli,
        optimum=None if optimum is None else _optimum(cleared, optimum),
        findings=[encode.finding(found) for found in notes],
        rules=encode.rule_echo(rules),
    )
    return pb.SerializeToString(deterministic=True)


def write_findings(valid: bool, findings: Sequence[Finding]) -> bytes:
    """A serialised ValidateSubstitutionRoundResponse."""
    pb = pb2.ValidateSubstitutionRoundResponse(valid=valid, findings=[encode.finding(found) for found in findings])
    return pb.SerializeToString(deterministic=True)


def _by_boundary(request: RoundRequest, cleared: Cleared) -> Ints:
    """(C, 3, T) Energy of enterprises."""
    offers, months = request.round_.captive_offers, cleared.captive_month_kwh
    found = np.zeros((len(request.names.enterprise), BOUNDARIES, months.shape[1]), dtype=np.int64)
    np.add.at(found, (offers.party, offers.boundary - 1), months)
    return found


def _totals(request: RoundRequest, cleared: Cleared, prices: Prices, by_boundary: Ints) -> pb2.SubstitutionRoundTotals:
    areas, boundary = request.round_.areas, request.round_.captive_offers.boundary
    pre = [int(cleared.captive_pre_kwh[boundary == number].sum()) for number in range(1, BOUNDARIES + 1)]
    weight, scores = cleared.coefficients.weight, cleared.coefficients.score
    whole = sum(weight.tolist())
    return pb2.SubstitutionRoundTotals(
        standing=cleared.standing,  # type: ignore[arg-type]  # numbered as in the proto
        energy_kwh=int(cleared.area_kwh.sum()),
        month_kwh=by_boundary.sum(axis=(0, 1)).tolist(),
        boundary_kwh=by_boundary.sum(axis=(0, 2)).tolist(),
        pre_boundary_kwh=pre,
        mean_variation_milli=prices.mean_milli,
        highest_variation_milli=prices.highest_milli,
        area=request.names.area,
        score_percent=scores.ravel().tolist(),
        coefficient=[each / whole if whole else 0.0 for each in weight.tolist()],
        pre_area_kwh=cleared.pre_area_kwh.tolist(),
        area_kwh=cleared.area_kwh.tolist(),
        area_month_kwh=cleared.area_month_kwh.ravel().tolist(),
        ratio=[n / w if w else 0.0 for n, w in zip(cleared.area_kwh.tolist(), areas.energy_kwh.tolist(), strict=True)],
        area_most_kwh=cleared.caps.most_kwh.tolist(),
        area_held=cleared.caps.held.tolist(),
        area_held_month=cleared.caps.month.tolist(),
        enterprise=request.names.enterprise,
        enterprise_boundary_kwh=by_boundary.sum(axis=2).ravel().tolist(),
        untraded_kwh=cleared.untraded_kwh,
        short_kwh=cleared.short_kwh,
    )


def _captives(
    request: RoundRequest, cleared: Cleared, prices: Prices, by_boundary: Ints
) -> list[pb2.CaptiveConfirmation]:
    party, names = request.round_.captive_offers.party, request.names.captive_offer
    energy, pre = cleared.captive_month_kwh.sum(axis=1).tolist(), cleared.captive_pre_kwh.tolist()
    order = np.argsort(party, kind="stable")
    own = np.split(order, np.searchsorted(party[order], np.arange(1, len(request.names.enterprise))))
    trade = prices.captive
    found = []
    for row, enterprise in enumerate(request.names.enterprise):
        offers, taken = own[row].tolist(), int(by_boundary[row].sum())
        purchase = int(request.round_.captives.take_kwh[row]) - taken if request.takes else None
        found.append(pb2.CaptiveConfirmation(
            enterprise=enterprise, offer=[names[k] for k in offers], pre_kwh=[pre[k] for k in offers],
            cleared_kwh=[energy[k] for k in offers], boundary_month_kwh=by_boundary[row].ravel().tolist(),
            substitution_kwh=taken, purchase_kwh=purchase, variation_milli=int(trade.variation_milli[row]),
            price_milli=int(trade.price_milli[row]), compensation_milli=int(trade.compensation_milli[row]),
        ))  # fmt: skip
    return found


def _sites(request: RoundRequest, cleared: Cleared, prices: Prices, owner: str, own: Ints) -> pb2.SiteConfirmation:
    limits, trade = cleared.limits, prices.site
    return pb2.SiteConfirmation(
        owner_id=owner,
        site=[request.names.site[row] for row in own.tolist()],
        offered_kwh=limits.offered_kwh[own].tolist(),
        pre_kwh=limits.pre_kwh[own].tolist(),
        most_kwh=limits.most_kwh[own].tolist(),
        cleared_kwh=cleared.site_kwh[own].tolist(),
        held=limits.held[own].tolist(),
        variation_milli=trade.variation_milli[own].tolist(),
        price_milli=trade.price_milli[own].tolist(),
        compensation_milli=trade.compensation_milli[own].tolist(),
    )


def _cuts(request: RoundRequest, cleared: Cleared) -> pb2.SubstitutionCuts:
    pb, names = pb2.SubstitutionCuts(), request.names.captive_offer
    for cut in cleared.cuts:
        count = len(cut.offers)
        pb.offer.extend(names[row] for row in cut.offers.tolist())
        pb.cause.extend([cut.cause] * count)  # type: ignore[list-item]  # numbered as in the proto
        pb.limit.extend([cut.limit] * count)
        pb.month.extend([cut.month] * count)
        pb.lost_kwh.extend(cut.lost_kwh.tolist())
    return pb


def _optimum(cleared: Cleared, optimum: Optimum) -> pb2.SubstitutionOptimum:
    return pb2.SubstitutionOptimum(
        energy_kwh=optimum.energy_kwh,
        left_kwh=optimum.energy_kwh - int(cleared.area_kwh.sum()),
        variation_milli=optimum.variation_milli,
        round_variation_milli=optimum.round_variation_milli,
        area_kwh=optimum.area_kwh.tolist(),
    )
