import { afterEach, expect, test, vi } from "vitest";
import { api } from "../api/client";
import { Transcripts } from "./transcripts.svelte";

afterEach(() => {
  vi.restoreAllMocks();
});

/** The page that a request asks for: one transcript, and two more pages after the first. */
function page(cursor: string | undefined) {
  const at = Number(cursor ?? 0);
  const items = [{ id: `${at}`, language: "en" }];
  const data = { items, next_cursor: at < 2 ? `${at + 1}` : null };
  return Promise.resolve({ data, response: new Response() });
}

test("a page that is asked for twice is shown once", async () => {
  const answer = (_path: string, asked: { params: { query: { cursor?: string } } }) =>
    page(asked.params.query.cursor);
  vi.spyOn(api, "GET").mockImplementation(answer as never);
  const transcripts = new Transcripts();
  await transcripts.load();
  await Promise.all([transcripts.more(), transcripts.more()]);
  expect(transcripts.items.map((each) => each.id)).toEqual(["0", "1"]);
  await transcripts.more();
  expect(transcripts.items.map((each) => each.id)).toEqual(["0", "1", "2"]);
});
