"""What Prometheus scrapes, all of it from the picture and the counts."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from aiohttp import web

from monitor.fetcher import Quota
from monitor.status import Receiver, SideStatus, Status, Word
from monitor.web.face import face_of
from monitor.web.hands import BOUNDS, Counts

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

TYPE = "text/plain; version=0.0.4; charset=utf-8"


async def metrics(request: web.Request) -> web.Response:
    """Return the metrics."""
    face = face_of(request)
    status, counts = await face.status(), face.hands.counts
    hands = face.hands
    body = await asyncio.to_thread(exposed, status, counts, hands.held_hosts(), hands.quotas())
    return web.Response(body=body, headers={"Content-Type": TYPE})


def exposed(status: Status, counts: Counts, holds: dict[str, float], quotas: Sequence[Quota]) -> bytes:
    """Return the text of the exposition format; prometheus-client is loaded by the first scrape."""
    from prometheus_client import CollectorRegistry, generate_latest

    class Collector:
        """Gives what was gathered."""

        def collect(self) -> Iterator[Metric]:
            """Yield every family."""
            yield from _of_targets(status)
            yield from _of_looks(counts)
            yield from _of_receivers(status)
            yield from _of_ourselves(status)
            yield from _of_hosts(holds, quotas)

    registry = CollectorRegistry(auto_describe=False)
    registry.register(Collector())
    return generate_latest(registry)


def _of_targets(status: Status) -> Iterator[Metric]:
    from prometheus_client.core import GaugeMetricFamily as Gauge

    state = Gauge(
        "tagdrift_target_state", "1 for how the target stands, 0 for all else.", labels=("target", "state")
    )
    lag = Gauge(
        "tagdrift_lag_seconds",
        "How long the metadata has been behind; 0 where it is not.",
        labels=("target",),
    )
    missing = Gauge(
        "tagdrift_missing_releases", "Releases that the metadata does not name.", labels=("target",)
    )
    firing = Gauge(
        "tagdrift_target_firing", "1 where an alert fires, by severity.", labels=("target", "severity")
    )
    good = Gauge(
        "tagdrift_last_good_look_timestamp_seconds",
        "When a side was last read well.",
        labels=("target", "side"),
    )
    failed = Gauge("tagdrift_failed_looks", "Failed looks in a row.", labels=("target", "side"))
    for target in status.targets:
        for word in Word:
            state.add_metric((target.name, word.value), float(target.word is word))
        if target.lag_for is not None:
            lag.add_metric((target.name,), target.lag_for.total_seconds())
        missing.add_metric((target.name,), len(target.missing))
        if target.severity is not None:
            firing.add_metric((target.name, target.severity.value), 1)
        for side in (target.metadata, target.releases):
            _add_side(good, failed, target.name, side)
    yield from (state, lag, missing, firing, good, failed)


def _add_side(good: Metric, failed: Metric, name: str, side: SideStatus) -> None:
    labels = {"target": name, "side": side.side.value}
    if side.good_at is not None:
        good.add_sample(good.name, labels, side.good_at.timestamp())
    failed.add_sample(failed.name, labels, side.failed)


def _of_looks(counts: Counts) -> Iterator[Metric]:
    from prometheus_client.core import CounterMetricFamily as Counter
    from prometheus_client.core import HistogramMetricFamily as Histogram

    looks = Counter("tagdrift_looks", "Looks since the start.", labels=("target", "side", "outcome"))
    for labels, count in sorted(counts.looks.items()):
        looks.add_metric(labels, count)
    latency = Histogram("tagdrift_look_duration_seconds", "How long looks took.", labels=("side",))
    for side, classes in counts.latencies.items():
        total = 0
        buckets = []
        for bound, count in zip((*map(str, BOUNDS), "+Inf"), classes, strict=True):
            total += count
            buckets.append((bound, total))
        latency.add_metric((side,), buckets, counts.took_for[side].total_seconds())
    yield from (looks, latency)


def _of_receivers(status: Status) -> Iterator[Metric]:
    from prometheus_client.core import CounterMetricFamily as Counter
    from prometheus_client.core import GaugeMetricFamily as Gauge

    depth = Gauge("tagdrift_outbox_messages", "Messages that wait.", labels=("receiver",))
    age = Gauge("tagdrift_outbox_oldest_seconds", "How long the oldest of them waits.", labels=("receiver",))
    sent = Counter("tagdrift_deliveries", "Attempts since the start.", labels=("receiver", "outcome"))
    lost = Gauge("tagdrift_undelivered_messages", "Messages that were given up.", labels=("receiver",))
    failing = Gauge("tagdrift_receiver_failing", "1 where a receiver takes nothing.", labels=("receiver",))
    for one in status.receivers:
        depth.add_metric((one.name,), one.queued)
        age.add_metric((one.name,), _age(one, status))
        sent.add_metric((one.name, "delivered"), one.delivered)
        sent.add_metric((one.name, "refused"), one.refused)
        lost.add_metric((one.name,), one.undelivered)
        failing.add_metric((one.name,), float(one.failing_since is not None))
    yield from (depth, age, sent, lost, failing)


def _age(receiver: Receiver, status: Status) -> float:
    oldest = receiver.oldest_queued_at
    return 0.0 if oldest is None else (status.generated_at - oldest).total_seconds()


def _of_ourselves(status: Status) -> Iterator[Metric]:
    from prometheus_client.core import GaugeMetricFamily as Gauge
    from prometheus_client.core import InfoMetricFamily as Info

    daemon = status.daemon
    facts = {
        "tagdrift_ready": ("1 once everything was looked at since the start.", daemon.has_looked),
        "tagdrift_blind": (
            "1 while no host answers, so that it looks like us.",
            daemon.blind_since is not None,
        ),
        "tagdrift_faults": ("What is wrong with ourselves, counted.", len(daemon.faults)),
        "tagdrift_config_refused": (
            "1 where the newest file is not in force.",
            daemon.config_problem is not None,
        ),
        "tagdrift_targets": ("Targets that are watched.", len(status.targets)),
        "tagdrift_silences": ("Silences in force.", sum(one.is_active for one in status.silences)),
    }
    for name, (text, value) in facts.items():
        yield Gauge(name, text, value=float(value))
    if daemon.up_since is not None:
        yield Gauge("tagdrift_start_time_seconds", "When it was started.", value=daemon.up_since.timestamp())
    if daemon.last_tick_at is not None:
        at = daemon.last_tick_at.timestamp()
        yield Gauge("tagdrift_last_tick_timestamp_seconds", "When it was last woken.", value=at)
    yield Info("tagdrift_build", "Which version this is.", value={"version": status.version})


def _of_hosts(holds: dict[str, float], quotas: Sequence[Quota]) -> Iterator[Metric]:
    from prometheus_client.core import GaugeMetricFamily as Gauge

    held = Gauge(
        "tagdrift_host_held_seconds", "For how long a host's rate limit keeps us away.", labels=("host",)
    )
    for host, seconds in sorted(holds.items()):
        held.add_metric((host,), seconds)
    labels = ("host", "credential", "resource")
    left = Gauge("tagdrift_rate_limit_remaining", "Questions that a host still answers.", labels=labels)
    whole = Gauge("tagdrift_rate_limit_limit", "Questions that it answers in all.", labels=labels)
    for quota in quotas:
        of = (quota.host, quota.credential, quota.resource)
        left.add_metric(of, quota.remaining)
        if quota.whole is not None:
            whole.add_metric(of, quota.whole)
    yield from (held, left, whole)


ROUTES = [web.get("/metrics", metrics)]
