"""Wiring of the services that run jobs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bot.composition.core_services import CoreServices
from bot.composition.externals import Externals
from bot.services.jobs.delivery import JobClosing, JobDelivery
from bot.services.jobs.dispatcher import Dispatcher, DispatcherConfig
from bot.services.jobs.pipeline import JobPipeline, JobPreparation
from bot.services.jobs.poller import Poller
from bot.services.jobs.provider_slots import ProviderSlots
from bot.services.jobs.render_steps import ResultCollection, TaskReconciliation, TaskSubmission
from bot.services.jobs.result_storage import ResultStorage
from bot.services.jobs.submitter import Submitter
from bot.services.orders.job_control import JobControl
from bot.services.pictures.marking import MarkingPolicy
from bot.services.progress.card_updates import CardUpdater
from bot.services.progress.order_summary import OrderSummary
from bot.services.progress.queue_status import QueueStatusReader
from bot.storage.repositories.leases import LeaseStore


@dataclass(frozen=True, slots=True)
class JobServices:
    """The services that run jobs."""

    submitter: Submitter
    poller: Poller
    slots: ProviderSlots
    card_updater: CardUpdater
    summary: OrderSummary
    dispatcher: Dispatcher
    control: JobControl
    queue_status: QueueStatusReader


def build_job_services(
    core: CoreServices,
    externals: Externals,
    preparation: JobPreparation,
    delivery: JobDelivery,
    marking: MarkingPolicy,
) -> JobServices:
    database, clock, jobs, files = core.database, core.clock, core.jobs, core.files
    runware, limits, admission = core.settings.runware, core.settings.limits, core.admission
    grace = timedelta(seconds=runware.grace_seconds)
    longest = timedelta(minutes=runware.task_minutes)
    workers, price = externals.workers, core.settings.price_rule
    submitter = Submitter(externals.client, clock)
    poller = Poller(externals.client, clock, externals.poll_schedule)
    slots = ProviderSlots(runware.max_in_flight)
    cards = CardUpdater(externals.publisher, clock)
    summary = OrderSummary(jobs, externals.publisher)
    model = core.settings.image_model
    submission = TaskSubmission(jobs, files, workers, submitter, slots, admission, clock, model)
    pipeline = JobPipeline(
        preparation,
        submission,
        TaskReconciliation(jobs, submission, poller, slots, clock, grace),
        ResultCollection(jobs, poller, slots, admission, clock, price, longest),
        ResultStorage(jobs, files, externals.media, workers, poller, marking, clock),
        delivery,
        JobClosing(jobs, core.ledger, core.usage_stats, admission, slots, delivery, summary, clock),
        cards,
    )
    config = DispatcherConfig(externals.owner, limits.running_per_user)
    leases = LeaseStore(database)
    dispatcher = Dispatcher(jobs, leases, pipeline, slots, admission, clock, externals.rng, config)
    control = JobControl(jobs, core.ledger, dispatcher, cards, summary, clock)
    status = QueueStatusReader(dispatcher, externals.client, clock)
    return JobServices(submitter, poller, slots, cards, summary, dispatcher, control, status)
