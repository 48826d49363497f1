"""The founding incident, played against the real service."""

from monitor.demo.story import Story

__all__ = ["Story"]
