import { StateEffect } from "@codemirror/state";

/** The words in these stretches are right as they stand. */
export const accept = StateEffect.define<readonly { from: number; to: number }[]>();
