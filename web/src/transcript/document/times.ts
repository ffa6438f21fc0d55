/** When words were said that the sound did not give: between their neighbours. */

import type { Archive } from "./archive";
import type { Model } from "./model";
import { heardAs, type Slot } from "./slots";
import { display, type Piece, type Span, SURE, type Word } from "./types";

const LETTER_SECONDS = 0.065;

export interface Neighbours {
  /** The word before and after them in their segment. */
  readonly previous?: Word | undefined;
  readonly following?: Word | undefined;
  /** The last word of the segment before. */
  readonly lead?: Word | undefined;
  /** The time before which they end. */
  readonly limit: number;
}

/** Words that are put in: those from before with their times, new ones with times in between. */
export function timedWords(
  model: Model,
  archive: Archive,
  run: readonly Slot[],
  speaker: string | null,
  beside: Neighbours,
): Word[] {
  const words: Word[] = [];
  const { following } = beside;
  const known = (slot: Slot) => knownWord(model, archive, slot);
  run.forEach((slot, at) => {
    const previous = words.at(-1) ?? beside.previous;
    const later = run.slice(at + 1);
    const heard = later
      .filter((each) => heardAs(model, each))
      .map(known)
      .find((word) => isBetween(word, previous, following));
    const until = heard ?? following;
    const former = known(slot);
    const limit = heardAs(model, slot) ? following : until;
    if (former && isBetween(former, previous, limit)) {
      words.push(formerly(archive, slot, former, speaker));
      return;
    }
    const next = later.map(known).find((word) => isBetween(word, previous, until)) ?? following;
    const lead = previous ?? (isAfter(next, beside.lead) ? beside.lead : undefined);
    const letters = run.slice(at).reduce((sum, each) => sum + each.token.text.length, 0);
    const room = roomFor(slot, letters, lead, next, beside.limit);
    const duration = ((room.end - room.start) * slot.token.text.length) / letters;
    const span = { start: room.start, end: Math.max(room.start, room.start + duration) };
    // What is said of a word that only has to stand elsewhere stays as it was.
    if (former) words.push({ ...formerly(archive, slot, former, speaker), ...span });
    else words.push(newWord(slot, span, speaker));
  });
  return words;
}

/** A word as it was; at the sound's times if it reads as it was heard. */
function knownWord(model: Model, archive: Archive, slot: Slot): Word | undefined {
  const word = archive.word(slot.id);
  const heard = heardAs(model, slot);
  return word && heard ? { ...word, start: heard.start, end: heard.end } : word;
}

function formerly(archive: Archive, slot: Slot, former: Word, speaker: string | null): Word {
  const { text } = slot.token;
  const isSame = text === display(former.text);
  const confidence = archive.confidence(slot.id, text);
  const label = archive.label(slot.id, speaker);
  return {
    ...former,
    text: isSame ? former.text : text,
    confidence: isSame ? former.confidence : confidence === undefined ? SURE : confidence,
    joined: slot.isFirst ? (archive.isJoined(slot.id) ?? false) : slot.token.joined,
    speaker,
    doubts: label ? label.doubts : [],
    speaker_confidence: label ? label.confidence : SURE,
  };
}

/** The time that so many letters of new text may take. */
function roomFor(
  slot: Slot,
  letters: number,
  before: Word | undefined,
  next: Word | undefined,
  limit: number,
): Span {
  const wanted = letters * LETTER_SECONDS;
  if (!before) {
    const end = next?.start ?? Math.min(limit, wanted);
    return { start: Math.max(0, end - wanted), end };
  }
  const end = Math.max(before.start, next?.start ?? limit);
  const isCutOff = slot.token.within !== undefined;
  const from = isCutOff ? (before.start + before.end) / 2 : before.end;
  const start = Math.max(before.start, Math.min(from, end));
  return { start, end: next ? end : Math.min(end, start + wanted) };
}

const isAfter = (word: Word | undefined, lead: Word | undefined): boolean =>
  !word || !lead || lead.start <= word.start;

const isBetween = (
  word: Word | undefined,
  before: Word | undefined,
  after: Word | undefined,
): boolean =>
  word !== undefined &&
  (!before || before.start <= word.start) &&
  (!after || word.start <= after.start);

export function newWord(slot: Slot, span: Span, speaker: string | null): Word {
  const { text, joined } = slot.token;
  return {
    start: span.start,
    end: Math.max(span.start, span.end),
    text,
    confidence: SURE,
    speaker,
    doubts: [],
    joined,
    speaker_confidence: SURE,
    id: slot.id,
  };
}

export const plainFrame = (span: Span): Piece => ({
  segment: {
    ...span,
    words: [],
    speaker: null,
    temperature: null,
    mean_log_probability: null,
    compression_ratio: null,
    no_speech_probability: null,
    language: null,
  },
  translations: {},
});
