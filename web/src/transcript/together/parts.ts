/** The parts of a shared text one behind the other, as one text; the first break is not shown. */

import type * as Y from "yjs";
import type { Mark } from "../document/tokens";
import type { LineStart, Run } from "../editor/marks";
import { type Named, toSpeaker } from "./attributes";

/** A stretch of new text, with what its letters carry. */
export interface Inserted {
  readonly text: string;
  readonly attributes: Named;
}

/** What the parts say. */
export interface Whole {
  readonly text: string;
  readonly marks: readonly Mark[];
  readonly starts: readonly LineStart[];
  /** Words that were accepted as they stand. */
  readonly accepted: readonly string[];
}

export class Parts {
  constructor(readonly texts: readonly Y.Text[]) {}

  /** Where a part begins in the text that is shown; -1 for the first, whose break is not. */
  start(part: Y.Text): number {
    let at = -1;
    for (const each of this.texts) {
      if (each === part) return at;
      at += each.length;
    }
    return at;
  }

  /** Delete what is shown from a place on. */
  delete(from: number, length: number): void {
    let left = length;
    while (left > 0) {
      const { part, at } = this.after(from);
      const count = Math.min(left, part.length - at);
      if (count <= 0) return;
      part.delete(at, count);
      left -= count;
    }
  }

  insert(at: number, pieces: readonly Inserted[]): void {
    const place = this.before(at);
    let index = place.at;
    for (const { text, attributes } of pieces) {
      place.part.insert(index, text, attributes);
      index += text.length;
    }
  }

  format(from: number, to: number, attributes: Named): void {
    let at = from;
    while (at < to) {
      const place = this.after(at);
      const count = Math.min(to - at, place.part.length - place.at);
      if (count <= 0) return;
      place.part.format(place.at, count, attributes);
      at += count;
    }
  }

  /** The part that holds the letter before a place: text goes there. */
  before(shown: number): { part: Y.Text; at: number } {
    let at = shown + 1;
    for (const part of this.texts) {
      if (at <= part.length) return { part, at };
      at -= part.length;
    }
    return this.last();
  }

  /** The part that holds the letter after a place. */
  after(shown: number): { part: Y.Text; at: number } {
    let at = shown + 1;
    for (const part of this.texts) {
      if (at < part.length) return { part, at };
      at -= part.length;
    }
    return this.last();
  }

  read(): Whole {
    const reading = new Reading();
    for (const part of this.texts) for (const each of part.toDelta()) reading.take(each);
    return reading.done();
  }

  private last(): { part: Y.Text; at: number } {
    const part = this.texts.at(-1);
    if (!part) throw new Error("a shared text has at least one part");
    return { part, at: part.length };
  }
}

class Reading {
  private text = "";
  private readonly marks: { id: string; from: number; to: number }[] = [];
  private readonly starts: LineStart[] = [];
  private readonly accepted: string[] = [];

  take({ insert, attributes = {} }: { insert: string; attributes?: Named }): void {
    if (typeof insert !== "string") return;
    const start = this.text.length;
    this.text += insert;
    const { w, c } = attributes;
    if (w) {
      this.mark(w, start, this.text.length);
      if (c) this.accepted.push(w);
    }
    for (const at of breaksIn(insert)) {
      const speaker = toSpeaker(attributes.s);
      if (speaker !== undefined) this.starts.push({ at: start + at, speaker });
    }
  }

  done(): Whole {
    // The first break is not shown: a line begins where its break would be.
    const marks = this.marks.flatMap(({ id, from, to }) => lettersOf(this.text, id, from, to));
    const shifted = marks.map(({ id, from, to }) => ({ id, from: from - 1, to: to - 1 }));
    return {
      text: this.text.slice(1),
      marks: shifted,
      starts: this.starts,
      accepted: this.accepted,
    };
  }

  private mark(id: string, from: number, to: number): void {
    const last = this.marks.at(-1);
    if (last?.id === id && last.to === from) last.to = to;
    else this.marks.push({ id, from, to });
  }
}

/** Breaks belong to no word, whatever they inherited. */
function lettersOf(text: string, id: string, from: number, to: number): Mark[] {
  if (!text.slice(from, to).includes("\n")) return [{ id, from, to }];
  const runs = lettersIn(text.slice(from, to), from);
  return runs.map((run) => ({ id, ...run }));
}

export function* breaksIn(text: string): Generator<number> {
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) yield at;
}

/** Stretches without breaks, at their places. */
export function lettersIn(text: string, start: number): { from: number; to: number }[] {
  const found: { from: number; to: number }[] = [];
  for (const match of text.matchAll(/[^\n]+/g)) {
    const from = start + match.index;
    found.push({ from, to: from + match[0].length });
  }
  return found;
}

/** What an insertion or a changed stretch says of words and lines. */
export function told(
  text: string,
  at: number,
  attributes: Named,
): { runs: Run[]; starts: LineStart[] } {
  const runs: Run[] = [];
  const starts: LineStart[] = [];
  if ("w" in attributes) {
    for (const run of lettersIn(text, at)) runs.push({ id: attributes.w ?? null, ...run });
  }
  if ("s" in attributes) {
    for (const each of breaksIn(text)) {
      starts.push({ at: at + each + 1, speaker: toSpeaker(attributes.s) });
    }
  }
  return { runs, starts };
}
