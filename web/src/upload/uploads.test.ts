import { afterEach, expect, test, vi } from "vitest";
import { api } from "../api/client";
import { keep } from "./kept";
import { Uploads } from "./uploads.svelte";

afterEach(() => {
  vi.restoreAllMocks();
  localStorage.clear();
});

test("a job that was refused after the page was closed is asked for again", async () => {
  const file = { key: "k", name: "talk.wav", size: 8, options: {}, folder: "", sent: 8 };
  keep({ ...file, url: "/v1/uploads/u1", isSent: true });
  const sent = { data: { sha256: "abc" }, response: new Response() };
  vi.spyOn(api, "GET").mockResolvedValue(sent as never);
  const refused = { error: {}, response: new Response(null, { status: 503 }) };
  const post = vi.spyOn(api, "POST").mockResolvedValue(refused as never);
  const uploads = new Uploads();
  uploads.restore();
  await vi.waitFor(() => expect(uploads.items[0]?.state).toBe("failed"));
  post.mockResolvedValue({ data: { id: "j1" }, response: new Response() } as never);
  const [item] = uploads.items;
  if (item) uploads.retry(item);
  await vi.waitFor(() => expect(uploads.items).toHaveLength(0));
});
