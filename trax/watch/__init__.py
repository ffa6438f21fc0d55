"""Watched folders: recordings dropped there are transcribed once and put away with exports."""

from trax.watch.look import Look
from trax.watch.places import Entry, Place
from trax.watch.runs import LocalRuns
from trax.watch.scan import Watcher

__all__ = ["Entry", "LocalRuns", "Look", "Place", "Watcher"]
