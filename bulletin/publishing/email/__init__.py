"""The e-mail channel: one message a recipient, handed over at most once."""

from bulletin.publishing.email.publisher import EmailPublisher

__all__ = ["EmailPublisher"]
