/** Where listening again is worth most: doubtful words and speakers, by how many are likely wrong. */

import type { Model } from "../document/model";
import { spelling } from "../document/spelling";
import type { Segment, Suggestion, Word } from "../document/types";

export interface Place {
  readonly key: string;
  readonly kind: "words" | "speaker";
  readonly words: readonly Word[];
  readonly start: number;
  readonly end: number;
  /** Errors to be expected here. */
  readonly wrong: number;
  /** Seconds that it takes to listen and decide. */
  readonly seconds: number;
  /** Other texts for these words. */
  readonly readings: readonly string[];
}

export interface Outlook {
  readonly words: number;
  /** Expected share of wrong words now. */
  readonly rate: number;
  /** And once these places are right. */
  readonly after: number;
  readonly seconds: number;
}

const DOUBTFUL = 0.8;
const UNSURE_SPEAKER = 0.6;
const NEAR_WORDS = 2;
const DECIDING_SECONDS = 8;
const LEAD = 1.5;
const TAIL = 0.8;

export const isDoubtful = (word: Word): boolean =>
  word.confidence !== null && word.confidence < DOUBTFUL;

const doubt = (word: Word): number => (word.confidence === null ? 0 : 1 - word.confidence);

/** All places, those where a second of listening finds most errors first. */
export function placesOf(model: Model, suggestions: readonly Suggestion[] = []): Place[] {
  const places: Place[] = [];
  for (const segment of model.segments) {
    places.push(...wordPlaces(segment, suggestions));
    const who = speakerPlace(segment);
    if (who) places.push(who);
  }
  return places.sort((a, b) => b.wrong / b.seconds - a.wrong / a.seconds);
}

function wordPlaces(segment: Segment, suggestions: readonly Suggestion[]): Place[] {
  const found: Place[] = [];
  let from = -1;
  let last = -1;
  const close = () => {
    if (from >= 0) found.push(wordPlace(segment.words.slice(from, last + 1), suggestions));
    from = -1;
  };
  segment.words.forEach((word, at) => {
    if (!isDoubtful(word)) return;
    if (from >= 0 && at - last > NEAR_WORDS) close();
    if (from < 0) from = at;
    last = at;
  });
  close();
  return found;
}

function wordPlace(words: readonly Word[], suggestions: readonly Suggestion[]): Place {
  const wrong = words.reduce((sum, word) => sum + doubt(word), 0);
  return { ...place("words", words), wrong, readings: readingsOf(words, suggestions) };
}

function speakerPlace(segment: Segment): Place | null {
  const unsure = segment.words.filter((word) => (word.speaker_confidence ?? 1) < UNSURE_SPEAKER);
  if (2 * unsure.length < segment.words.length || !segment.words.length) return null;
  const wrong = unsure.reduce((sum, word) => sum + 1 - (word.speaker_confidence ?? 1), 0);
  return { ...place("speaker", segment.words), wrong, readings: [] };
}

function place(kind: Place["kind"], words: readonly Word[]): Omit<Place, "wrong" | "readings"> {
  const first = words[0] as Word;
  const start = Math.max(0, first.start - LEAD);
  const end = Math.max(...words.map((word) => word.end)) + TAIL;
  const seconds = end - start + DECIDING_SECONDS;
  return { key: `${kind} ${first.id}`, kind, words, start, end, seconds };
}

/** What a language model would have written here, or what stood here before it wrote. */
function readingsOf(words: readonly Word[], suggestions: readonly Suggestion[]): string[] {
  const first = words[0] as Word;
  const last = words.at(-1) as Word;
  const now = spelling(words.map((word) => word.text).join(" "));
  const found = new Set<string>();
  for (const each of suggestions) {
    if (each.kind === "speaker" || each.end <= first.start || last.end <= each.start) continue;
    const [stands, other] = each.rejected ? [each.before, each.after] : [each.after, each.before];
    if (spelling(stands) === now && other) found.add(other);
  }
  return [...found].slice(0, 3);
}

/** What to expect if these places are put right; *scale* corrects for words that are missing. */
export function outlook(model: Model, places: readonly Place[], scale: number): Outlook {
  let words = 0;
  let wrong = 0;
  for (const segment of model.segments) {
    for (const word of segment.words) {
      words++;
      wrong += doubt(word);
    }
  }
  const found = places.filter((each) => each.kind === "words");
  const fixed = found.reduce((sum, each) => sum + each.wrong, 0);
  const seconds = places.reduce((sum, each) => sum + each.seconds, 0);
  const share = (count: number) => (words ? Math.max(0, Math.min(1, (scale * count) / words)) : 0);
  return { words, rate: share(wrong), after: share(wrong - fixed), seconds };
}

/** How much the expected errors of a whole transcript exceed the doubts of its words. */
export function scaleOf(words: Iterable<Word>, expected: number | null): number {
  let count = 0;
  let wrong = 0;
  for (const word of words) {
    count++;
    wrong += doubt(word);
  }
  return expected === null || wrong === 0 ? 1 : (expected * count) / wrong;
}

/** As many of the first places as halve what is wrong. */
export function halving(places: readonly Place[], model: Model): number {
  let left = 0;
  for (const segment of model.segments) for (const word of segment.words) left += doubt(word);
  const goal = left / 2;
  let count = 0;
  for (const each of places) {
    if (left <= goal) break;
    if (each.kind === "words") left -= each.wrong;
    count++;
  }
  return count;
}
