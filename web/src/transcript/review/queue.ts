/** Where listening again is worth most: doubtful words and speakers, level by level, by how many are
 * likely wrong. The service makes the same queue (`trax/service/places.py`).
 */

import type { Model } from "../document/model";
import { spelling } from "../document/spelling";
import { joinedText, type Segment, type Suggestion, type Word } from "../document/types";

/** Another text for some words. */
export interface Reading {
  readonly text: string;
  /** The model that read it so; empty for a language model's suggestion. */
  readonly source: string;
}

export interface Place {
  readonly key: string;
  readonly kind: "words" | "speaker";
  /** Places of lower levels come first. */
  readonly level: number;
  readonly words: readonly Word[];
  readonly start: number;
  readonly end: number;
  /** Errors to be expected here. */
  readonly wrong: number;
  /** Seconds that it takes to listen and decide. */
  readonly seconds: number;
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
const LEVELS = [0.5, 0.7, 0.85, 0.92, 0.96] as const;
const UNSURE_SPEAKER = 0.6;
const NEAR_WORDS = 1;
const DECIDING_SECONDS = 8;
const LEAD = 1.5;
const TAIL = 0.8;
const MOST_READINGS = 3;

export const isDoubtful = (word: Word): boolean =>
  word.confidence !== null && word.confidence < DOUBTFUL;

const doubt = (word: Word): number => (word.confidence === null ? 0 : 1 - word.confidence);

/** What one segment needs; segments never change, so it is found once. */
interface Needed {
  readonly places: readonly Place[];
  readonly words: number;
  readonly wrong: number;
}

const known = new WeakMap<Segment, Needed>();

function neededOf(segment: Segment): Needed {
  const found = known.get(segment);
  if (found) return found;
  const who = speakerPlace(segment);
  const places = wordPlaces(segment);
  const needed = {
    places: who ? [...places, who] : places,
    words: segment.words.length,
    wrong: segment.words.reduce((sum, word) => sum + doubt(word), 0),
  };
  known.set(segment, needed);
  return needed;
}

export interface Survey {
  /** By level, then those where a second of listening finds most errors. */
  readonly places: readonly Place[];
  readonly words: number;
  /** Words that are likely wrong. */
  readonly wrong: number;
}

/** All that a transcript needs. */
export function survey(model: Model): Survey {
  const places: Place[] = [];
  let words = 0;
  let wrong = 0;
  for (const segment of model.segments) {
    const needed = neededOf(segment);
    places.push(...needed.places);
    words += needed.words;
    wrong += needed.wrong;
  }
  places.sort((a, b) => a.level - b.level || b.wrong / b.seconds - a.wrong / a.seconds);
  return { places, words, wrong };
}

function wordPlaces(segment: Segment): Place[] {
  const taken = new Set<number>();
  return LEVELS.flatMap((below, level) => {
    const runs = runsBelow(segment.words, below, taken);
    for (const [from, past] of runs) for (let at = from; at < past; at++) taken.add(at);
    return runs.map(([from, past]) => wordPlace(segment.words.slice(from, past), level));
  });
}

/** Words of one level that are heard together: where each run begins, and where it has ended. */
function runsBelow(words: readonly Word[], below: number, taken: ReadonlySet<number>) {
  const runs: [number, number][] = [];
  words.forEach((word, at) => {
    if (taken.has(at) || word.confidence === null || word.confidence >= below) return;
    const last = runs.at(-1);
    const between = last ? at - last[1] : Number.POSITIVE_INFINITY;
    const isApart = between > NEAR_WORDS || (between === 1 && taken.has(at - 1));
    if (last && !isApart) last[1] = at + 1;
    else runs.push([at, at + 1]);
  });
  return runs;
}

function wordPlace(words: readonly Word[], level: number): Place {
  const wrong = words.reduce((sum, word) => sum + doubt(word), 0);
  return { ...place("words", words), level, wrong };
}

function speakerPlace(segment: Segment): Place | null {
  const known = segment.words.flatMap((word) => word.speaker_confidence ?? []);
  const wrong = known.reduce((sum, share) => sum + 1 - share, 0);
  if (!known.length || 1 - wrong / known.length >= UNSURE_SPEAKER) return null;
  return { ...place("speaker", segment.words), level: 0, wrong };
}

function place(kind: Place["kind"], words: readonly Word[]): Omit<Place, "wrong" | "level"> {
  const first = words[0] as Word;
  const start = Math.max(0, first.start - LEAD);
  const end = Math.max(...words.map((word) => word.end)) + TAIL;
  const seconds = end - start + DECIDING_SECONDS;
  return { key: `${kind} ${first.id}`, kind, words, start, end, seconds };
}

/** What a language model would have written in place of words, then what other passes read. */
export function readingsOf(words: readonly Word[], suggestions: readonly Suggestion[]): Reading[] {
  const written = suggested(words, suggestions).map((text) => ({ text, source: "" }));
  const known = new Set([spelling(joinedText(words))]);
  const isNew = ({ text }: Reading) => !known.has(spelling(text)) && known.add(spelling(text));
  return [...written, ...heardOtherwise(words)].filter(isNew).slice(0, MOST_READINGS);
}

/** These words with one of them as another pass read it, the likeliest first. */
function heardOtherwise(words: readonly Word[]): Reading[] {
  const found = words.flatMap((word, at) =>
    (word.alternatives ?? []).map(({ text, source, confidence }) => {
      const other = words.with(at, { ...word, text });
      const said = other.filter((each) => each.text);
      return { text: joinedText(said), source, likely: confidence * doubt(word) };
    }),
  );
  return found.sort((a, b) => b.likely - a.likely);
}

/** What a language model would have written here, or what stood here before it wrote. */
function suggested(words: readonly Word[], suggestions: readonly Suggestion[]): string[] {
  const first = words[0] as Word;
  const last = words.at(-1) as Word;
  const now = spelling(words.map((word) => word.text).join(" "));
  const found = new Set<string>();
  for (const each of suggestions) {
    if (each.kind === "speaker" || each.end <= first.start || last.end <= each.start) continue;
    const [stands, other] = each.rejected ? [each.before, each.after] : [each.after, each.before];
    if (spelling(stands) === now && other) found.add(other);
  }
  return [...found];
}

/** What to expect if these places are put right; *scale* corrects for words that are missing. */
export function outlook(found: Survey, places: readonly Place[], scale: number): Outlook {
  let { wrong } = found;
  let seconds = 0;
  for (const each of places) {
    seconds += each.seconds;
    if (each.kind === "words") wrong -= each.wrong;
  }
  const { words } = found;
  const share = (count: number) => (words ? Math.max(0, Math.min(1, (scale * count) / words)) : 0);
  return { words, rate: share(found.wrong), after: share(wrong), seconds };
}

/** How much the expected errors of a whole transcript exceed the doubts of its words. */
export const scaleOf = ({ words, wrong }: Survey, expected: number | null): number =>
  expected === null || wrong === 0 ? 1 : (expected * words) / wrong;

/** As many of the first places as halve what is wrong. */
export function halving({ places, wrong }: Survey): number {
  let left = wrong;
  let count = 0;
  for (const each of places) {
    if (left <= wrong / 2) break;
    if (each.kind === "words") left -= each.wrong;
    count++;
  }
  return count;
}

export interface Step {
  readonly places: number;
  readonly seconds: number;
  readonly rate: number;
}

/** What so many steps of review would bring, the most useful places first. */
export function curve(found: Survey, scale: number, steps = 24): Step[] {
  const points: Step[] = [];
  const { length } = found.places;
  let { wrong } = found;
  let seconds = 0;
  let next = 0;
  found.places.forEach((each, at) => {
    if (at >= next) {
      points.push({ places: at, seconds, rate: (scale * wrong) / found.words });
      next += length / steps;
    }
    seconds += each.seconds;
    if (each.kind === "words") wrong -= each.wrong;
  });
  points.push({ places: length, seconds, rate: found.words ? (scale * wrong) / found.words : 0 });
  return points;
}
