/** What words and segments were before they changed, so that an undone change restores it exactly. */

import { frameOf, isInside, labelOf } from "./pieces";
import { display, type Label, type Piece, type Segment, type Word } from "./types";

const ends = (first: string, last: string): string => `${first}:${last}`;

/** Speakers by word. */
export type Openers = readonly (readonly [string, string | null])[];

export class Archive {
  private readonly words = new Map<string, Word>();
  private readonly confidences = new Map<string, number | null>();
  private readonly labels = new Map<string, Label>();
  private readonly frames = new Map<string, Piece>();
  private readonly holders = new Map<string, Piece>();
  private readonly joints = new Map<string, boolean>();
  private readonly admitted = new Set<string>();
  /** Speakers of segments, by their first word. */
  private readonly openers = new Map<string, string | null>();

  /** Keep a segment as it is. */
  keep(piece: Piece): void {
    const { words, speaker } = piece.segment;
    const first = words[0];
    const last = words.at(-1);
    if (!first || !last) return;
    const frame = frameOf(piece);
    const key = ends(first.id, last.id);
    if (!this.frames.has(key)) this.frames.set(key, frame);
    this.openers.set(first.id, speaker);
    for (const word of words) {
      this.holders.set(word.id, frame);
      if (!this.joints.has(word.id)) this.joints.set(word.id, word.joined);
      this.words.set(word.id, word);
      this.confidences.set(`${word.id} ${display(word.text)}`, word.confidence);
      this.labels.set(`${word.id} ${word.speaker}`, labelOf(word));
    }
  }

  /** Keep a segment as another version has it: that is how it is to be. */
  renew(piece: Piece): void {
    const first = piece.segment.words[0];
    const last = piece.segment.words.at(-1);
    if (first && last) this.frames.delete(ends(first.id, last.id));
    this.keep(piece);
  }

  /** Know that there is such a word, though not what it was. */
  admit(id: string): void {
    this.admitted.add(id);
  }

  isAdmitted(id: string): boolean {
    return this.admitted.has(id);
  }

  word(id: string): Word | undefined {
    return this.words.get(id);
  }

  /** The confidence that a word had with this text. */
  confidence(id: string, text: string): number | null | undefined {
    return this.confidences.get(`${id} ${text}`);
  }

  hadText(id: string, text: string): boolean {
    return this.confidences.has(`${id} ${text}`);
  }

  label(id: string, speaker: string | null): Label | undefined {
    return this.labels.get(`${id} ${speaker}`);
  }

  /** The segment that began and ended with these words, if it has room for *words*. */
  frame(first: string, last: string, words: readonly Word[]): Piece | undefined {
    const frame = this.frames.get(ends(first, last));
    return frame && isInside(words, frame.segment) ? frame : undefined;
  }

  /** The segment that held a word last. */
  holder(id: string): Piece | undefined {
    return this.holders.get(id);
  }

  /** Whether a word was joined to the one before it at first. */
  isJoined(id: string): boolean | undefined {
    return this.joints.get(id);
  }

  /** Whose segment began with this word. */
  opener(id: string): string | null | undefined {
    return this.openers.get(id);
  }

  /** Whose segments began with these words, for those with which one did. */
  openersOf(words: readonly string[]): Openers {
    return words.flatMap((word) => {
      const speaker = this.openers.get(word);
      return speaker === undefined ? [] : [[word, speaker] as const];
    });
  }

  open(openers: Openers): void {
    for (const [word, speaker] of openers) this.openers.set(word, speaker);
  }
}

export const withSpeaker = (piece: Piece, speaker: string | null): Piece => ({
  ...piece,
  segment: { ...piece.segment, speaker } satisfies Segment,
});
