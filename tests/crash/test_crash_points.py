"""Death at every await of every step, with a provider that makes each doubt as hard as it can."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.support.kills.config import CRASH_MODULES
from tests.support.kills.crash_points import list_points
from tests.support.kills.provider import MODES
from tests.support.kills.runner import ROOT, run_kills

MUST_DIE_IN = {
    "bot.services.jobs.dispatcher:Dispatcher": (
        "run",
        "stop",
        "_sweep_due_jobs",
        "_run_job",
        "_run_step",
        "_handle_failure",
    ),
    "bot.services.orders.acceptance:OrderAcceptance": (
        "accept_order",
        "accept_orders",
        "_hold_orders",
        "_hold_job",
    ),
    "bot.services.progress.order_summary:OrderSummary": ("update",),
    "bot.services.orders.job_control:JobControl": ("start_job", "cancel_job", "withdraw_job"),
    "bot.services.jobs.poller:Poller": (
        *("wait_until_finished", "fetch_task", "ask_about_task", "_poll_tasks"),
    ),
    "bot.services.jobs.provider_slots:ProviderSlots": ("acquire_slot",),
    "bot.services.jobs.render_steps:TaskSubmission": (
        *("submit_task", "resend_task", "_send_task", "_build_task"),
    ),
    "bot.services.jobs.render_steps:TaskReconciliation": ("reconcile_task",),
    "bot.services.jobs.render_steps:ResultCollection": ("collect_results",),
    "bot.services.jobs.parked": ("park_job",),
    "bot.services.jobs.pipeline:JobPreparation": ("prepare_job",),
    "bot.services.jobs.pipeline:JobPipeline": ("advance_job", "fail_job"),
    "bot.services.jobs.result_storage:ResultStorage": (
        *("store_results", "_fetch_links", "_store_result", "_compose_result"),
    ),
    "bot.services.jobs.delivery:JobDelivery": (
        *("deliver_job", "show_failure", "_deliver_pictures"),
    ),
    "bot.services.jobs.delivery:JobClosing": ("settle_job", "fail_job", "_close_job"),
    "bot.services.progress.result_sender:ResultSender": ("send_result",),
    "bot.services.jobs.submitter:Submitter": ("submit", "_send_batch"),
    "bot.storage.sqlite.database:Database": ("open", "write"),
    "bot.storage.disk.file_store:FileStore": ("save_bytes",),
    "bot.storage.repositories.jobs:JobStore": (
        "insert_job",
        "move_job",
        "advance_job",
        "postpone_job",
        "record_send",
        "save_results",
    ),
    "bot.storage.repositories.leases:LeaseStore": ("list_due_jobs", "claim_job", "take_over_jobs"),
    "bot.storage.repositories.billing.ledger:LedgerStore": (
        "hold_charges",
        "settle_job",
        "_hold_fitting",
        "_insert_entries",
    ),
}
"""Functions in which somebody has to die in any case, lest a new name go unseen."""
UNREACHED = {
    "bot.services.jobs.dispatcher:Dispatcher._run_heartbeat": (
        "the first is after ten seconds of one life"
    ),
    "bot.storage.repositories.leases:LeaseStore.renew_leases": "the same",
    "bot.services.jobs.dispatcher:Dispatcher._handle_failure": (
        "a job is given up after minutes: simulation"
    ),
    "bot.services.jobs.submitter:Submitter._send_batch:": (
        "a request refused as a whole: test_submitter"
    ),
    "bot.services.jobs.delivery:JobClosing.fail_job:2": "no key, no balance: test_admission",
    "bot.services.progress.result_sender:ResultSender.send_result:4": (
        "no way to the member is open: test_delivery"
    ),
    "bot.services.progress.result_sender:ResultSender.send_result:5": "the same",
    "bot.services.progress.result_sender:ResultSender._cover_job:2": (
        "covered between order and delivery: test_shared_pictures"
    ),
    "bot.services.jobs.delivery:JobDelivery.show_failure:2": (
        "a failure that could not be shown is seldom"
    ),
    "bot.services.jobs.render_steps:TaskSubmission.resend_task:4": (
        "refused at the second send: simulation"
    ),
    "bot.services.jobs.render_steps:ResultCollection.collect_results": (
        "silent past the deadline is seldom"
    ),
    "bot.services.progress.card_updates:CardUpdater.stop_updates": (
        "finished during an edit is seldom"
    ),
    "bot.services.pictures.seed_images:SeedImages.get_seed_image:": (
        "the picture of an earlier job, stored already"
    ),
    "bot.storage.sqlite.database:_check_integrity": "a damaged file: test_faults",
    "bot.storage.sqlite.database:_open_connection:3": "the same",
}
NEVER_LEFT = ("Dispatcher.run:", "Poller.run:", "CardUpdater.run:", "Submitter.run:")
"""What runs until it is cancelled leaves its group by an exception."""


def parse_function(point: str) -> str:
    return point.rsplit(":", 2)[0]


def is_excused(point: str) -> bool:
    left = point.endswith(":left") and any(name in point for name in NEVER_LEFT)
    return left or point.startswith(tuple(UNREACHED))


@pytest.mark.timeout(1500)
async def test_a_death_at_any_await_loses_nothing_and_pays_nothing_twice() -> None:
    outcomes = await asyncio.gather(*(run_kills(mode, seed=3) for mode in MODES))
    for outcome in outcomes:
        assert not outcome.findings.faults, (outcome.mode, outcome.findings)
        assert outcome.findings.billed > 30
    struck = frozenset().union(*(outcome.crash_points for outcome in outcomes))
    entered = {parse_function(point) for point in struck}
    dotted = {function.replace(":", ".") for function in entered}
    must = {f"{at}.{name}".replace(":", ".") for at, names in MUST_DIE_IN.items() for name in names}
    assert not must - dotted
    known = [
        point for point in list_points(CRASH_MODULES, ROOT) if parse_function(point) in entered
    ]
    wanted = {point for point in known if not is_excused(point)}
    assert not wanted - struck
    for outcome in outcomes:
        missed = wanted - outcome.crash_points
        assert len(missed) < 0.1 * len(wanted), (outcome.mode, missed)


def test_points_are_before_and_after_each_await(tmp_path: Path) -> None:
    (tmp_path / "step.py").write_text(
        "async def go(x):\n    async with x as y:\n        return await y(await x.z())\n"
    )
    assert list_points(["step"], tmp_path) == [
        "step:go:1:before",
        "step:go:1:entered",
        "step:go:1:leaving",
        "step:go:1:left",
        "step:go:2:before",
        "step:go:2:after",
        "step:go:3:before",
        "step:go:3:after",
    ]
