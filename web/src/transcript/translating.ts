/** Passages translated again. */

import { answered } from "../api/client";
import type { Desk } from "./desk.svelte";
import type { Segment, Transcript, Word } from "./document/types";

export interface Passage {
  readonly segment: Segment;
  /** Empty where there is none. */
  readonly translation: string;
}

/** The segments that hold some of these words, with their translations. */
export function passages(
  transcript: Transcript,
  words: readonly Word[],
  language: string,
): Passage[] {
  const wanted = new Set(words.map((word) => word.id));
  const texts = transcript.notes?.translations[language] ?? [];
  const found = transcript.segments.map((segment, at) => ({
    segment,
    translation: texts[at] ?? "",
  }));
  return found.filter(({ segment }) => segment.words.some((word) => wanted.has(word.id)));
}

/** Have the segments of words translated as they read now, and show the version that has it. */
export async function translateAgain(
  desk: Desk,
  words: readonly Word[],
  language: string,
): Promise<void> {
  const id = encodeURIComponent(desk.id);
  const path = `/v1/transcripts/${id}/translations/${encodeURIComponent(language)}`;
  const body = JSON.stringify({ words: words.map((word) => word.id) });
  await desk.keeping.change((etag) =>
    answered(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", "If-Match": etag },
      body,
    }),
  );
}
