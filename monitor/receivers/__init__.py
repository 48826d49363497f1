"""Hand over one message to one receiver, or say why not and whether to try again.

The only room that knows Apprise, and it imports it nowhere but in a child process: one for each delivery,
which gets address and message on its standard input and is killed with its whole group when its time is up.
"""

from monitor.receivers.delivery import check_address, check_addresses, deliver
from monitor.receivers.masking import mask, masked, secrets_of
from monitor.receivers.outcome import Delivered, Outcome, Refused, Tone

__all__ = [
    "Delivered",
    "Outcome",
    "Refused",
    "Tone",
    "check_address",
    "check_addresses",
    "deliver",
    "mask",
    "masked",
    "secrets_of",
]
