/** Passages handed on with a link that plays them. */

import { clock } from "../ui/format";
import type { Desk } from "./desk.svelte";
import { joinedText } from "./document/types";

export interface Quote {
  readonly text: string;
  readonly speaker: string;
  readonly start: number;
  readonly link: string;
}

/** The selected words, or the line at hand. */
export function quoteOf(desk: Desk): Quote | null {
  desk.settle();
  const words = desk.sight.chosenWords();
  const first = words[0];
  if (!first) return null;
  const link = desk.place.linkAt(first.start);
  return { text: joinedText(words), speaker: desk.nameOf(first.speaker), start: first.start, link };
}

export const markdownOf = ({ text, speaker, start, link }: Quote): string =>
  `> ${text}\n> — ${speaker}, [${clock(start)}](${link})\n`;

export async function copyQuote(desk: Desk): Promise<void> {
  const quote = quoteOf(desk);
  if (!quote) return;
  await desk.copy(markdownOf(quote));
}

/** A link that makes a note in Obsidian. */
export function obsidianLink(name: string, content: string): string {
  const file = name.replace(/[\\/:*?"<>|#^[\]]/g, " ").trim();
  return `obsidian://new?file=${encodeURIComponent(file)}&content=${encodeURIComponent(content)}`;
}
