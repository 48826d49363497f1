"""What a message says: title and body as plain text, every untrusted word in it made harmless."""

from monitor.messages.cleaning import clean, legible, safe_link
from monitor.messages.letter import Letter
from monitor.messages.spans import instant, span
from monitor.messages.writing import write

__all__ = ["Letter", "clean", "instant", "legible", "safe_link", "span", "write"]
