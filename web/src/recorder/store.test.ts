import "fake-indexeddb/auto";
import { expect, test } from "vitest";
import { append, discard, fileOf, type Recorded, unsent } from "./store";

const RECORDED: Recorded = {
  id: "a",
  name: "a.webm",
  type: "audio/webm",
  startedAt: 1000,
  duration: 2,
};

async function bytes(file: File): Promise<string> {
  return new TextDecoder().decode(await file.arrayBuffer());
}

test("what was kept before a crash is a file, in order, and the same file each time", async () => {
  await append(RECORDED, 1, new Blob(["second"]));
  await append(RECORDED, 0, new Blob(["first"]));
  await append({ ...RECORDED, id: "b" }, 0, new Blob(["other"]));
  const file = await fileOf(RECORDED);
  expect(await bytes(file)).toBe("firstsecond");
  expect(file.lastModified).toBe(1000);
});

test("what was sent is forgotten, and nothing else", async () => {
  await append(RECORDED, 0, new Blob(["first"]));
  await append({ ...RECORDED, id: "b" }, 0, new Blob(["other"]));
  await discard("a");
  expect((await unsent()).map((each) => each.id)).toEqual(["b"]);
  expect((await fileOf(RECORDED)).size).toBe(0);
});
