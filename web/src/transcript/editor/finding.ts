/** Where words stand in the text, and which word is said when. */

import type { EditorState } from "@codemirror/state";
import type { Model } from "../document/model";
import type { Mark } from "../document/tokens";
import type { Word } from "../document/types";
import { marksBetween } from "./marks";
import { segmentAt } from "./settling";

/** Segments before the one at hand that may still be going on. */
const OVERLAPPING = 4;

/** The place of a word in the text; undefined while it is not settled. */
export function placeOf(state: EditorState, model: Model, id: string): Mark | undefined {
  if (!model.has(id)) return undefined;
  const number = lineOf(state, model, model.place(id)[0]);
  const line = state.doc.line(number);
  const found = marksBetween(state, line.from, line.to).find((mark) => mark.id === id);
  return found ?? marksBetween(state, 0, state.doc.length).find((mark) => mark.id === id);
}

/** The line that a segment is; a line near it where it is not to be found. */
export function lineOf(state: EditorState, model: Model, segment: number): number {
  const { lines } = state.doc;
  let number = Math.min(lines, segment + 1);
  for (let tries = 0; tries < 12; tries++) {
    const found = segmentAt(state, model, number);
    if (found === segment) return number;
    const step = found < 0 ? 1 : segment - found;
    const next = Math.min(lines, Math.max(1, number + step));
    if (next === number) return number;
    number = next;
  }
  return number;
}

/** The word that is said at *time*, or was said last. */
export function wordAt(model: Model, time: number): Word | undefined {
  const last = segmentBy(model, time);
  let found: Word | undefined;
  for (let at = last; at >= 0 && at > last - OVERLAPPING; at--) {
    for (const word of model.segments[at]?.words ?? []) {
      if (word.start <= time && word.start >= (found?.start ?? 0)) found = word;
    }
  }
  return found;
}

/** The first word that begins after *time*. */
export function wordAfter(model: Model, time: number): Word | undefined {
  const last = Math.max(0, segmentBy(model, time));
  for (let at = last; at < model.segments.length; at++) {
    const word = model.segments[at]?.words.find((each) => each.start > time);
    if (word) return word;
  }
  return undefined;
}

/** The number of the last segment that begins by *time*; -1 before the first. */
export function segmentBy(model: Model, time: number): number {
  let low = 0;
  let high = model.segments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((model.segments[middle]?.start ?? 0) <= time) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The word at a place of the text, or the one before it. */
export function wordNear(state: EditorState, model: Model, position: number): Word | undefined {
  const line = state.doc.lineAt(position);
  const marks = marksBetween(state, line.from, line.to).filter((mark) => model.has(mark.id));
  const found = marks.find((mark) => position <= mark.to) ?? marks.at(-1);
  return found && model.word(found.id);
}

/** The words that a stretch of text holds. */
export function wordsIn(state: EditorState, model: Model, from: number, to: number): Word[] {
  const marks = marksBetween(state, from, to).filter((mark) => mark.from < to && from < mark.to);
  return marks.flatMap((mark) => model.word(mark.id) ?? []);
}
