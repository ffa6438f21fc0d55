import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Operation } from "./document/types";
import { Saver } from "./saving.svelte";
import { Unsaved } from "./unsaved";

const renamed = (name: string): Operation => ({ kind: "rename", speaker: "S1", name });

const unsaved = () => new Unsaved("1", "");

let answers: ((response: Response) => void)[] = [];
let asked: RequestInit[] = [];

function saved(etag: string): Response {
  return new Response("{}", { status: 201, headers: { ETag: etag } });
}

async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

beforeEach(() => {
  answers = [];
  asked = [];
  localStorage.clear();
  vi.useFakeTimers();
  vi.stubGlobal("fetch", (_path: string, init: RequestInit) => {
    asked.push(init);
    return new Promise<Response>((resolve) => answers.push(resolve));
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

test("changes are sent once, however many wait for the sending before", async () => {
  const saver = new Saver("1", '"1"', async () => {}, unsaved());
  saver.add([renamed("Ann")]);
  void saver.flush();
  await settled();
  saver.add([renamed("Anna")]);
  const waiting = [saver.flush(), saver.flush()];
  answers[0]?.(saved('"2"'));
  await settled();
  expect(asked).toHaveLength(2);
  answers[1]?.(saved('"3"'));
  await Promise.all(waiting);
  expect(asked).toHaveLength(2);
  expect(saver.state).toBe("saved");
});

test("if the other version cannot be read, changes wait and are sent later", async () => {
  const { Unreachable } = await import("../api/client");
  const saver = new Saver(
    "1",
    '"1"',
    () => Promise.reject(new Unreachable("no answer")),
    unsaved(),
  );
  saver.add([renamed("Ann")]);
  const flushed = saver.flush();
  await settled();
  answers[0]?.(new Response("{}", { status: 412 }));
  await flushed;
  expect(saver.state).toBe("away");
  await vi.advanceTimersByTimeAsync(10_000);
  expect(asked).toHaveLength(2);
});

test("long changes do not ask to outlive the page, which browsers refuse by their bytes", async () => {
  const saver = new Saver("1", '"1"', async () => {}, unsaved());
  saver.add([renamed("語".repeat(30_000))]);
  void saver.flush();
  await settled();
  expect(asked[0]?.keepalive).toBe(false);
});

test("a full store of the browser does not keep changes from being sent", async () => {
  vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
    throw new DOMException("full", "QuotaExceededError");
  });
  const saver = new Saver("1", '"1"', async () => {}, unsaved());
  saver.add([renamed("Ann")]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(asked).toHaveLength(1);
});

test("whoever opens a transcript again takes over what is still being sent from it", async () => {
  const kept = await new Unsaved("1", "").open();
  const saver = new Saver("1", '"1"', async () => {}, kept);
  saver.add([renamed("Ann")]);
  const left = saver.leave();
  await settled();
  answers[0]?.(new Response("{}", { status: 503 }));
  await left;
  await Saver.handOver("1");
  await vi.advanceTimersByTimeAsync(10_000);
  expect(asked).toHaveLength(1);
  expect((await new Unsaved("1", "").open()).left).toEqual([renamed("Ann")]);
});

test("a page that was left sends what it could not send at first", async () => {
  const saver = new Saver("1", '"1"', async () => {}, unsaved());
  saver.add([renamed("Ann")]);
  const left = saver.leave();
  await settled();
  answers[0]?.(new Response("{}", { status: 503 }));
  await left;
  await vi.advanceTimersByTimeAsync(10_000);
  answers[1]?.(saved('"2"'));
  await settled();
  expect(saver.state).toBe("saved");
  expect(localStorage).toHaveLength(0);
});

test("what is sent after a link's page was left is sent as whoever opened the link", async () => {
  const { askAs } = await import("../api/client");
  askAs("secret");
  const saver = new Saver("1", '"1"', async () => {}, unsaved());
  saver.add([renamed("Ann")]);
  askAs("");
  void saver.leave();
  await settled();
  expect(asked[0]?.headers).toMatchObject({ Authorization: "Bearer secret" });
  answers[0]?.(saved('"2"'));
  await settled();
});

test("what somebody changed is not sent as whoever signed in after them", async () => {
  localStorage.setItem("trax.user", "ann");
  const saver = new Saver("1", '"1"', async () => {}, new Unsaved("1", "ann"));
  saver.add([renamed("Ann")]);
  localStorage.setItem("trax.user", "bob");
  await saver.flush();
  expect(asked).toHaveLength(0);
  expect(saver.state).toBe("refused");
  localStorage.setItem("trax.user", "ann");
  void saver.flush();
  await settled();
  expect(asked).toHaveLength(1);
});
