"""Transcripts that several people edit at once: the shared document and what it means."""
