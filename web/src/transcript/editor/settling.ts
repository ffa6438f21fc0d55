/** What was typed, told to the transcript as operations. */

import type { EditorState, Line, StateEffect, TransactionSpec } from "@codemirror/state";
import { Transaction } from "@codemirror/state";
import type { Archive } from "../document/archive";
import { derive, type Named } from "../document/derive";
import type { Model } from "../document/model";
import { isTrimmed, type Known, type Mark, type Token, tokens } from "../document/tokens";
import { display, type Operation } from "../document/types";
import { marksBetween, type Region, settle, type Unsettled } from "./marks";
import { untold } from "./untold";

export interface Settled {
  readonly operations: readonly Operation[];
  /** Gives the words of the text their ids. */
  readonly spec: TransactionSpec;
}

/** Whose a line is; undefined leaves it to the word that it begins with. */
export type SpeakerOfLine = (state: EditorState, line: number) => string | null | undefined;

export interface Naming {
  readonly newId?: (() => string) | undefined;
  readonly speakerOf?: SpeakerOfLine | undefined;
}

/** Bring *model* up to what the text says; null if it does already. */
export function settleText(
  state: EditorState,
  model: Model,
  archive: Archive,
  naming: Naming = {},
): Settled | null {
  const regions = untold(state, model);
  if (!regions.length) return null;
  const settling = new Settling(state, model, archive, naming);
  const effects = regions.map((region) => settling.region(region));
  const spec = { effects, annotations: Transaction.addToHistory.of(false) };
  return { operations: settling.operations, spec };
}

class Settling {
  readonly operations: Operation[] = [];
  private readonly seen = new Set<string>();

  constructor(
    private readonly state: EditorState,
    private readonly model: Model,
    private readonly archive: Archive,
    private readonly naming: Naming,
  ) {}

  /** Tell the model what the lines of a region say; gives their words their ids. */
  region({ from, to, isOthers }: Unsettled): StateEffect<Region> {
    const { state, model, archive, naming } = this;
    const { doc } = state;
    const first = doc.lineAt(Math.min(from, doc.length));
    const last = doc.lineAt(Math.min(to, doc.length));
    const starts: number[] = [];
    const lines: Token[][] = [];
    const speakers: (string | null | undefined)[] = [];
    for (let number = first.number; number <= last.number; number++) {
      const line = doc.line(number);
      const found = this.tokens(line);
      if (!found.length) continue;
      starts.push(line.from);
      lines.push(found);
      speakers.push(naming.speakerOf?.(state, number));
    }
    const before = segmentBefore(state, model, first.number) + 1;
    const past = segmentAfter(state, model, last.number);
    const texts = { lines, speakers };
    const derived = derive(model, archive, before, past, texts, naming.newId);
    this.operations.push(...derived.operations);
    const marks = derived.lines.flatMap((line, at) => marksIn(line, starts[at] ?? 0));
    return settle.of({ from: first.from, to: last.to, marks, isOthers });
  }

  private tokens(line: Line): Token[] {
    const marks = marksBetween(this.state, line.from, line.to).map((mark) => within(mark, line));
    const known = (id: string) => knownWord(this.model, this.archive, id);
    return tokens(line.text, marks, known, this.seen);
  }
}

/** A word that somebody else put in, of which this page does not know the text. */
const STRANGER: Known = { joined: true, wasText: isTrimmed };

function knownWord(model: Model, archive: Archive, id: string): Known | undefined {
  const word = model.word(id) ?? archive.word(id);
  if (!word) return archive.isAdmitted(id) ? STRANGER : undefined;
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
