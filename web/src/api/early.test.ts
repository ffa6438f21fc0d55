import { afterEach, expect, test, vi } from "vitest";
import { askEarly, takeEarly } from "./early";

afterEach(() => vi.unstubAllGlobals());

function answering(status: number) {
  const fetched = vi.fn(async () => new Response("{}", { status }));
  vi.stubGlobal("fetch", fetched);
  return fetched;
}

test("a transcript that was asked for early is given once", async () => {
  const fetched = answering(200);
  askEarly("/t/abc");
  expect(await takeEarly("/v1/transcripts/abc")).not.toBeNull();
  expect(await takeEarly("/v1/transcripts/abc")).toBeNull();
  expect(fetched).toHaveBeenCalledTimes(1);
});

test("what was refused before somebody signed in, or is another transcript, is asked anew", async () => {
  answering(401);
  askEarly("/t/abc");
  expect(await takeEarly("/v1/transcripts/abc")).toBeNull();
  answering(200);
  askEarly("/t/abc");
  expect(await takeEarly("/v1/transcripts/other")).toBeNull();
});

test("other pages ask for nothing", () => {
  const fetched = answering(200);
  askEarly("/settings");
  expect(fetched).not.toHaveBeenCalled();
});
