/** What letters and breaks of a shared text carry. */

export interface Named {
  /** The word that the letters are of. */
  readonly w?: string | null;
  /** Who speaks after the break: a label, or nothing for somebody unknown. */
  readonly s?: string | null;
  /** The segment that began with the break when the document was made. */
  readonly p?: string | null;
  /** Whether somebody accepted the word. */
  readonly c?: 1 | null;
}

/** Undefined where the break leaves it to the line before. */
export const toSpeaker = (s: string | null | undefined): string | null | undefined =>
  s === undefined || s === null ? undefined : s || null;

export const fromSpeaker = (speaker: string | null | undefined): string | null =>
  speaker === undefined ? null : (speaker ?? "");
