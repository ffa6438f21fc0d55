"""How soon drift is flagged, and how often wrongly. ``python -m benchmarks.drift [SERIES]``.

Simulated recordings of one version, and fifty of the next, whose expected errors rose or did not:
SERIES (1,000) series for each rise and each spread between recordings.
"""

import random
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from benchmarks.intervals import share
from benchmarks.report import Row, write
from trax.service.analytics.drift import drifts
from trax.store.questions import Expectation

_BEFORE, _AFTER = 300, 50
_MEAN = 0.08  # share of words that are wrong, on average
_RISES = (0.0, 0.01, 0.02)
_SPREADS = (0.01, 0.02, 0.03, 0.04)  # standard deviation of recordings
_FIRST = datetime(2026, 1, 1, tzinfo=UTC)


def main(series: int) -> None:
    """Measure, and write the results."""
    rows = [_row(rise, spread, series) for rise in _RISES for spread in _SPREADS]
    notes = [
        f"{series} simulated series a row: {_BEFORE} recordings of one version, {_AFTER} of the "
        f"next; expected errors of {_MEAN:.0%} on average, gamma-distributed.",
        "spread: standard deviation between recordings before. A row without a rise counts false "
        "alarms.",
    ]
    write("drift", rows, notes)


def _row(rise: float, spread: float, series: int) -> Row:
    chance = random.Random(f"{rise} {spread}")
    flagged = sum(bool(drifts(_series(chance, rise, spread))) for _ in range(series))
    return {
        "rise, points": 100 * rise,
        "spread, points": 100 * spread,
        "flagged %": str(share(flagged, series)),
    }


def _series(chance: random.Random, rise: float, spread: float) -> Iterator[Expectation]:
    shape = (_MEAN / spread) ** 2
    for number in range(_BEFORE + _AFTER):
        is_new = number >= _BEFORE
        yield Expectation(
            transcript_id=str(number),
            at=_FIRST + timedelta(hours=number),
            plan="balanced",
            language="en",
            made="2" if is_new else "1",
            words=1000,
            expected_errors=chance.gammavariate(shape, _MEAN / shape) + rise * is_new,
            speaker_confidence=min(1.0, chance.gauss(0.9, spread)),
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
