/** An editor's text and a shared text kept alike, letter by letter, with words and lines. */

import { Transaction as Change, type ChangeSpec, type Transaction } from "@codemirror/state";
import type * as Y from "yjs";
import { ownSpeaker, speakerOfLine, takesLines } from "../editor/lines";
import {
  fromRoom,
  type LineStart,
  marksBetween,
  putRuns,
  type Region,
  type Run,
  settle,
  startLines,
} from "../editor/marks";
import type { Host } from "../editor/session";
import { accept } from "./accepting";
import { fromSpeaker, type Named } from "./attributes";
import { breaksIn, type Inserted, lettersIn, type Parts, told } from "./parts";

type Delta = Y.YTextEvent["delta"];

/** What came from elsewhere, in terms of the text that is shown. */
interface Received {
  readonly changes: ChangeSpec[];
  readonly runs: Run[];
  readonly starts: LineStart[];
  /** Stretches whose words were accepted, or are not any more. */
  readonly accepted: { from: number; to: number; isAccepted: boolean }[];
}

export class Binding {
  /** Marks what people do, as against words being named. */
  readonly doing = {};
  private readonly naming = {};
  private host: Host | null = null;

  constructor(
    private readonly parts: Parts,
    private readonly received: (what: Received) => void,
  ) {
    for (const part of parts.texts) part.observe(this.heard);
  }

  show(host: Host | null): void {
    this.host = host;
  }

  close(): void {
    for (const part of this.parts.texts) part.unobserve(this.heard);
  }

  /** The editor changed: the shared text follows. */
  sent(transaction: Transaction): void {
    if (transaction.annotation(fromRoom)) return;
    const { effects, docChanged } = transaction;
    const named: Region[] = [];
    const starts: LineStart[] = [];
    const accepted: { from: number; to: number }[] = [];
    for (const effect of effects) {
      if (effect.is(settle) && !effect.value.isOthers) named.push(effect.value);
      if (effect.is(startLines)) starts.push(...effect.value);
      if (effect.is(accept)) accepted.push(...effect.value);
    }
    if (docChanged || starts.length || accepted.length) {
      this.write(this.doing, () => {
        this.type(transaction);
        for (const start of starts) this.start(start);
        for (const { from, to } of accepted) this.parts.format(from, to, { c: 1 });
      });
    }
    if (named.length) this.write(this.naming, () => this.name(transaction, named));
  }

  private write(origin: object, act: () => void): void {
    const nested = this.parts.texts.reduce(
      (inner, part) => () => part.doc?.transact(inner, origin),
      act,
    );
    nested();
  }

  private type(transaction: Transaction): void {
    const { doc } = transaction.startState;
    transaction.changes.iterChanges((fromA, toA, fromB, toB, text) => {
      if (takesLines(doc, fromA, toA, toB > fromB)) this.takeLines(transaction, fromA, toA, fromB);
      else if (toA > fromA) this.parts.delete(fromB, toA - fromA);
      if (toB > fromB) this.parts.insert(fromB, piecesOf(transaction, fromB, text.toString()));
    });
  }

  /** Lines go with the breaks that begin them, so that the next line keeps its own. */
  private takeLines({ startState }: Transaction, from: number, to: number, at: number): void {
    const { number } = startState.doc.lineAt(to);
    // The break that is not shown stays: letters before all breaks would be on no line.
    const isFirst = at === 0;
    this.parts.delete(isFirst ? 0 : at - 1, to - from);
    if (!isFirst && ownSpeaker(startState, number) !== undefined) return;
    this.start({ at, speaker: speakerOfLine(startState, number) });
  }

  private start({ at, speaker }: LineStart): void {
    this.parts.format(at - 1, at, { s: fromSpeaker(speaker) });
  }

  /** Letters get the words that they turned out to be of. */
  private name({ startState }: Transaction, regions: readonly Region[]): void {
    for (const { from, to, marks } of regions) {
      const before = marksBetween(startState, from, to);
      const known = new Set(before.map((mark) => `${mark.id} ${mark.from} ${mark.to}`));
      for (const old of before) {
        for (const gap of gaps(old, marks)) this.parts.format(gap.from, gap.to, { w: null });
      }
      for (const mark of marks) {
        if (known.has(`${mark.id} ${mark.from} ${mark.to}`)) continue;
        this.parts.format(mark.from, mark.to, { w: mark.id });
      }
    }
  }

