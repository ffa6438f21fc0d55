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
  type Transaction,
} from "@codemirror/state";
import type { Openers } from "../document/archive";
import type { Mark } from "../document/tokens";
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

export interface Region {
  readonly from: number;
  readonly to: number;
  readonly marks: readonly Mark[];
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

/** A region has these words and no others; it says what the transcript says. */
export const settle = StateEffect.define<Region>();

export const decide = StateEffect.define<Decision>();

/** The text comes from the transcript: nothing is to be derived from it. */
export const fromTranscript = Annotation.define<boolean>();

export const wordMarks = StateField.define<RangeSet<WordMark>>({
  create: () => RangeSet.empty,
  update(marks, transaction) {
    let now = marks.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (effect.is(putMarks)) now = put(now, effect.value, transaction);
      if (effect.is(settle)) now = settled(now, effect.value);
    }
    return now;
  },
});

/** What was typed since the transcript was last told. */
export const unsettled = StateField.define<{ from: number; to: number } | null>({
  create: () => null,
  update(region, transaction) {
    let now = region && {
      from: transaction.changes.mapPos(region.from, -1),
      to: transaction.changes.mapPos(region.to, 1),
    };
    if (transaction.docChanged && !transaction.annotation(fromTranscript)) {
      transaction.changes.iterChangedRanges((_from, _to, from, to) => {
        now = now ? { from: Math.min(now.from, from), to: Math.max(now.to, to) } : { from, to };
      });
    }
    return transaction.effects.some((effect) => effect.is(settle)) ? null : now;
  },
});

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

export const marking: Extension = [wordMarks, unsettled, remembered];

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
