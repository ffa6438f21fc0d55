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

/** The same for editors that take formatted text, such as Notion. */
export function htmlOf({ text, speaker, start, link }: Quote): string {
  const quote = document.createElement("blockquote");
  const source = document.createElement("a");
  source.href = link;
  source.textContent = clock(start);
  quote.append(text, document.createElement("br"), `— ${speaker}, `, source);
  return quote.outerHTML;
}

export async function copyQuote(desk: Desk): Promise<void> {
  const quote = quoteOf(desk);
  if (!quote) return;
  await desk.copy(markdownOf(quote), htmlOf(quote));
}
