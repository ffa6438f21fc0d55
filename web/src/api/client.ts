// The service's API: paths and bodies are typed by docs/openapi.json.

import createClient, { type Middleware } from "openapi-fetch";
import { session } from "../account/session.svelte";
import { t } from "../messages";
import type { components, paths } from "./schema";
import { said } from "./words";

export type Schemas = components["schemas"];

/** What the service answered instead of what was asked for (RFC 9457). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    detail: string,
    readonly transient = false,
    readonly requestId = "",
    /** The kind of problem, as programs know it. */
    readonly code = "",
    readonly about: Readonly<Record<string, string | number>> = {},
  ) {
    super(detail);
  }
}

/** What an error says to people. */
export function reason(error: unknown): string {
  if (error instanceof Unreachable) return t("silent");
  if (error instanceof ApiError) return said(error.code, error.message, error.about);
  return error instanceof Error ? error.message : String(error);
}

/** Nobody answered at all. */
export class Unreachable extends Error {}

let visit = "";

/** Ask as whoever has opened a link from now on; with an empty text as oneself again. */
export function askAs(secret: string): void {
  visit = secret;
}

/** As whom the page asks now: what it sends after it was left is to be sent so, too. */
export const visiting = (): string => visit;

const pathOf = (url: string): string => new URL(url, location.origin).pathname;

const isOfLink = (url: string): boolean => pathOf(url) === "/v1/shared";

/** What somebody who has opened a link may ask at all: the rest is asked as oneself. */
const isForVisitors = (url: string): boolean => /^\/v1\/(shared|transcripts)\b/.test(pathOf(url));

const asVisitor: Middleware = {
  onRequest({ request }) {
    if (visit && isForVisitors(request.url)) {
      request.headers.set("Authorization", `Bearer ${visit}`);
    }
  },
  onResponse({ request, response }) {
    const isOneself = !request.headers.has("Authorization") && !isOfLink(response.url);
    if (response.status === 401 && isOneself) session.refused();
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

function asAsked(init: RequestInit, by: string): RequestInit {
  if (!by) return init;
  return { ...init, headers: { ...init.headers, Authorization: `Bearer ${by}` } };
}

/** What the service answers where the types of its description do not help; throws ApiError for a problem, Unreachable for silence. */
export async function answered(
  path: string,
  init: RequestInit = {},
  by = visit,
): Promise<Response> {
  const response = await fetch(path, asAsked(init, by)).catch((cause: unknown) => {
    throw new Unreachable("the service does not answer", { cause });
  });
  if (response.status === 401 && !by) session.refused();
  if (!response.ok) throw problem(response, await response.json().catch(() => null));
  return response;
}

/** The error that a response tells of. */
const problem = (response: Response, body: unknown): ApiError =>
  problemOf(response.status, body, response.statusText);

/** The error that an answer with this status and body tells of. */
export function problemOf(status: number, body: unknown, words = ""): ApiError {
  const told = (body ?? {}) as Partial<Schemas["Problem"]>;
  const detail = typeof told.detail === "string" ? told.detail : words;
  return new ApiError(
    status,
    detail || `${status}`,
    told.transient ?? status >= 500,
    told.request_id ?? "",
    (told.type ?? "").replace("urn:trax:error:", ""),
    told.about ?? {},
  );
}
