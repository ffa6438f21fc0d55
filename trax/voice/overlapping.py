"""Long sound worked on in windows that overlap and are faded into each other."""

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from trax.voice.engine import Block


def in_windows(
    blocks: Iterable[Block],
    window: int,
    overlap: int,
    work: Callable[[Block], Block],
) -> Iterator[Block]:
    """What *work* makes of windows of a recording, as a stream of as many frames.

    Neighbouring windows share *overlap* frames, in which one is faded into the other; the weights
    sum to 1, so that work that changes nothing gives the recording back.

    Args:
        blocks: of shape ``(frames, channels)``, of any lengths.
        window: frames; the last window may have fewer, but none of the others.
        overlap: frames, at most half a window.
        work: gives as many frames as it is given.
    """
    fade_in = ((np.arange(overlap, dtype=np.float32) + 0.5) / overlap)[:, None]
    tail: Block | None = None
    for heard, is_last in _windows(blocks, window, window - overlap):
        made = work(heard)
        if tail is not None:
            shared = min(len(tail), len(made))
            made = made.copy()
            made[:shared] = tail[:shared] + (made[:shared] - tail[:shared]) * fade_in[:shared]
        kept = len(made) if is_last else len(made) - overlap
        yield made[:kept]
        tail = made[kept:]


def _windows(blocks: Iterable[Block], window: int, step: int) -> Iterator[tuple[Block, bool]]:
    """Windows with the frames they share, and whether each is the last.

    What would be a last window with nothing but shared frames is part of the one before it.
    """
    held: Block | None = None
    for block in blocks:
        held = block if held is None else np.concatenate([held, block])
        while len(held) >= window + step:
            yield held[:window], False
            held = held[step:]
    if held is None or not len(held):
        return
    while len(held) > window:
        yield held[:window], False
        held = held[step:]
    yield held, True
