/** Segments split and joined. */

import type { Layout } from "./layout";
import { halves, inOrder, joined, withWords } from "./pieces";
import { Misfit, type Piece } from "./types";

export function split(
  layout: Layout,
  before: string,
  frames: readonly [Piece, Piece] | null,
): void {
  const [number, at] = layout.place(before);
  if (!at) throw new Misfit("a segment begins with this word already");
  const whole = layout.piece(number);
  const { words, speaker } = whole.segment;
  const [first, second] = frames ?? halves(whole, at);
  layout.splice(number, 1, [
    withWords(first, words.slice(0, at), speaker),
    withWords(second, words.slice(at), speaker),
  ]);
}

export function join(layout: Layout, word: string, frame: Piece | null): void {
  const number = secondOf(layout, word);
  const first = layout.piece(number - 1);
  const second = layout.piece(number);
  const words = [...first.segment.words, ...second.segment.words];
  if (!frame) inOrder(words);
  const whole = withWords(frame ?? joined(first, second), words, first.segment.speaker);
  layout.splice(number - 1, 2, [whole]);
}

export function secondOf(layout: Layout, word: string): number {
  const [number, at] = layout.place(word);
  if (at || !number) throw new Misfit("only a segment that follows another can be joined to it");
  const before = layout.segment(number - 1);
  if (before.speaker !== layout.segment(number).speaker || !before.words.length) {
    throw new Misfit("only segments of one speaker can be joined");
  }
  return number;
}
