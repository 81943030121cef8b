"""The services that operator commands use."""

from __future__ import annotations

from dataclasses import dataclass

from bot.services.billing.auditor import Auditor
from bot.services.jobs.parked import ParkedJobDecisions
from bot.services.orders.admission import AdmissionControl
from bot.services.orders.order_inspection import OrderInspection
from bot.services.ports.jobs import Publisher
from bot.storage.repositories.billing.statements import StatementStore
from bot.storage.repositories.jobs import JobStore


@dataclass(frozen=True, slots=True)
class OperatorServices:
    """`operators` are the IDs of the users who may use operator commands."""

    operators: frozenset[int]
    admission: AdmissionControl
    inspection: OrderInspection
    statements: StatementStore
    auditor: Auditor
    parked: ParkedJobDecisions
    jobs: JobStore
    publisher: Publisher
