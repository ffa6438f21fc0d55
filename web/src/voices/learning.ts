/** Voices learned from speakers of transcripts. */

import { api, ask } from "../api/client";

export interface Heard {
  readonly transcript: string;
  readonly label: string;
}

/** Learn a voice from each of these, under one name; all of them are named so. */
export async function learn(name: string, consent: string, heard: readonly Heard[]): Promise<void> {
  for (const { transcript, label } of heard) {
    const body = { name: name.trim(), consent: consent.trim(), transcript, speaker: label };
    await ask(api.POST("/v1/voices", { body: { ...body, model: "auto" } }));
  }
}
