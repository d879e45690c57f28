"""Pairs, means and prices of the golden round in plain fractions, from the volumes that README.md works out.

It shares no line with production and no figure comes from it: volumes are written here as README.md derives them,
in MWh. `python -m tests.substitution.golden.reckoning` prints the tables of README.md.
"""

from __future__ import annotations

from fractions import Fraction as F
from math import floor

Side = list[tuple[str, F, F]]
"""Offer, variation (元/MWh), energy (MWh), in the order of ids."""

SELLS: Side = [
    (name, F(variation), F(energy))
    for name, variation, energy in (
        ("alum-1", "0", "300"), ("alum-2", "2", "600"), ("alum-3", "4", "1133.333"), ("brine-1", "1", "600"),
        ("brine-2", "0.5", "300"), ("brine-3", "6", "450"), ("carbide-1", "2", "300"), ("carbide-2", "1", "300"),
        ("carbide-3", "4", "566.667"), ("dye-1", "0", "600"), ("dye-2", "2.5", "300"), ("ester-1", "1.5", "300"),
        ("ester-2", "0", "600"), ("ester-3", "6", "1100"), ("flux-1", "3", "900"), ("flux-2", "1", "300"),
    )
]  # fmt: skip
BUYS: Side = [
    (name, F(variation), F(energy))
    for name, variation, energy in (
        ("h1-1", "5", "2000"), ("h1-2", "2", "110.068"), ("h2-1", "9", "1266.041"), ("k1-1", "4.5", "628.590"),
        ("k2-1", "11", "733.355"), ("t1-1", "12", "1000"), ("t1-2", "7", "500"), ("t2-1", "8", "1050"),
        ("v1-1", "10", "851.216"), ("v2-1", "6", "510.730"),
    )
]  # fmt: skip
LISTED = {
    "alum": 2_100_000, "brine": 1_245_000, "carbide": 830_000, "dye": 1_800_000, "ester": 1_525_000, "flux": 1_450_000,
    "h1": 2_500_000, "h2": 944_315, "t1": 1_500_000, "t2": 1_050_000, "v1": 1_350_000, "v2": 127_843,
    "k1": 1_200_000, "k2": 277_842,
}  # fmt: skip
"""kWh of the listing, as README.md derives them."""
BASE = F(200)
CATALOGUE = {"alum": "380", "brine": "372", "carbide": "381.5", "dye": "380", "ester": "372", "flux": "369"}
TRANSMISSION = {"alum": "120", "brine": "114.5", "carbide": "120", "dye": "120", "ester": "114.5", "flux": "110"}
APPROVED = {"h1": "510", "h2": "510", "t1": "580", "t2": "580", "v1": "900", "v2": "900", "k1": "950", "k2": "950"}
ON_GRID = {"h": "250", "t": "250", "v": "262", "k": "262"}
FUNDS = F(27)

Pair = tuple[str, str, F, F, F]
"""Seller, buyer, energy, what is asked, what is bid."""


def pairs(worst_bid_first: bool) -> list[Pair]:
    """Walk down both lists, cheapest seller first."""
    sells = sorted(SELLS, key=lambda offer: offer[1])
    buys = sorted(BUYS, key=lambda offer: offer[1] if worst_bid_first else -offer[1])
    found, k, left = [], 0, buys[0][2]
    for seller, asked, energy in sells:
        rest = energy
        while rest:
            step = min(rest, left)
            found.append((seller, buys[k][0], step, asked, buys[k][1]))
            rest, left = rest - step, left - step
            if not left and k + 1 < len(buys):
                k += 1
                left = buys[k][2]
    return found


def milli(value: F) -> int:
    """Thousandths, halves up."""
    return floor(value * 1000 + F(1, 2))


def parties(priced: list[tuple[str, str, F, F]]) -> dict[str, tuple[int, int]]:
    """Party → energy in kWh, mean variation in thousandths. priced: seller, buyer, energy, variation."""
    energy: dict[str, F] = {}
    paid: dict[str, F] = {}
    for seller, buyer, amount, variation in priced:
        for party in (seller.split("-")[0], buyer.split("-")[0]):
            energy[party] = energy.get(party, F(0)) + amount
            paid[party] = paid.get(party, F(0)) + amount * variation
    return {party: (int(energy[party] * 1000), milli(paid[party] / energy[party])) for party in energy}


def high_low() -> dict[str, tuple[int, int]]:
    """Best buyer with cheapest seller, half the sum; what does not cross is out."""
    return parties([(s, b, e, (ask + bid) / 2) for s, b, e, ask, bid in pairs(False) if bid >= ask])


def marginal() -> dict[str, tuple[int, int]]:
    """One price: 5, see README.md."""
    return parties([(s, b, e, F(5)) for s, b, e, ask, bid in pairs(False) if bid >= ask])


def lowest_price() -> dict[str, tuple[int, int]]:
    """Both from the lowest."""
    return parties([(s, b, e, (ask + bid) / 2) for s, b, e, ask, bid in pairs(True)])


def worded() -> dict[str, tuple[int, int]]:
    """Both from the lowest, half the difference."""
    return parties([(s, b, e, (bid - ask) / 2) for s, b, e, ask, bid in pairs(True)])


def listing() -> dict[str, tuple[int, int]]:
    """Energy alone is cleared; the listed variation is 1."""
    return {party: (energy, 1_000) for party, energy in LISTED.items()}


def forward(found: dict[str, tuple[int, int]]) -> dict[str, int]:
    """Price of every party, thousandths."""
    own = {**CATALOGUE, **APPROVED}
    return {party: milli(F(own[party]) - BASE) - variation for party, (_, variation) in found.items()}


def transmission(found: dict[str, tuple[int, int]]) -> dict[str, int]:
    """Captive price with transmission prices: the mean over sites of price − base − variation, and what is added."""
    sites = {party: of for party, of in found.items() if party in APPROVED}
    whole = sum(energy for energy, _ in sites.values())
    mean = F(
        sum(energy * (milli(F(ON_GRID[party[0]]) - BASE) - variation) for party, (energy, variation) in sites.items()),
        whole,
    )
    composite = floor(mean + F(1, 2))
    return {
        party: composite + milli(F(TRANSMISSION[party]) + FUNDS) if party in CATALOGUE else price
        for party, price in forward(found).items()
    }


def main() -> None:
    """The tables of README.md."""
    for name, walk in (("high-low", False), ("lowest-price", True)):
        print(f"\n{name}")
        for seller, buyer, energy, asked, bid in pairs(walk):
            print(f"| {seller} | {buyer} | {float(energy):.3f} | {float(asked)} | {float(bid)} |")
    for name, found in (
        ("marginal", marginal()), ("high-low", high_low()), ("lowest-price", lowest_price()), ("worded", worded()),
        ("listing", listing()),
    ):  # fmt: skip
        print(f"\n{name}")
        ahead, behind = forward(found), transmission(found)
        for party, (energy, variation) in sorted(found.items()):
            print(f"| {party} | {energy} | {variation} | {ahead[party]} | {behind[party]} |")


if __name__ == "__main__":
    main()
