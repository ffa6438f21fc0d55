/** What was typed, told to the transcript as operations. */

import type { EditorState, Line, TransactionSpec } from "@codemirror/state";
import { Transaction } from "@codemirror/state";
import type { Archive } from "../document/archive";
import { derive, type Named } from "../document/derive";
import type { Model } from "../document/model";
import { type Known, type Mark, type Token, tokens } from "../document/tokens";
import { display, type Operation } from "../document/types";
import { marksBetween, settle, unsettled } from "./marks";

export interface Settled {
  readonly operations: readonly Operation[];
  /** Gives the words of the text their ids. */
  readonly spec: TransactionSpec;
}

/** Bring *model* up to what the text says; null if it does already. */
export function settleText(
  state: EditorState,
  model: Model,
  archive: Archive,
  newId?: () => string,
): Settled | null {
  const region = state.field(unsettled);
  if (!region) return null;
  const { doc } = state;
  const first = doc.lineAt(Math.min(region.from, doc.length));
  const last = doc.lineAt(Math.min(region.to, doc.length));
  const starts: number[] = [];
  const lines: Token[][] = [];
  const seen = new Set<string>();
  const known = (id: string) => knownWord(model, archive, id);
  for (let number = first.number; number <= last.number; number++) {
    const line = doc.line(number);
    const marks = marksBetween(state, line.from, line.to).map((mark) => within(mark, line));
    const found = tokens(line.text, marks, known, seen);
    if (!found.length) continue;
    starts.push(line.from);
    lines.push(found);
  }
  const from = segmentBefore(state, model, first.number) + 1;
  const past = segmentAfter(state, model, last.number);
  const { operations, lines: named } = derive(model, archive, from, past, lines, newId);
  const marks = named.flatMap((line, at) => marksIn(line, starts[at] ?? 0));
  return {
    operations,
    spec: {
      effects: settle.of({ from: first.from, to: last.to, marks }),
      annotations: Transaction.addToHistory.of(false),
    },
  };
}

function knownWord(model: Model, archive: Archive, id: string): Known | undefined {
  const word = model.word(id) ?? archive.word(id);
  if (!word) return undefined;
  const wasText = (text: string) => text === display(word.text) || archive.hadText(id, text);
  return { joined: word.joined || (archive.isJoined(id) ?? false), wasText };
}

const within = ({ id, from, to }: Mark, line: Line): Mark => ({
  id,
  from: Math.max(0, from - line.from),
  to: Math.min(to, line.to) - line.from,
});

/** Where the words of a line stand; several tokens can be one word. */
function marksIn(line: readonly Named[], start: number): Mark[] {
  const marks: Mark[] = [];
  for (const { id, from, to } of line) {
    const last = marks.at(-1);
    if (last?.id === id) marks[marks.length - 1] = { ...last, to: start + to };
    else marks.push({ id, from: start + from, to: start + to });
  }
  return marks;
}

/** The number of the segment that a line is; -1 if it has no words. */
export function segmentAt(state: EditorState, model: Model, number: number): number {
  const line = state.doc.line(number);
  const mark = marksBetween(state, line.from, line.to).find(({ id }) => model.has(id));
  return mark ? model.place(mark.id)[0] : -1;
}

function segmentBefore(state: EditorState, model: Model, line: number): number {
  for (let number = line - 1; number >= 1; number--) {
    const at = segmentAt(state, model, number);
    if (at >= 0) return at;
  }
  return -1;
}

function segmentAfter(state: EditorState, model: Model, line: number): number {
  for (let number = line + 1; number <= state.doc.lines; number++) {
    const at = segmentAt(state, model, number);
    if (at >= 0) return at;
  }
  return model.segments.length;
}
