"""The Python client of a clearing server."""

from clearing.client.answer import Answer, AuditVerdict, CaseVerdict, RunInfo
from clearing.client.client import Client
from clearing.client.errors import (
    ClearingError,
    InvalidCase,
    OutOfTime,
    ServerBusy,
    ServerFault,
    ServerUnavailable,
)

__all__ = [
    "Answer",
    "AuditVerdict",
    "CaseVerdict",
    "ClearingError",
    "Client",
    "InvalidCase",
    "OutOfTime",
    "RunInfo",
    "ServerBusy",
    "ServerFault",
    "ServerUnavailable",
]
