import { expect, test } from "vitest";
import type { Transcript } from "../document/types";
import { counted, Plain } from "./random";
import { sample } from "./sample";
import { Session } from "./session";

const word = (text: string) => ({ text, joined: false, gap: 0.1, long: 0.4 });
const said = (text: string) => ({ speaker: 0, words: text.split(" ").map(word) });

function opened(...lines: string[]) {
  const session = new Session(sample(lines.map(said)), counted);
  return { session, host: new Plain(session.begin()) };
}

const lineOf = ({ segments }: Transcript, at: number) => segments[at]?.words ?? [];

test("words go with their sound, and undo brings both back exactly", () => {
  const { session, host } = opened("one two three", "four");
  const before = session.model.snapshot();
  const gone = lineOf(before, 0).slice(1, 2);
  session.silence(host, gone);
  const after = session.model.snapshot();
  expect(host.state.doc.toString()).toBe("one three\nfour");
  expect(after.silenced).toEqual([{ start: gone[0]?.start, end: gone[0]?.end }]);
  expect(lineOf(after, 0).map((each) => each.text)).toEqual(["one", "three"]);
  session.undo(host);
  expect(session.model.snapshot()).toEqual(before);
  expect(
    session
      .taken()
      .map((each) => each.kind)
      .slice(0, 2),
  ).toEqual(["silence", "delete"]);
});

test("lines that go as a whole leave none behind, and join no others", () => {
  const { session, host } = opened("one", "two three", "four five");
  const before = session.model.snapshot();
  session.silence(host, [...lineOf(before, 1), ...lineOf(before, 2).slice(0, 1)]);
  expect(host.state.doc.toString()).toBe("one\nfive");
  expect(session.model.silenced).toHaveLength(2);
  session.undo(host);
  expect(session.model.snapshot()).toEqual(before);
});

test("the last line goes with the break before it", () => {
  const { session, host } = opened("one", "two");
  session.silence(host, lineOf(session.model.snapshot(), 1));
  expect(host.state.doc.toString()).toBe("one");
});
