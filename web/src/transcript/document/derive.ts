/** The operations that make a transcript say what edited lines say. */

import { type Archive, withSpeaker } from "./archive";
import type { Model } from "./model";
import { covering, halves, insertOf, spanOf } from "./pieces";
import { giveWay, pairUp, type Slot, slotsOf } from "./slots";
import { plainFrame, timedWords } from "./times";
import type { Token } from "./tokens";
import { display, type Label, type Operation, type Piece, SURE, type Word } from "./types";

/** A word of an edited line, with the id that it has now. */
export interface Named extends Token {
  readonly id: string;
}

/** Lines as they are to be. */
export interface Texts {
  readonly lines: readonly (readonly Token[])[];
  /** Whose each line is; undefined leaves it to the word that it begins with. */
  readonly speakers?: readonly (string | null | undefined)[];
}

export interface Derived {
  readonly operations: readonly Operation[];
  /** The words of each line that has any. */
  readonly lines: readonly (readonly Named[])[];
}

type Line = readonly Slot[];

/**
 * Make *model* say what *lines* say in the place of its segments from *first* to before *past*, and
 * give the operations. Lines without words are none.
 */
export function derive(
  model: Model,
  archive: Archive,
  first: number,
  past: number,
  texts: Texts,
  newId: () => string = randomId,
): Derived {
  return new Derivation(model, archive, newId).run(first, past, texts);
}

class Derivation {
  private readonly operations: Operation[] = [];
  private speakers: readonly (string | null | undefined)[] = [];

  constructor(
    private readonly model: Model,
    private readonly archive: Archive,
    private readonly newId: () => string,
  ) {}

  run(first: number, past: number, texts: Texts): Derived {
    const base: Word[] = [];
    for (let at = first; at < past; at++) {
      const piece = this.model.piece(at);
      this.archive.keep(piece);
      base.push(...piece.segment.words);
    }
    const spoken = texts.lines.filter((line) => line.length);
    this.speakers = texts.lines.flatMap((line, at) => (line.length ? [texts.speakers?.[at]] : []));
    const slots = slotsOf(this.model, this.archive, base, spoken, this.newId);
    pairUp(this.model, base, slots);
    const lines = spoken.map((_, number) => slots.filter((slot) => slot.line === number));
    for (const line of lines) giveWay(this.model, line);
    const lead = this.lead(first);
    this.replaceTexts(slots);
    this.deleteOthers(base, slots);
    this.split(lines);
    this.relabel(lines);
    this.join(lines);
    this.insert(lines, lead);
    const named = lines.map((line) => line.map((slot) => ({ ...slot.token, id: slot.id })));
    return { operations: this.operations, lines: named };
  }

  private do(operation: Operation): void {
    this.model.apply(operation);
    this.operations.push(operation);
  }

  /** The last word before the region. */
  private lead(first: number): Word | undefined {
    for (let at = first - 1; at >= 0; at--) {
      const word = this.model.segments[at]?.words.at(-1);
      if (word) return word;
    }
    return undefined;
  }

  private replaceTexts(slots: Line): void {
    for (const { kept, token } of slots) {
      const word = kept === null ? undefined : this.model.word(kept);
      if (!word || token.text === display(word.text)) continue;
      const known = this.archive.confidence(word.id, token.text);
      const confidence = known === undefined ? SURE : known;
      this.do({ kind: "replace", word: word.id, text: token.text, confidence });
    }
  }

  private deleteOthers(base: readonly Word[], slots: Line): void {
    const kept = new Set(slots.map((slot) => slot.kept));
    let run: string[] = [];
    const close = () => {
      if (run.length) this.delete(run);
      run = [];
    };
    base.forEach((word, at) => {
      const before = base[at - 1];
      const isNextSegment = run.length > 0 && before && !this.areTogether(before, word);
      if (isNextSegment || kept.has(word.id)) close();
      if (!kept.has(word.id)) run.push(word.id);
    });
    close();
  }

  private areTogether(one: Word, other: Word): boolean {
    return this.model.segmentOf(one.id) === this.model.segmentOf(other.id);
  }

  private delete(words: readonly string[]): void {
    const [number, at] = this.model.run(words);
    const left = this.model.segment(number).words.toSpliced(at, words.length);
    const frame = this.archive.frame(left[0]?.id ?? "", left.at(-1)?.id ?? "", left);
    this.do({ kind: "delete", words, span: frame ? spanOf(frame.segment) : null });
  }

  /** The segment that a line was before, if it has room for these words. */
  private frame(line: Line, words: readonly Word[]): Piece | undefined {
    return this.archive.frame(line[0]?.id ?? "", line.at(-1)?.id ?? "", words);
  }

  private split(lines: readonly Line[]): void {
    const holding = new Map(lines.flatMap((line) => line.map((slot) => [slot.id, line])));
    for (const line of lines) {
      const before = line.find((slot) => slot.kept !== null)?.kept ?? "";
      if (!before) continue;
      const [number, at] = this.model.place(before);
      if (at === 0) continue;
      const { words } = this.model.segment(number);
      const left = words.slice(0, at);
      const right = words.slice(at);
      const first = this.frame(holding.get(left[0]?.id ?? "") ?? [], left);
      const second = this.frame(line, right);
      const plain = halves(this.model.piece(number), at);
      const isKnown = first || second;
      const frames = isKnown ? ([first ?? plain[0], second ?? plain[1]] as const) : null;
      this.do({ kind: "split", before, frames: frames && wordless(frames) });
    }
  }

