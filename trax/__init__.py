"""Trax turns recordings into transcripts that say who said what, when, and how sure we are."""

__version__ = "0.1.0"
