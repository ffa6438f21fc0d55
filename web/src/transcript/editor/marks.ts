/** Which words the text of an editor is made of: ranges with ids, carried through every change. */

import { invertedEffects } from "@codemirror/commands";
import {
  Annotation,
  type EditorState,
  type Extension,
  type Range,
  RangeSet,
  RangeSetBuilder,
  RangeValue,
  StateEffect,
  StateField,
  type Text,
  type Transaction,
} from "@codemirror/state";
import type { Openers } from "../document/archive";
import { isBlank, type Mark } from "../document/tokens";
import { display, type Operation, type Segment } from "../document/types";

/** Letters of the same line, before and after a change, whose words may change with it. */
const AROUND = 120;

export class WordMark extends RangeValue {
  override startSide = 1;
  override endSide = -1;

  constructor(readonly id: string) {
    super();
  }

  override eq(other: RangeValue): boolean {
    return other instanceof WordMark && other.id === this.id;
  }
}

export interface Region extends Unsettled {
  readonly marks: readonly Mark[];
}

/** A stretch of text to be told to the transcript. */
export interface Unsettled {
  readonly from: number;
  readonly to: number;
  /** Whether somebody else changed it, elsewhere. */
  readonly isOthers: boolean;
}

/** A stretch that belongs to a word, or to none. */
export interface Run {
  readonly id: string | null;
  readonly from: number;
  readonly to: number;
}

/** Whose the line is that begins at a place; undefined: that of whoever has the line before it. */
export interface LineStart {
  readonly at: number;
  readonly speaker: string | null | undefined;
}

/** A decision that is not in the text, and what takes it back. */
export interface Decision {
  readonly operation: Operation;
  readonly inverse: Operation;
  /** Who is to speak the lines that begin with these words, and who is not any more. */
  readonly openers: Openers;
  readonly former: Openers;
}

/** Words get these ranges, wherever they were before. */
export const putMarks = StateEffect.define<readonly Mark[]>({
  map: (marks, mapping) =>
    marks
      .map(({ id, from, to }) => ({
        id,
        from: mapping.mapPos(from, 1),
        to: mapping.mapPos(to, -1),
      }))
      .filter((mark) => mark.from < mark.to),
});

/** Stretches belong to these words exactly, as the shared text has it. */
export const putRuns = StateEffect.define<readonly Run[]>();

/** Lines that begin at these places are these people's. */
export const startLines = StateEffect.define<readonly LineStart[]>();

/** A region has these words and no others; it says what the transcript says. */
export const settle = StateEffect.define<Region>();

export const decide = StateEffect.define<Decision>();

/** The change was made elsewhere, and came by the room. */
export const fromRoom = Annotation.define<boolean>();

/** The text comes from the transcript: nothing is to be derived from it. */
export const fromTranscript = Annotation.define<boolean>();

export const wordMarks = StateField.define<RangeSet<WordMark>>({
  create: () => RangeSet.empty,
  update(marks, transaction) {
    let now = marks.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (effect.is(putMarks)) now = put(now, effect.value, transaction);
      if (effect.is(putRuns)) for (const run of effect.value) now = withRun(now, run);
      if (effect.is(settle)) now = settled(now, effect.value);
    }
    return now;
  },
});

/** What was typed since the transcript was last told: stretches on lines of their own, in order. */
export const unsettled = StateField.define<readonly Unsettled[]>({
  create: () => [],
  update(regions, transaction) {
    const { effects, docChanged } = transaction;
    if (effects.some((effect) => effect.is(settle))) return [];
    const added = changed(transaction);
    if (!docChanged && !added.length) return regions;
    const { changes, newDoc } = transaction;
    const moved = regions.map(({ from, to, isOthers }) => ({
      from: changes.mapPos(from, -1),
      to: changes.mapPos(to, 1),
      isOthers,
    }));
    return added.length ? united([...moved, ...added], newDoc) : moved;
  },
});

function changed(transaction: Transaction): Unsettled[] {
  const found: Unsettled[] = [];
  const isOthers = transaction.annotation(fromRoom) ?? false;
  const isTyped = !transaction.annotation(fromTranscript);
  if (transaction.docChanged && isTyped) {
    transaction.changes.iterChangedRanges((_from, _to, from, to) => {
      found.push({ from, to, isOthers });
    });
  }
  for (const effect of transaction.effects) {
    // Undo can put a word on more lines than it changes: it was cut, and not settled yet.
    if (effect.is(putRuns) || (isTyped && effect.is(putMarks))) {
      for (const { from, to } of effect.value) found.push({ from, to, isOthers });
    }
    if (effect.is(startLines)) {
      for (const { at } of effect.value) found.push({ from: at, to: at, isOthers });
    }
  }
  return found;
}

/**
 * Stretches with no words on lines between them are one, own if any is: settled one by one, the second
 * would take the first one's new words for deleted.
 */
function united(regions: readonly Unsettled[], doc: Text): Unsettled[] {
  const all: Unsettled[] = [];
  let last = -1;
  for (const region of [...regions].sort((a, b) => a.from - b.from)) {
    const before = all.at(-1);
    if (before && areBlank(doc, last + 1, doc.lineAt(region.from).number)) {
      const to = Math.max(before.to, region.to);
      all[all.length - 1] = { ...before, to, isOthers: before.isOthers && region.isOthers };
    } else all.push(region);
    last = doc.lineAt(all.at(-1)?.to ?? 0).number;
  }
  return all;
}

