/** Transcripts for tests. */

import type { Segment, Transcript, Word } from "../document/types";

export type Shape = readonly {
  readonly speaker: number;
  readonly words: readonly {
    readonly text: string;
    readonly joined: boolean;
    readonly gap: number;
    readonly long: number;
  }[];
}[];

const labels = ["SPEAKER_00", "SPEAKER_01", "SPEAKER_02"];

/** A transcript of so many segments. */
export function sample(shape: Shape): Transcript {
  let time = 0;
  const segments: Segment[] = shape.map((each, number) => {
    const speaker = labels[each.speaker] ?? null;
    const words: Word[] = each.words.map((word, at) => {
      const start = time + word.gap;
      time = start + word.long;
      return {
        id: `w${number}.${at}`,
        text: word.text,
        start,
        end: time,
        joined: word.joined,
        confidence: 0.5 + at / 20,
        speaker,
        doubts: at % 2 ? ["shared"] : [],
        speaker_confidence: 0.9 - at / 20,
      };
    });
    const start = Math.max(0, (words[0]?.start ?? 0) - 0.05);
    return {
      start,
      end: time + 0.05,
      words,
      speaker,
      temperature: number % 2 ? 0 : 0.2,
      mean_log_probability: -number / 10,
      compression_ratio: 1.5,
      no_speech_probability: 0.01,
      language: null,
    };
  });
  return {
    id: "t",
    recording: { name: "talk.wav", duration: time + 5, sha256: "0".repeat(64) },
    language: "en",
    segments,
    turns: labels.map((speaker) => ({ start: 0, end: 1, speaker })),
    exclusive_turns: [],
    speakers: labels.map((label) => ({ label, speech: 1, name: null, voice: null })),
    removed: [],
    expected_errors: null,
    enhancement: null,
    paragraphs: [],
    notes: {
      title: "",
      summary: "",
      chapters: [],
      action_items: [],
      names: [],
      translations: { de: segments.map((_, number) => `Satz ${number}`) },
    },
    warnings: [],
  };
}
