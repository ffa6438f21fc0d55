// The service's API: paths and bodies are typed by docs/openapi.json.

import createClient, { type Middleware } from "openapi-fetch";
import { session } from "../account/session.svelte";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];

/** What the service answered instead of what was asked for (RFC 9457). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    detail: string,
    readonly transient = false,
    readonly requestId = "",
  ) {
    super(detail);
  }
}

/** What an error says to people. */
export const reason = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/** Nobody answered at all. */
export class Unreachable extends Error {}

let visit = "";

/** Ask as whoever has opened a link from now on; with an empty text as oneself again. */
export function askAs(secret: string): void {
  visit = secret;
}

const isOfLink = (url: string): boolean => new URL(url, location.origin).pathname === "/v1/shared";

const asVisitor: Middleware = {
  onRequest({ request }) {
    if (visit) request.headers.set("Authorization", `Bearer ${visit}`);
  },
  onResponse({ response }) {
    if (response.status === 401 && !visit && !isOfLink(response.url)) session.refused();
  },
};

export const api = createClient<paths>({ baseUrl: "" });
api.use(asVisitor);

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The body of an answer; throws ApiError for a problem, Unreachable for silence. */
export async function ask<T>(request: Promise<Answer<T>>): Promise<T> {
  const answer = await request.catch((cause: unknown) => {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    throw new Unreachable("the service does not answer", { cause });
  });
  if (!answer.response.ok) throw problem(answer.response, answer.error);
  return answer.data as T;
}

function asAsked(init: RequestInit): RequestInit {
  if (!visit) return init;
  return { ...init, headers: { ...init.headers, Authorization: `Bearer ${visit}` } };
}

/** What the service answers where the types of its description do not help; throws ApiError for a problem, Unreachable for silence. */
export async function answered(path: string, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(path, asAsked(init)).catch((cause: unknown) => {
    throw new Unreachable("the service does not answer", { cause });
  });
  if (response.status === 401 && !visit) session.refused();
  if (!response.ok) throw problem(response, await response.json().catch(() => null));
  return response;
}

/** The error that a response tells of. */
export function problem(response: Response, body: unknown): ApiError {
  const told = (body ?? {}) as { detail?: unknown; transient?: boolean; request_id?: string };
  const detail = typeof told.detail === "string" ? told.detail : response.statusText;
  return new ApiError(
    response.status,
    detail || `${response.status}`,
    told.transient ?? response.status >= 500,
    told.request_id ?? "",
  );
}
