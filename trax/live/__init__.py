"""Captions while people speak: recognition and diarization of sound as it arrives."""
