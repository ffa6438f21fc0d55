/** A transcript's shared document, as the service opens it. */

import { answered } from "../../api/client";

export interface Opening {
  readonly document: string;
  /** The version that it was last saved as. */
  readonly base: number;
  readonly parts: readonly string[];
  readonly role: "editor" | "commenter" | "viewer";
  readonly me: { readonly id: string; readonly name: string };
}

const pathOf = (id: string): string => `/v1/transcripts/${encodeURIComponent(id)}/coediting`;

export async function openDocument(id: string): Promise<Opening> {
  return (await answered(pathOf(id), { method: "POST" })).json();
}

/** Have a version made of the document now; gives its number. */
export async function saveDocument(id: string): Promise<number> {
  const response = await answered(`${pathOf(id)}/save`, { method: "POST" });
  return (await response.json()).version;
}

export function socketOf(id: string, document: string): string {
  const address = new URL(`${pathOf(id)}/${encodeURIComponent(document)}`, location.origin);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  return address.href;
}
