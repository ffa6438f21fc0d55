"""Benchmarks: measured, dated, never unit tests."""
