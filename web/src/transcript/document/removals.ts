/** Removed text put back, and taken out again. */

import type { Layout } from "./layout";
import { Misfit, type Operation, type Piece } from "./types";

type Withdraw = Extract<Operation, { kind: "withdraw" }>;

export function restore(layout: Layout, word: string, pieces: readonly Piece[]): void {
  const at = removedAt(layout, word);
  if (!pieces.length) throw new Misfit("restored text needs its segments");
  layout.dropRemoved(at);
  for (const piece of pieces) {
    const later = layout.segments.findIndex((each) => each.start > piece.segment.start);
    layout.splice(later < 0 ? layout.segments.length : later, 0, [piece]);
  }
}

export function withdraw(layout: Layout, operation: Withdraw): void {
  for (const number of segmentsOf(layout, operation.words).reverse()) layout.splice(number, 1, []);
  layout.putRemoved(operation.at, operation.removed);
}

export function removedAt(layout: Layout, word: string): number {
  const at = layout.removed.findIndex((each) => each.words[0]?.id === word);
  if (at < 0) throw new Misfit(`no removed text begins with ${word}`);
  return at;
}

export function segmentsOf(layout: Layout, ids: readonly string[]): number[] {
  const wanted = new Set(ids);
  const segments = new Set(ids.map((id) => layout.segment(layout.place(id)[0])));
  const words = [...segments].flatMap((segment) => segment.words);
  if (!segments.size || words.some((word) => !wanted.has(word.id))) {
    throw new Misfit("only whole segments can be removed again");
  }
  return [...segments].map((segment) => layout.segments.indexOf(segment)).sort((a, b) => a - b);
}
