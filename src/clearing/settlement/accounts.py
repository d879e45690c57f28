"""Accounts of items (6.13.2), whom statements are for, and which accounts make up which pool."""

from __future__ import annotations

from enum import IntEnum


class Account(IntEnum):
    """Numbered as on the wire; tens group them."""

    UNSPECIFIED = 0
    CONTRACT_PHYSICAL = 10
    CONTRACT_FINANCIAL = 11
    DAY_AHEAD = 12
    REAL_TIME = 13
    EMERGENCY = 14
    IMBALANCE = 15
    RETAIL = 16
    REGULATION = 20
    SPINNING_AHEAD = 21
    SPINNING_REAL = 22
    NON_SPINNING_AHEAD = 23
    NON_SPINNING_REAL = 24
    BLACK_START = 25
    REACTIVE_POWER = 26
    ANCILLARY_SHARE = 27
    TRANSMISSION = 30
    TRANSMISSION_LOSS = 31
    CONGESTION = 32
    TRANSMISSION_RIGHT = 33
    UNSCHEDULED_TRANSMISSION = 34
    ENERGY_DEVIATION = 40
    ANCILLARY_DEVIATION = 41
    RETAIL_DEVIATION = 42
    BACK_BILLING = 50
    PLAN_ASSESSMENT = 60
    FREQUENCY_ASSESSMENT = 61
    AGC_ASSESSMENT = 62
    AVC_ASSESSMENT = 63
    PENALTY_SHARE = 64
    COMPENSATION_AHEAD = 65
    COMPENSATION_REAL = 66
    OPPORTUNITY_COST = 67
    START_UP = 68
    MUST_RUN = 69
    COMPENSATION_SHARE = 70
    DEMAND_RESPONSE = 71
    DEMAND_RESPONSE_SHARE = 72
    RETAIL_TERMINATION = 73
    FEE_BALANCE = 80
    CAPACITY = 81
    MEMBERSHIP = 82
    COMMISSION = 83
    MANAGEMENT = 84
    FUND = 85


class Addressee(IntEnum):
    """Numbered as on the wire."""

    UNSPECIFIED = 0
    GENERATION = 1
    USER = 2
    RETAILER = 3
    DEMAND_RESPONSE = 4
    GRID = 5
    STORAGE = 6


class Basis(IntEnum):
    """What a charge is a rate of; numbered as on the wire."""

    UNSPECIFIED = 0
    FIXED = 1
    USED_ENERGY = 2
    METERED_ENERGY = 3
    TRADED_MONEY = 4
    CAPACITY = 5


class ContractRecovery(IntEnum):
    """Which h holds; numbered as on the wire."""

    UNSPECIFIED = 0
    DIRECT = 1
    LOCAL = 2


GENERATION_SIDE = (Addressee.GENERATION, Addressee.STORAGE)

ENERGY = (Account.CONTRACT_PHYSICAL, Account.CONTRACT_FINANCIAL, Account.DAY_AHEAD, Account.REAL_TIME)
ANCILLARY = tuple(a for a in Account if Account.REGULATION <= a <= Account.REACTIVE_POWER)
ASSESSED = (
    Account.PLAN_ASSESSMENT, Account.FREQUENCY_ASSESSMENT, Account.AGC_ASSESSMENT, Account.AVC_ASSESSMENT,
    Account.ANCILLARY_DEVIATION,
)  # fmt: skip
COMPENSATED = (
    Account.COMPENSATION_AHEAD, Account.COMPENSATION_REAL, Account.OPPORTUNITY_COST, Account.START_UP, Account.MUST_RUN,
)  # fmt: skip
CHARGED = (
    Account.TRANSMISSION, Account.CAPACITY, Account.MEMBERSHIP, Account.COMMISSION, Account.MANAGEMENT, Account.FUND,
)  # fmt: skip
ENTERED = (
    *ANCILLARY, *ASSESSED, Account.DEMAND_RESPONSE, Account.EMERGENCY, Account.UNSCHEDULED_TRANSMISSION,
    Account.ENERGY_DEVIATION,
)  # fmt: skip
"""Accounts that entries from elsewhere may be of."""
