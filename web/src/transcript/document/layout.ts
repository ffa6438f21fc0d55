/** What a transcript that changes is made of, and where its words stand. */

import {
  Misfit,
  type Piece,
  type Removed,
  type Segment,
  type Span,
  type Speaker,
  type Transcript,
  type Word,
} from "./types";

type Translations = Record<string, string[]>;

export class Layout {
  readonly segments: Segment[];
  speakers: readonly Speaker[];
  /** What is not to be heard, by start. */
  silenced: readonly Span[];
  protected readonly translations: Translations = {};
  private out: readonly Removed[];
  private readonly holder = new Map<string, Segment>();
  private readonly taken = new Set<string>();
  private readonly sound = new Map<string, Word>();
  private readonly languages: readonly string[];

  constructor(readonly source: Transcript) {
    this.segments = [...source.segments];
    this.speakers = source.speakers;
    this.silenced = source.silenced ?? [];
    this.out = source.removed;
    const translations = source.notes?.translations ?? {};
    for (const [language, texts] of Object.entries(translations)) {
      if (texts.length === this.segments.length) this.translations[language] = [...texts];
    }
    this.languages = Object.keys(this.translations);
    for (const segment of this.segments) this.hold(segment);
    for (const each of this.out) for (const word of each.words) this.taken.add(word.id);
    for (const { words } of [...this.segments, ...this.out]) {
      for (const word of words) this.sound.set(word.id, word);
    }
  }

  /** Text that was taken out, with the words that have their ids still. */
  get removed(): readonly Removed[] {
    return this.out;
  }

  get hasWords(): boolean {
    return this.holder.size > 0;
  }

  has(word: string): boolean {
    return this.holder.has(word);
  }

  isRemoved(word: string): boolean {
    return this.taken.has(word);
  }

  /** A word as the sound gave it; undefined if its times were made up between its neighbours. */
  heard(word: string): Word | undefined {
    return this.sound.get(word);
  }

  segmentOf(word: string): Segment | undefined {
    return this.holder.get(word);
  }

  word(id: string): Word | undefined {
    return this.holder.get(id)?.words.find((each) => each.id === id);
  }

  /** The number of the segment that holds a word, and the word's number in it. */
  place(word: string): [number, number] {
    const segment = this.holder.get(word);
    if (!segment) throw new Misfit(`no word ${word}`);
    return [this.segments.indexOf(segment), segment.words.findIndex((each) => each.id === word)];
  }

  segment(number: number): Segment {
    const segment = this.segments[number];
    if (!segment) throw new Misfit(`no segment ${number}`);
    return segment;
  }

  piece(number: number): Piece {
    const translations: Record<string, string> = {};
    for (const language of this.languages) {
      translations[language] = this.translations[language]?.[number] ?? "";
    }
    return { segment: this.segment(number), translations };
  }

  /** Where words stand side by side: the number of their segment, and of the first in it. */
  run(words: readonly string[]): [number, number] {
    const first = words[0];
    if (first === undefined) throw new Misfit("an operation needs at least one word");
    const [number, at] = this.place(first);
    const found = this.segment(number).words.slice(at, at + words.length);
    if (found.length !== words.length || found.some((word, i) => word.id !== words[i])) {
      throw new Misfit("these words do not stand side by side in one segment");
    }
    return [number, at];
  }

  speakerAt(label: string): number {
    const at = this.speakers.findIndex((each) => each.label === label);
    if (at < 0) throw new Misfit(`no speaker ${label}`);
    return at;
  }

  /** Put pieces in the place of *count* segments. */
  splice(number: number, count: number, pieces: readonly Piece[]): void {
    for (let at = number; at < number + count; at++) {
      for (const word of this.segment(at).words) this.holder.delete(word.id);
    }
    this.segments.splice(number, count, ...pieces.map((each) => each.segment));
    for (const language of this.languages) {
      const texts = pieces.map((each) => each.translations[language] ?? "");
      this.translations[language]?.splice(number, count, ...texts);
    }
    for (const each of pieces) this.hold(each.segment);
  }

  resegmented(number: number, change: Partial<Segment>): void {
    const piece = this.piece(number);
    this.splice(number, 1, [{ ...piece, segment: { ...piece.segment, ...change } }]);
  }

  /** Words were found in the sound at these times; whoever stands out of order then stays. */
  retime(times: ReadonlyMap<string, Span>): void {
    const numbers = new Set<number>();
    for (const id of times.keys()) if (this.has(id)) numbers.add(this.place(id)[0]);
    for (const number of numbers) {
      const { words, start, end } = this.segment(number);
      const timed = words.map((word) => ({ ...word, ...times.get(word.id) }));
      const isOrdered = timed.every((word, at) => !at || (timed[at - 1]?.start ?? 0) <= word.start);
      if (!isOrdered) continue;
      for (const word of timed) if (times.has(word.id)) this.sound.set(word.id, word);
      const first = Math.min(start, ...timed.map((word) => word.start));
      const last = Math.max(end, ...timed.map((word) => word.end));
      this.resegmented(number, { words: timed, start: first, end: last });
    }
  }

  putRemoved(at: number, removed: Removed): void {
    this.out = this.out.toSpliced(at, 0, removed);
    for (const word of removed.words) this.taken.add(word.id);
  }

  dropRemoved(at: number): void {
    for (const word of this.out[at]?.words ?? []) this.taken.delete(word.id);
    this.out = this.out.toSpliced(at, 1);
  }

  private hold(segment: Segment): void {
    for (const word of segment.words) this.holder.set(word.id, segment);
  }
}
