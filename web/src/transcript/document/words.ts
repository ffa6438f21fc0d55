/** Words replaced, put in and deleted. */

import type { Layout } from "./layout";
import {
  checkText,
  covering,
  frameOf,
  inOrder,
  insertOf,
  inside,
  spanOf,
  withWords,
} from "./pieces";
import { type Insert, Misfit, type Operation, type Span, type Word } from "./types";

export function replaceText(
  layout: Layout,
  id: string,
  text: string,
  confidence: number | null,
): void {
  checkText(text);
  const [number, at] = layout.place(id);
  const words = [...layout.segment(number).words];
  words[at] = { ...(words[at] as Word), text, confidence };
  layout.resegmented(number, { words });
}

export function insertWords(layout: Layout, operation: Insert): void {
  checkNew(layout, operation.words);
  if (operation.frame) {
    inOrder(operation.words);
    const at = segmentPlace(layout, operation);
    const piece = withWords(operation.frame, operation.words, operation.frame.segment.speaker);
    layout.splice(at, 0, [piece]);
  } else insertBeside(layout, operation);
}

function insertBeside(layout: Layout, operation: Insert): void {
  const [number, at] = anchor(layout, operation);
  const segment = layout.segment(number);
  const added = operation.words.map((word) => ({ ...word, speaker: segment.speaker }));
  inOrder([
    ...segment.words.slice(Math.max(0, at - 1), at),
    ...added,
    ...segment.words.slice(at, at + 1),
  ]);
  const words = [...segment.words.slice(0, at), ...added, ...segment.words.slice(at)];
  const needed = covering(added);
  const span = operation.span ?? {
    start: Math.min(segment.start, needed.start),
    end: Math.max(segment.end, needed.end),
  };
  inside(words, span);
  layout.resegmented(number, { words, start: span.start, end: span.end });
}

export function deleteWords(layout: Layout, ids: readonly string[], span: Span | null): void {
  const [number, at] = layout.run(ids);
  const words = layout.segment(number).words.toSpliced(at, ids.length);
  if (span) inside(words, span);
  if (words.length) layout.resegmented(number, { words, ...(span && spanOf(span)) });
  else layout.splice(number, 1, []);
}

export function undoingInsert(layout: Layout, operation: Insert): Operation {
  const words = operation.words.map((word) => word.id);
  if (operation.frame) return { kind: "delete", words, span: null };
  const [number] = anchor(layout, operation);
  return { kind: "delete", words, span: spanOf(layout.segment(number)) };
}

export function undoingDelete(layout: Layout, ids: readonly string[]): Operation {
  const [number, at] = layout.run(ids);
  const segment = layout.segment(number);
  const words = segment.words.slice(at, at + ids.length);
  if (words.length === segment.words.length) {
    return insertOf(words, { ...neighbour(layout, number), frame: frameOf(layout.piece(number)) });
  }
  const beside = at
    ? { after: segment.words[at - 1]?.id ?? "" }
    : { before: segment.words[at + ids.length]?.id ?? "" };
  return insertOf(words, { ...beside, span: spanOf(segment) });
}

/** The word beside which a segment of its own goes. */
function neighbour(layout: Layout, number: number): { after?: string; before?: string } {
  for (let at = number - 1; at >= 0; at--) {
    const word = layout.segment(at).words.at(-1);
    if (word) return { after: word.id };
  }
  for (let at = number + 1; at < layout.segments.length; at++) {
    const word = layout.segment(at).words[0];
    if (word) return { before: word.id };
  }
  return {};
}

function anchor(layout: Layout, operation: Insert): [number, number] {
  if (Boolean(operation.after) === Boolean(operation.before)) {
    throw new Misfit("words are put in after a word or before one");
  }
  const [number, at] = layout.place(operation.after || operation.before);
  return [number, operation.after ? at + 1 : at];
}

function segmentPlace(layout: Layout, operation: Insert): number {
  if (!operation.after && !operation.before && !layout.hasWords) return layout.segments.length;
  const [number] = anchor(layout, operation);
  return operation.after ? number + 1 : number;
}

function checkNew(layout: Layout, words: readonly Word[]): void {
  if (!words.length) throw new Misfit("an operation needs at least one word");
  const seen = new Set<string>();
  for (const word of words) {
    checkText(word.text);
    const known = layout.has(word.id) || layout.isRemoved(word.id) || seen.has(word.id);
    if (!word.id || known) throw new Misfit(`the new word ${word.text} needs an id of its own`);
    seen.add(word.id);
  }
}
