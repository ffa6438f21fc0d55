import { expect, test } from "vitest";
import { Captions, linesOf, type Word } from "./captions.svelte";
import { Unsent } from "./unsent";

const word = (id: string, speaker: string | null = null): Word => ({
  id,
  start: 0,
  end: 1,
  text: id,
  speaker,
});

const bytes = (...sizes: number[]) => sizes.map((size) => new ArrayBuffer(size));

test("what was not received is sent again, from the very byte", () => {
  const unsent = new Unsent();
  for (const chunk of bytes(10, 10, 10)) unsent.add(chunk);
  unsent.forget(10);
  const sizes = unsent.after(15).map((chunk) => chunk.byteLength);
  expect(sizes).toEqual([5, 10]);
  expect(unsent.after(30)).toEqual([]);
});

test("a line is what somebody says until somebody else does", () => {
  const lines = linesOf([word("a", "A"), word("b", "A"), word("c", "B"), word("d", "A")]);
  expect(lines.map((line) => line.words.length)).toEqual([2, 1, 1]);
});

test("words come, get speakers, names and corrections", () => {
  const captions = new Captions();
  captions.take({ type: "words", seq: 1, committed: [word("a")], tentative: [word("")] });
  captions.take({ type: "speakers", seq: 2, words: { a: "S" }, names: { S: "Anna" } });
  captions.take({ type: "correct", seq: 3, word: "a", text: "Cintra" });
  expect(captions.lines[0]).toMatchObject({ speaker: "S", words: [{ text: "Cintra" }] });
  expect(captions.names.S).toBe("Anna");
  expect(captions.tentative).toHaveLength(1);
  captions.take({ type: "end", seq: 4, duration: 1 });
  captions.take({ type: "job", seq: 5, job: "j1" });
  expect([captions.state, captions.job]).toEqual(["over", "j1"]);
  expect(captions.tentative).toHaveLength(0);
});

test("only what people should know is noted, until it is over", () => {
  const captions = new Captions();
  captions.take({ type: "note", kind: "slow", text: "busy" });
  captions.take({ type: "note", kind: "resumed", text: "the recording was resumed" });
  expect(captions.note?.kind).toBe("slow");
  captions.take({ type: "note", kind: "caught_up", text: "quick again" });
  expect(captions.note).toBeNull();
});
