"""Whether Apprise understands the receivers; a child process is asked."""

from __future__ import annotations

from monitor.config.values import Config
from monitor.receivers import check_addresses


def unusable(config: Config) -> dict[str, str]:
    """Return a sentence, without the URL, for each receiver whose URL Apprise does not understand."""
    return check_addresses({name: url for name, url in config.receivers.items() if "://" in url})
