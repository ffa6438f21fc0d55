/** What the first page is about, asked for before anything else of the page has come. */

interface Asked {
  readonly path: string;
  readonly answer: Promise<Response | null>;
}

let asked: Asked | null = null;

/** Ask for the transcript that the page at *address* shows, if it is one of those. */
export function askEarly(address: string): void {
  const id = /^\/t\/([^/]+)$/.exec(address)?.[1];
  if (!id) return;
  const path = `/v1/transcripts/${id}`;
  asked = { path, answer: fetch(path).catch(() => null) };
}

/** The answer to *path*, once; null if it was not asked for, or was refused to whoever asked. */
export async function takeEarly(path: string): Promise<Response | null> {
  const found = asked;
  asked = null;
  const answer = found?.path === path ? await found.answer : null;
  return answer?.ok ? answer : null;
}
