/** A transcript's shared document, as the service opens it. */

import { answered } from "../../api/client";
import type { Place } from "../place";
import { guest } from "./guest.svelte";

export interface Opening {
  readonly document: string;
  /** The version that it was last saved as. */
  readonly base: number;
  readonly parts: readonly string[];
  readonly role: "editor" | "commenter" | "viewer";
  readonly me: { readonly id: string; readonly name: string; readonly guest?: boolean };
}

const pathOf = (place: Place): string => `${place.base}/coediting`;

/** What a guest is called, for whoever came by a link. */
const named = (place: Place): string =>
  place.isShared && guest.name ? `?name=${encodeURIComponent(guest.name)}` : "";

export async function openDocument(place: Place): Promise<Opening> {
  return (await answered(pathOf(place) + named(place), { method: "POST" })).json();
}

/** Have a version made of the document now; gives its number. */
export async function saveDocument(place: Place): Promise<number> {
  const response = await answered(`${pathOf(place)}/save`, { method: "POST" });
  return (await response.json()).version;
}

export function socketOf(place: Place, document: string): string {
  const path = `${pathOf(place)}/${encodeURIComponent(document)}${named(place)}`;
  const address = new URL(path, location.origin);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  return address.href;
}
