"""What a server says of a check of market power in its log: ids, sizes and seconds, never an offer or a cost."""

from __future__ import annotations

import json

import pytest

from clearing.client import Client, InvalidCase
from clearing.server.embedded import EmbeddedServer
from clearing.v1.clearing_service_pb2 import ChargeDeviationsRequest, LimitPricesRequest
from clearing.v1.market_power_pb2 import ApprovedCosts
from clearing.wire import case_file
from tests.cli.test_charge_deviations import REQUEST
from tests.cli.test_limit_prices import DAY
from tests.factory import market

UNITS = [
    {"id": "big", "owner": "large", "p_max": 100, "blocks": [(5, 301.25), (95, 987.25)]},
    {"id": "a", "owner": "small", "p_max": 150, "price": 311.75},
]


@pytest.mark.slow
def test_no_offer_stands_in_the_log(capfd: pytest.CaptureFixture[str]) -> None:
    case = market([150.0, 60.0], units=UNITS)
    costs = ApprovedCosts(resource=["big"], cost_per_mwh=[298.75])
    with EmbeddedServer(threads=1, log_level="debug") as server, Client(server.address) as client:
        reply = client.check_market_power(case, overrides={"market_power.conduct.scope": "all"}, costs=costs)
        assert [g.group_id for g in reply.groups if g.offers.resource] == ["large"]
        again = client.check_market_power(
            case, overrides={"market_power.conduct.scope": "all"}, costs=costs, mitigate=True
        )
        assert again.HasField("mitigated")
        charged, limited = ChargeDeviationsRequest(), LimitPricesRequest()
        assert case_file.message_from_json(json.dumps(REQUEST), charged) is None
        assert case_file.message_from_json(json.dumps(DAY), limited) is None
        charged.class_c.approved_per_mwh[0], limited.day.price_per_mwh[0] = 391.375, 392.375
        assert len(client.charge_deviations(charged, "fujian-2024").owners) == 3
        assert len(client.limit_prices(limited, "fujian-2025-4").owners) == 2
        costs.cost_per_mwh[0] = 1e99
        with pytest.raises(InvalidCase):
            client.check_market_power(case, costs=costs)
    said = "".join(capfd.readouterr())
    for rpc in ("CheckMarketPower", "ChargeDeviations", "LimitPrices"):
        assert rpc in said
    for number in ("301.25", "987.25", "311.75", "298.75", "1e+99", "391.375", "392.375"):
        assert number not in said
