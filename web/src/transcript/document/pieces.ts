/** Pieces of transcripts: segments with their translations, cut, joined and checked. */

import { type Insert, type Label, Misfit, type Piece, type Span, type Word } from "./types";

/** A piece without its words. */
export const frameOf = (piece: Piece): Piece => ({
  ...piece,
  segment: { ...piece.segment, words: [] },
});

export const spanOf = ({ start, end }: Span): Span => ({ start, end });

/** From the start of the first word to the end of the last one that ends. */
export function covering(words: readonly Span[]): Span {
  let start = Number.POSITIVE_INFINITY;
  let end = 0;
  for (const word of words) {
    start = Math.min(start, word.start);
    end = Math.max(end, word.end);
  }
  return { start, end };
}

export const isInside = (words: readonly Span[], span: Span): boolean =>
  words.every((word) => span.start <= word.start && word.end <= span.end);

export const insertOf = (words: readonly Word[], place: Partial<Insert>): Insert => ({
  kind: "insert",
  words,
  after: "",
  before: "",
  frame: null,
  span: null,
  ...place,
});

export const labelOf = (word: Word): Label => ({
  word: word.id,
  speaker: word.speaker,
  doubts: word.doubts,
  confidence: word.speaker_confidence,
});

export function inside(words: readonly Word[], span: Span): void {
  if (!isInside(words, span)) throw new Misfit("a word lies outside of its segment");
}

export function inOrder(words: readonly Word[]): void {
  words.forEach((word, at) => {
    const before = words[at - 1];
    if (before && word.start < before.start) {
      throw new Misfit(`the word ${word.text} starts before the word in front of it`);
    }
  });
}

export function withWords(piece: Piece, words: readonly Word[], speaker: string | null): Piece {
  inside(words, piece.segment);
  const spoken = words.map((word) => (word.speaker === speaker ? word : { ...word, speaker }));
  return { ...piece, segment: { ...piece.segment, words: spoken, speaker } };
}

export function checkText(text: string): void {
  if (!text || text !== text.trim())
    throw new Misfit("a word needs a text without spaces around it");
}

export function halves(whole: Piece, at: number): [Piece, Piece] {
  const { segment } = whole;
  const left = covering(segment.words.slice(0, at));
  const right = covering(segment.words.slice(at));
  const start = Math.min(segment.start, left.start);
  const end = Math.max(segment.end, right.end);
  return [
    { ...whole, segment: { ...segment, start, end: left.end } },
    { segment: { ...segment, start: right.start, end }, translations: {} },
  ];
}

const DECODED = [
  "temperature",
  "mean_log_probability",
  "compression_ratio",
  "no_speech_probability",
  "language",
] as const;

export function joined(first: Piece, second: Piece): Piece {
  const one = first.segment;
  const other = second.segment;
  const alike: Record<string, unknown> = {};
  for (const name of DECODED) alike[name] = one[name] === other[name] ? one[name] : null;
  const translations: Record<string, string> = {};
  for (const language of Object.keys({ ...first.translations, ...second.translations })) {
    const texts = [first.translations[language], second.translations[language]];
    translations[language] = texts.filter(Boolean).join(" ");
  }
  const start = Math.min(one.start, other.start);
  const end = Math.max(one.end, other.end);
  const segment = { ...one, ...alike, start, end, words: [], speaker: null };
  return { segment, translations };
}

/** A piece with words at other speakers, cut where the speaker changes. */
export function cut(piece: Piece, labels: ReadonlyMap<string, Label>): Piece[] {
  const runs: Word[][] = [];
  for (const word of piece.segment.words) {
    const now = labelled(word, labels.get(word.id));
    const run = runs.at(-1);
    if (run?.[0]?.speaker === now.speaker) run.push(now);
    else runs.push([now]);
  }
  return runs.map((words, at) => {
    const span = runs.length > 1 ? covering(words) : spanOf(piece.segment);
    const speaker = words[0]?.speaker ?? null;
    const segment = { ...piece.segment, ...span, words, speaker };
    return { segment, translations: at ? {} : piece.translations };
  });
}

function labelled(word: Word, label: Label | undefined): Word {
  if (!label) return word;
  const { speaker, doubts, confidence } = label;
  return { ...word, speaker, doubts, speaker_confidence: confidence };
}