  /** Every line has one speaker: whoever spoke the segment that began with its first word. */
  private relabel(lines: readonly Line[]): void {
    const labels: Label[] = [];
    for (const line of lines) {
      const words = line.flatMap((slot) => this.model.word(slot.kept ?? "") ?? []);
      if (!words[0]) continue;
      const speaker = this.speakerOf(line, words[0]);
      for (const { id, speaker: now } of words) {
        if (now === speaker) continue;
        const known = this.archive.label(id, speaker);
        labels.push(known ?? { word: id, speaker, doubts: [], confidence: SURE });
      }
    }
    if (labels.length) this.do({ kind: "relabel", labels });
  }

  private speakerOf(line: Line, beside: Word | undefined): string | null {
    const told = this.speakers[line[0]?.line ?? -1];
    if (told !== undefined) return told;
    const opener = this.archive.opener(line[0]?.id ?? "");
    const isKnown = opener === null || this.model.speakers.some((each) => each.label === opener);
    return opener !== undefined && isKnown ? opener : (beside?.speaker ?? null);
  }

  private join(lines: readonly Line[]): void {
    for (const line of lines) {
      const words = line.flatMap((slot) => slot.kept ?? []);
      for (const word of words.slice(1)) {
        const [number, at] = this.model.place(word);
        if (at === 0) this.joinAt(number, word, line);
      }
    }
  }

  private joinAt(number: number, word: string, line: Line): void {
    const words = [...this.model.segment(number - 1).words, ...this.model.segment(number).words];
    const frame = this.frame(line, words);
    const isOrdered = words.every((each, i) => !i || (words[i - 1]?.start ?? 0) <= each.start);
    // People who speak at once can have words out of order: a frame lets them be.
    this.do({ kind: "join", word, frame: frame ?? (isOrdered ? null : this.cover(number)) });
  }

  private cover(number: number): Piece {
    const first = this.model.piece(number - 1);
    const second = this.model.segment(number);
    const start = Math.min(first.segment.start, second.start);
    const end = Math.max(first.segment.end, second.end);
    return { ...first, segment: { ...first.segment, start, end, words: [] } };
  }

  private insert(lines: readonly Line[], lead: Word | undefined): void {
    let last = lead;
    for (const line of lines) {
      if (line.some((slot) => slot.kept !== null)) this.insertInto(line);
      else this.insertLine(line, last);
      last = this.model.word(line.at(-1)?.id ?? "");
    }
  }

  /** New words of a line that has old ones. */
  private insertInto(line: Line): void {
    let run: Slot[] = [];
    let before = "";
    for (const slot of line) {
      if (slot.kept === null) run.push(slot);
      else {
        if (run.length) this.insertRun(line, run, before, slot.kept);
        before = slot.kept;
        run = [];
      }
    }
    if (run.length) this.insertRun(line, run, before, "");
  }

  private insertRun(line: Line, run: readonly Slot[], before: string, next: string): void {
    const [number] = this.model.place(before || next);
    const segment = this.model.segment(number);
    const previous = this.model.word(before);
    const following = this.model.word(next);
    if (previous && following && following.start < previous.start) {
      this.append(previous, run);
      return;
    }
    const words = timedWords(this.model, this.archive, run, segment.speaker, {
      previous,
      following,
      limit: this.limit(previous),
    });
    const frame = this.frame(line, [...segment.words, ...words]);
    const beside = before ? { after: before } : { before: next };
    this.do(insertOf(words, { ...beside, span: frame ? spanOf(frame.segment) : null }));
  }

  /** Between words that are out of order no time is right: the word before says the new ones too. */
  private append(previous: Word, run: readonly Slot[]): void {
    const added = run.map((slot) => (slot.token.joined ? "" : " ") + slot.token.text);
    const text = display(previous.text) + added.join("");
    this.do({ kind: "replace", word: previous.id, text, confidence: SURE });
    for (const slot of run) slot.id = previous.id;
  }

  /** A line that has none is a segment of its own. */
  private insertLine(line: Line, last: Word | undefined): void {
    const next = this.next(last);
    const former = line.flatMap((slot) => this.archive.word(slot.id) ?? [])[0];
    const speaker = this.speakerOf(line, former ?? last ?? next);
    const words = timedWords(this.model, this.archive, line, speaker, {
      lead: last,
      limit: next && (!last || last.start <= next.start) ? next.start : this.limit(last),
    });
    const known =
      this.frame(line, words) ?? this.formerly(line, words) ?? plainFrame(covering(words));
    const beside = last ? { after: last.id } : { before: next?.id ?? "" };
    this.do(insertOf(words, { ...beside, frame: withSpeaker(known, speaker) }));
  }

  /** The segment that some of these words were in, at their times. */
  private formerly(line: Line, words: readonly Word[]): Piece | undefined {
    const held = line.find((slot) => this.archive.holder(slot.id));
    const frame = held && this.archive.holder(held.id);
    return frame && { ...frame, segment: { ...frame.segment, ...covering(words) } };
  }

  /** The first word of the next segment. */
  private next(last: Word | undefined): Word | undefined {
    const from = last ? this.model.place(last.id)[0] + 1 : 0;
    for (let at = from; at < this.model.segments.length; at++) {
      const word = this.model.segments[at]?.words[0];
      if (word) return word;
    }
    return undefined;
  }

  /** The time before which new words after *previous* end. */
  private limit(previous: Word | undefined): number {
    const next = this.next(previous);
    if (next && previous && next.start >= previous.start) return next.start;
    return Math.max(previous?.end ?? 0, this.model.source.recording.duration);
  }
}

function wordless(frames: readonly [Piece, Piece]): [Piece, Piece] {
  const [first, second] = frames;
  return [
    { ...first, segment: { ...first.segment, words: [] } },
    { ...second, segment: { ...second.segment, words: [] } },
  ];
}

/** An id that no word has. */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(6));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