  private readonly heard = (event: Y.YTextEvent, { origin }: Y.Transaction): void => {
    if (origin === this.doing || origin === this.naming || !this.host) return;
    const start = this.parts.start(event.target);
    const { doc } = this.host.state;
    const found = read(event.delta, start, (from, to) => doc.sliceString(from, to));
    if (!found) {
      this.again();
      return;
    }
    this.dispatch(found);
  };

  private dispatch(found: Received): void {
    this.host?.dispatch({
      changes: found.changes,
      effects: [putRuns.of(found.runs), startLines.of(found.starts)],
      annotations: [fromRoom.of(true), Change.addToHistory.of(false)],
    });
    this.received(found);
  }

  /** Even the break that is not shown changed: take what differs. */
  private again(): void {
    if (!this.host) return;
    const whole = this.parts.read();
    const shown = this.host.state.doc.toString();
    const [from, to, until] = difference(shown, whole.text);
    const isWithin = (at: number) => from <= at && at <= until;
    this.dispatch({
      changes: [{ from, to, insert: whole.text.slice(from, until) }],
      runs: whole.marks.filter((mark) => isWithin(mark.from) || isWithin(mark.to)),
      starts: whole.starts.filter(({ at }) => at === 0 || isWithin(at)),
      accepted: [],
    });
  }
}

/** Where two texts begin and cease to differ: in both, in the first, in the second. */
function difference(one: string, other: string): [number, number, number] {
  let from = 0;
  const most = Math.min(one.length, other.length);
  while (from < most && one[from] === other[from]) from++;
  let back = 0;
  while (back < most - from && one.at(-1 - back) === other.at(-1 - back)) back++;
  return [from, one.length - back, other.length - back];
}

/** What a delta says of the text that is shown; null if it touches the break that is not. */
function read(
  delta: Delta,
  start: number,
  textBetween: (from: number, to: number) => string,
): Received | null {
  const found: Received = { changes: [], runs: [], starts: [], accepted: [] };
  let old = start;
  let now = start;
  const note = (text: string, at: number, attributes: Named) => {
    const { runs, starts } = told(text, at, attributes);
    found.runs.push(...runs);
    found.starts.push(...starts);
    if (!("c" in attributes)) return;
    found.accepted.push({ from: at, to: at + text.length, isAccepted: attributes.c === 1 });
  };
  for (const step of delta) {
    const attributes: Named = step.attributes ?? {};
    if (step.retain !== undefined) {
      const isHidden = old < 0;
      const from = Math.max(0, old);
      const text = (isHidden ? "\n" : "") + textBetween(from, old + step.retain);
      if (step.attributes) note(text, now, attributes);
      old += step.retain;
      now += step.retain;
      continue;
    }
    if (old < 0) return null;
    if (step.delete !== undefined) {
      found.changes.push({ from: old, to: old + step.delete });
      old += step.delete;
    } else if (typeof step.insert === "string") {
      found.changes.push({ from: old, insert: step.insert });
      note(step.insert, now, { w: null, ...attributes });
      now += step.insert.length;
    }
  }
  return found;
}

/** New text, cut where another word begins or a line does. */
function piecesOf(transaction: Transaction, from: number, text: string): Inserted[] {
  const pieces: Inserted[] = [];
  let at = from;
  const add = (until: number, attributes: Named) => {
    const piece = text.slice(at - from, until - from);
    for (const each of lineWise(piece)) {
      pieces.push({ text: each, attributes: each === "\n" ? {} : attributes });
    }
    at = until;
  };
  const end = from + text.length;
  for (const mark of marksBetween(transaction.state, from, end)) {
    if (mark.to <= at || mark.from >= end) continue;
    if (mark.from > at) add(mark.from, {});
    add(Math.min(mark.to, end), { w: mark.id });
  }
  if (at < end) add(end, {});
  return pieces;
}

/** Breaks by themselves, and what is between them. */
function lineWise(text: string): string[] {
  if (!text.includes("\n")) return text ? [text] : [];
  const stretches = [
    ...[...breaksIn(text)].map((from) => ({ from, to: from + 1 })),
    ...lettersIn(text, 0),
  ];
  return stretches.sort((a, b) => a.from - b.from).map(({ from, to }) => text.slice(from, to));
}

/** What of a stretch none of *marks* covers; they are in order. */
function gaps(
  { from, to }: { from: number; to: number },
  marks: readonly { from: number; to: number }[],
): { from: number; to: number }[] {
  const found: { from: number; to: number }[] = [];
  let at = from;
  for (const mark of marks) {
    if (mark.to <= at) continue;
    if (mark.from >= to) break;
    if (mark.from > at) found.push({ from: at, to: mark.from });
    at = mark.to;
  }
  if (at < to) found.push({ from: at, to });
  return found;
}
