"""When things are done: what is due as data, and the handful of jobs that take it."""

from monitor.scheduler.agenda import Agenda
from monitor.scheduler.jobs import Jobs

__all__ = ["Agenda", "Jobs"]
