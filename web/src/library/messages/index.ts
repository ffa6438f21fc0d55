import { translator } from "../../ui/locale.svelte";
import { de } from "./de";
import { en } from "./en";

export const t = translator(en, de);

/** What is done in a stage; its own name if nothing is known of it. */
export function stageName(stage: string): string {
  const key = `stage_${stage}`;
  return key in en ? t(key as keyof typeof en) : stage;
}
