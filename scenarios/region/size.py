"""A region's size: three times the plant of the province on 10,000 buses."""

from __future__ import annotations

from ..drawn.size import Size

REGION = Size(
    name="region",
    network="case_ACTIVSg10k.m",
    units=(36, 96, 348, 102, 18),
    nuclear_mw=(1160, 1160, 1160, 1160, 1160, 1160, 1400, 1400, 1400, 1400, 1400, 1400),
    solar_sites=1228,
    wind_sites=772,
    solar_gw=108.0,
    wind_gw=78.0,
    batteries=195,
    pumped_mw=(1000.0, 1200.0, 1800.0) * 3,
    ties=tuple(f"link-{n + 1:02d}" for n in range(12)),
    tie_share=(0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.08, 0.08, 0.08, 0.08, 0.04, 0.04),
    load_times=3.0,
    tie_times=3.0,
    spare_mw=9000.0,
    interfaces=60,
    tight_branches=8,
    tight_interfaces=3,
    support_areas=6,
    secured_kv=345.0,
)
