"""Masking: secrets and personal data taken out of foreign text before anything keeps it."""

from bulletin.masking.harvest import mask_harvest
from bulletin.masking.notices import notices
from bulletin.masking.text import Masking, mask

__all__ = ["Masking", "mask", "mask_harvest", "notices"]
