// A link that somebody has opened: kept while the browser's tab is open, for reloads.

import { ApiError, api, ask, askAs, type Schemas } from "../api/client";

type Link = Schemas["LinkView"];

const KEPT = "trax.visit";

interface Kept {
  readonly secret: string;
  readonly token: string;
}

export interface Visit extends Kept {
  readonly link: Link;
}

/** The secret of a link in the part of an address behind `#`. */
export const secretIn = (hash: string): string => /^#([\w-]+)/.exec(hash)?.[1] ?? "";

/** Open a link; null if it asks for a password, and this is not it. Throws ApiError if it shows nothing. */
export async function openLink(secret: string, password = ""): Promise<Visit | null> {
  if (!password) {
    const still = await stillOpen(secret);
    if (still) return still;
  }
  try {
    const body = { link: secret, password };
    const { link, token } = await ask(api.POST("/v1/shared", { body }));
    return { secret, token, link };
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return null;
    throw error;
  }
}

/** Ask as whoever has opened the link until the page is left, and after it is loaded again. */
export function enter({ secret, token }: Visit): void {
  askAs(token);
  sessionStorage.setItem(KEPT, JSON.stringify({ secret, token } satisfies Kept));
}

export const leave = (): void => askAs("");

async function stillOpen(secret: string): Promise<Visit | null> {
  const kept: Kept | null = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
  if (kept?.secret !== secret) return null;
  const headers = { Authorization: `Bearer ${kept.token}` };
  try {
    return { ...kept, link: await ask(api.GET("/v1/shared", { headers })) };
  } catch (error) {
    if (error instanceof ApiError) return null;
    throw error;
  }
}
