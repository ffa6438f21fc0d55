/** A transcript as the service gives it (docs/transcript.schema.json); times in seconds. */

export type Doubt = "no_turn" | "shared" | "overlap" | "moved";

export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Another reading of a word. */
export interface Alternative {
  /** One word or several; empty if the word may not have been said at all. */
  readonly text: string;
  /** The model that read it. */
  readonly source: string;
  readonly confidence: number;
}

export interface Word extends Span {
  readonly text: string;
  /** Probability that the word is right; null where no engine said. */
  readonly confidence: number | null;
  readonly speaker: string | null;
  readonly doubts: readonly Doubt[];
  /** Whether no space separates it from the word before. */
  readonly joined: boolean;
  readonly speaker_confidence: number | null;
  readonly id: string;
  /** Left out where there are none. */
  readonly alternatives?: readonly Alternative[];
}

export interface Segment extends Span {
  readonly words: readonly Word[];
  readonly speaker: string | null;
  readonly temperature: number | null;
  readonly mean_log_probability: number | null;
  readonly compression_ratio: number | null;
  readonly no_speech_probability: number | null;
  readonly language: string | null;
}

export interface Turn extends Span {
  readonly speaker: string;
}

export interface Speaker {
  readonly label: string;
  readonly speech: number;
  readonly name: string | null;
  readonly voice: { readonly profile: string; readonly name: string } | null;
}

export interface Removed {
  readonly reason: "repeat" | "echo" | "no_speech";
  readonly words: readonly Word[];
}

/** A change that a language model asked for. */
export interface Suggestion extends Span {
  readonly kind: "wording" | "form" | "speaker";
  readonly task: string;
  readonly before: string;
  readonly after: string;
  /** Why it was not made; empty where it was. */
  readonly rejected: string;
  /** Ids of the words that it made. */
  readonly words?: readonly string[];
}

export interface Notes {
  readonly title: string;
  readonly summary: string;
  readonly chapters: readonly { readonly start: number; readonly title: string }[];
  readonly action_items: readonly {
    readonly text: string;
    readonly start: number;
    readonly quote: string;
    readonly speaker: string | null;
  }[];
  readonly names: readonly {
    readonly speaker: string;
    readonly name: string;
    readonly start: number;
    readonly quote: string;
  }[];
  /** By language, a text for every segment. */
  readonly translations: Readonly<Record<string, readonly string[]>>;
}

export interface Transcript {
  readonly id: string;
  readonly recording: { readonly name: string; readonly duration: number; readonly sha256: string };
  readonly language: string;
  readonly segments: readonly Segment[];
  readonly turns: readonly Turn[];
  readonly exclusive_turns: readonly Turn[];
  readonly speakers: readonly Speaker[];
  readonly removed: readonly Removed[];
  readonly expected_errors: {
    readonly rate: number;
    readonly low: number;
    readonly high: number;
  } | null;
  readonly enhancement: { readonly edits: readonly Suggestion[] } | null;
  readonly paragraphs: readonly number[];
  readonly notes: Notes | null;
  readonly warnings: readonly string[];
  /** When words were said that people deleted with their sound; left out where there are none. */
  readonly silenced?: readonly Span[];
}

/** A segment with its translations; in an operation, without its words. */
export interface Piece {
  readonly segment: Segment;
  readonly translations: Readonly<Record<string, string>>;
}

export interface Label {
  readonly word: string;
  readonly speaker: string | null;
  readonly doubts: readonly Doubt[];
  readonly confidence: number | null;
}

/** What people decide, as trax.revision has it. */
export type Operation =
  | {
      readonly kind: "replace";
      readonly word: string;
      readonly text: string;
      readonly confidence: number | null;
    }
  | {
      readonly kind: "insert";
      readonly words: readonly Word[];
      readonly after: string;
      readonly before: string;
      readonly frame: Piece | null;
      readonly span: Span | null;
    }
  | {
      readonly kind: "delete";
      readonly words: readonly string[];
      readonly span: Span | null;
      /** Whether their sound goes, too: the service alone does that. */
      readonly silenced?: boolean;
    }
  | { readonly kind: "relabel"; readonly labels: readonly Label[] }
  | { readonly kind: "rename"; readonly speaker: string; readonly name: string | null }
  | { readonly kind: "add_speaker"; readonly speaker: Speaker; readonly at: number | null }
  | { readonly kind: "remove_speaker"; readonly speaker: string }
  | {
      readonly kind: "split";
      readonly before: string;
      readonly frames: readonly [Piece, Piece] | null;
    }
  | { readonly kind: "join"; readonly word: string; readonly frame: Piece | null }
  | { readonly kind: "restore"; readonly word: string; readonly pieces: readonly Piece[] }
  | {
      readonly kind: "withdraw";
      readonly words: readonly string[];
      readonly removed: Removed;
      readonly at: number;
    }
  | { readonly kind: "silence" | "unsilence"; readonly spans: readonly Span[] }
  | { readonly kind: "together"; readonly operations: readonly Operation[] };

export type Insert = Extract<Operation, { kind: "insert" }>;

/** An operation that does not fit the transcript. */
export class Misfit extends Error {}

/** Confidence of what a person says. */
export const SURE = 1;

/** A word's text on one line. */
export const display = (text: string): string => text.replace(/[\r\n\u2028\u2029]+/g, " ");

/** The words as running text. */
export function joinedText(words: readonly Word[]): string {
  let text = "";
  for (const word of words) text += (word.joined || !text ? "" : " ") + display(word.text);
  return text;
}

/** What to show people for a speaker's label. */
export function displayName(speakers: readonly Speaker[], label: string | null): string {
  const at = speakers.findIndex((each) => each.label === label);
  const speaker = speakers[at];
  if (!speaker) return "Unknown";
  return speaker.name ?? speaker.voice?.name ?? `Speaker ${at + 1}`;
}

/** The operations that one consists of, in their order. */
export function flattened(operation: Operation): Operation[] {
  return operation.kind === "together" ? operation.operations.flatMap(flattened) : [operation];
}
