"""Watched folders: what is dropped there is transcribed once, and put away with its exports."""

from trax.watch.places import Entry, Place
from trax.watch.runs import LocalRuns
from trax.watch.scan import Look, Watcher

__all__ = ["Entry", "LocalRuns", "Look", "Place", "Watcher"]
