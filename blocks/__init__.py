"""Prefect blocks: what a person configures in the UI, as plain Trax objects."""

from blocks.language_model import LanguageModel
from blocks.object_store import ObjectStore
from blocks.transcript_database import TranscriptDatabase

KINDS = (ObjectStore, TranscriptDatabase, LanguageModel)
"""Every kind of block, as `trax prefect setup` registers them."""

__all__ = ["KINDS", "LanguageModel", "ObjectStore", "TranscriptDatabase"]
