"""The Python client of a clearing server."""

from clearing.client.answer import Answer, AuditVerdict, CaseVerdict, RunInfo
from clearing.client.client import Client
from clearing.client.endpoint import Endpoint
from clearing.client.errors import (
    ClearingError,
    InvalidCase,
    NotAllowed,
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
    "Endpoint",
    "InvalidCase",
    "NotAllowed",
    "OutOfTime",
    "RunInfo",
    "ServerBusy",
    "ServerFault",
    "ServerUnavailable",
]
