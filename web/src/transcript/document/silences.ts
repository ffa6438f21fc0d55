/** Sound that goes with the words that were said. */

import type { Layout } from "./layout";
import { Misfit, type Operation, type Segment, type Span, type Word } from "./types";

export function silence(layout: Layout, spans: readonly Span[]): void {
  const all = [...layout.silenced, ...spans];
  layout.silenced = all.sort((a, b) => a.start - b.start || a.end - b.end);
}

export function unsilence(layout: Layout, spans: readonly Span[]): void {
  const left = [...layout.silenced];
  for (const span of spans) {
    const at = left.findIndex((each) => each.start === span.start && each.end === span.end);
    if (at < 0) throw new Misfit(`${span.start} to ${span.end} s is not silenced`);
    left.splice(at, 1);
  }
  layout.silenced = left;
}

/** When words are said, a span for each segment that has some of them. */
export function saidIn(layout: Layout, words: readonly Word[]): Span[] {
  return bySegment(layout, words).map((some) => ({
    start: Math.min(...some.map((word) => word.start)),
    end: Math.max(...some.map((word) => word.end)),
  }));
}

/** What deletes words with their sound. */
export function deletions(layout: Layout, words: readonly Word[]): Operation[] {
  return bySegment(layout, words).map((some) => {
    const ids = some.map((word) => word.id);
    return { kind: "delete", words: ids, span: null, silenced: true };
  });
}

function bySegment(layout: Layout, words: readonly Word[]): Word[][] {
  const found = new Map<Segment | undefined, Word[]>();
  for (const word of words) {
    const segment = layout.segmentOf(word.id);
    found.set(segment, [...(found.get(segment) ?? []), word]);
  }
  return [...found.values()];
}

export const isSame = (some: readonly Span[], others: readonly Span[]): boolean =>
  some.length === others.length &&
  some.every(({ start, end }, at) => start === others[at]?.start && end === others[at]?.end);

/** Whether nothing is to be heard at *time*. */
export const isSilenced = (layout: Layout, time: number): boolean =>
  layout.silenced.some((span) => span.start <= time && time < span.end);
