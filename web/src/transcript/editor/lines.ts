/** Whose lines they are, where people edit together: the break that begins a line carries it. */

import {
  EditorState,
  type Extension,
  RangeSet,
  RangeValue,
  StateEffect,
  StateField,
  type Text,
  type Transaction,
} from "@codemirror/state";
import { fromRoom, type LineStart, startLines } from "./marks";

class Break extends RangeValue {
  override startSide = 1;
  override endSide = -1;

  constructor(readonly speaker: string | null) {
    super();
  }

  override eq(other: RangeValue): boolean {
    return other instanceof Break && other.speaker === this.speaker;
  }
}

interface Lines {
  /** Breaks that say who speaks after them. */
  readonly breaks: RangeSet<Break>;
  /** Whose the first line is: the break before it is not shown. */
  readonly first: string | null;
}

export const lines = StateField.define<Lines>({
  create: () => ({ breaks: RangeSet.empty, first: null }),
  update(now, transaction) {
    let { breaks, first } = now;
    breaks = breaks.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (!effect.is(startLines) && !effect.is(keepLines)) continue;
      for (const { at, speaker } of effect.value) {
        if (at === 0) first = speaker ?? null;
        else breaks = withBreak(breaks, at - 1, speaker);
      }
    }
    return breaks === now.breaks && first === now.first ? now : { breaks, first };
  },
});

function withBreak(
  breaks: RangeSet<Break>,
  at: number,
  speaker: string | null | undefined,
): RangeSet<Break> {
  const add = speaker === undefined ? [] : [new Break(speaker).range(at, at + 1)];
  return breaks.update({ add, filterFrom: at, filterTo: at + 1, filter: (from) => from !== at });
}

export function linesOf(starts: readonly LineStart[]): Lines {
  const ranges = starts.flatMap(({ at, speaker }) =>
    at > 0 && speaker !== undefined ? [new Break(speaker).range(at - 1, at)] : [],
  );
  const first = starts.find(({ at }) => at === 0)?.speaker ?? null;
  return { breaks: RangeSet.of(ranges), first };
}

/** What the break of a line says itself; undefined if it leaves it to the line before. */
export function ownSpeaker(state: EditorState, number: number): string | null | undefined {
  const { breaks, first } = state.field(lines);
  if (number === 1) return first;
  const at = state.doc.line(number).from - 1;
  let found: string | null | undefined;
  breaks.between(at, at + 1, (from, _to, { speaker }) => {
    if (from === at) found = speaker;
  });
  return found;
}

/** Whose a line is. */
export function speakerOfLine(state: EditorState, number: number): string | null {
  for (let at = number; at >= 1; at--) {
    const speaker = ownSpeaker(state, at);
    if (speaker !== undefined) return speaker;
  }
  return null;
}

/** Whole lines go: the break before the line after them stays, with what it says. */
export const keepLines = StateEffect.define<readonly LineStart[]>();

/** Whether a change takes whole lines and puts nothing in their place. */
export function takesLines(doc: Text, from: number, to: number, isFilled: boolean): boolean {
  if (from === to || isFilled) return false;
  const first = doc.lineAt(from);
  const next = doc.lineAt(to);
  return from === first.from && to === next.from;
}

function keptStarts({ changes, startState }: Transaction): LineStart[] {
  const starts: LineStart[] = [];
  const { doc } = startState;
  changes.iterChanges((fromA, toA, fromB, toB) => {
    if (!takesLines(doc, fromA, toA, toB > fromB)) return;
    starts.push({ at: fromB, speaker: speakerOfLine(startState, doc.lineAt(toA).number) });
  });
  return starts;
}

export const owning: Extension = [
  lines,
  EditorState.transactionExtender.of((transaction) => {
    if (!transaction.docChanged || transaction.annotation(fromRoom)) return null;
    const starts = keptStarts(transaction);
    return starts.length ? { effects: keepLines.of(starts) } : null;
  }),
];