/** Whether the lines from *first* to before *past* have no words. */
function areBlank(doc: Text, first: number, past: number): boolean {
  for (let number = first; number < past; number++) {
    if (!isBlank(doc.line(number).text)) return false;
  }
  return true;
}

/** Undoing puts words back with their ids, and takes decisions back. */
const remembered = invertedEffects.of((transaction) => {
  const effects: StateEffect<unknown>[] = [];
  const marks = touched(transaction);
  if (marks.length) effects.push(putMarks.of(marks));
  for (const effect of transaction.effects) {
    if (effect.is(decide)) {
      const { operation, inverse, openers, former } = effect.value;
      const back = { operation: inverse, inverse: operation, openers: former, former: openers };
      effects.push(decide.of(back));
    }
  }
  return effects;
});

export const marking: Extension = [wordMarks, unsettled];

export const remembering: Extension = remembered;

/** The text of segments, a line each, and where its words stand. */
export function textOf(segments: readonly Segment[]): { text: string; marks: Mark[] } {
  const marks: Mark[] = [];
  let text = "";
  for (const segment of segments) {
    if (!segment.words.length) continue;
    if (text) text += "\n";
    const start = text.length;
    for (const word of segment.words) {
      if (!word.joined && text.length > start) text += " ";
      const from = text.length;
      text += display(word.text);
      marks.push({ id: word.id, from, to: text.length });
    }
  }
  return { text, marks };
}

export function marksOf(marks: readonly Mark[]): RangeSet<WordMark> {
  const builder = new RangeSetBuilder<WordMark>();
  for (const { id, from, to } of marks) builder.add(from, to, new WordMark(id));
  return builder.finish();
}

/** The words that touch a stretch of text, in order. */
export function marksBetween(state: EditorState, from: number, to: number): Mark[] {
  const found: Mark[] = [];
  state.field(wordMarks).between(from, to, (start, end, mark) => {
    found.push({ id: mark.id, from: start, to: end });
  });
  return found;
}

function touched(transaction: Transaction): Mark[] {
  const found = new Map<string, Mark>();
  const { doc } = transaction.startState;
  const marks = transaction.startState.field(wordMarks, false);
  transaction.changes.iterChangedRanges((start, end) => {
    const first = Math.max(doc.lineAt(start).from, start - AROUND);
    const last = Math.min(doc.lineAt(end).to, end + AROUND);
    marks?.between(first, last, (from, to, { id }) => {
      found.set(id, { id, from, to });
    });
  });
  return [...found.values()];
}

function put(
  set: RangeSet<WordMark>,
  marks: readonly Mark[],
  transaction: Transaction,
): RangeSet<WordMark> {
  const sorted = [...marks].sort((a, b) => a.from - b.from);
  const first = sorted[0];
  const last = sorted.at(-1);
  if (!first || !last) return set;
  let { from } = first;
  let { to } = last;
  transaction.changes.iterChangedRanges((_start, _end, start, end) => {
    from = Math.min(from, start);
    to = Math.max(to, end);
  });
  const ids = new Set(marks.map((mark) => mark.id));
  const doc = transaction.newDoc;
  return set.update({
    add: ranges(sorted),
    filterFrom: doc.lineAt(Math.max(0, from)).from,
    filterTo: doc.lineAt(Math.min(doc.length, to)).to,
    filter: (start, end, mark) => !ids.has(mark.id) && isFree(sorted, start, end),
  });
}

/** Whether no mark overlaps a stretch; *marks* are in order. */
function isFree(marks: readonly Mark[], from: number, to: number): boolean {
  let low = 0;
  let high = marks.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((marks[middle]?.to ?? 0) <= from) low = middle + 1;
    else high = middle;
  }
  const next = marks[low];
  return !next || to <= next.from;
}

const settled = (set: RangeSet<WordMark>, region: Region): RangeSet<WordMark> =>
  set.update({
    add: ranges(region.marks),
    filterFrom: region.from,
    filterTo: region.to,
    filter: () => false,
  });

const ranges = (marks: readonly Mark[]): Range<WordMark>[] =>
  marks.map(({ id, from, to }) => new WordMark(id).range(from, to));

/** Give a stretch to a word: what others had of it is cut off, what touches it is one with it. */
function withRun(set: RangeSet<WordMark>, run: Run): RangeSet<WordMark> {
  const add: Mark[] = [];
  let { from, to } = run;
  set.between(run.from, run.to, (start, end, { id }) => {
    if (id === run.id) {
      from = Math.min(from, start);
      to = Math.max(to, end);
      return;
    }
    if (start < run.from) add.push({ id, from: start, to: Math.min(end, run.from) });
    if (end > run.to) add.push({ id, from: Math.max(start, run.to), to: end });
  });
  if (run.id !== null) add.push({ id: run.id, from, to });
  return set.update({
    add: ranges(add.sort((a, b) => a.from - b.from)),
    filterFrom: run.from,
    filterTo: run.to,
    filter: () => false,
  });
}
