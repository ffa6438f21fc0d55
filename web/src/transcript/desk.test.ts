import { EditorView } from "@codemirror/view";
import { beforeEach, expect, test, vi } from "vitest";
import { Desk } from "./desk.svelte";
import { sample } from "./editor/sample";
import { ownPlace, type Role } from "./place";
import { Unsaved } from "./unsaved";

beforeEach(() => localStorage.clear());

/** A transcript opened by somebody whose page was closed before a name was saved. */
async function opened(role: Role): Promise<Desk> {
  const word = { text: "hello", joined: false, gap: 0, long: 0.4 };
  const transcript = sample([{ speaker: 0, words: [word] }]);
  const speaker = transcript.speakers[0]?.label ?? "";
  new Unsaved(transcript.id, "").keep([{ kind: "rename", speaker, name: "Ann" }]);
  const unsaved = await new Unsaved(transcript.id, "").open();
  const place = { ...ownPlace(transcript.id, role), hasSound: false };
  return new Desk(place, { transcript, etag: '"1"' }, unsaved);
}

test("what was not saved is not sent for somebody who may only read", async () => {
  vi.useFakeTimers();
  expect((await opened("editor")).saver.isPending).toBe(true);
  localStorage.clear();
  const desk = await opened("viewer");
  expect(desk.saver.isPending).toBe(false);
  expect(desk.model.speakers[0]?.name).not.toBe("Ann");
  vi.clearAllTimers();
  vi.useRealTimers();
});

test("undo takes back what was there before, except for whoever came by a link", async () => {
  for (const isShared of [true, false]) {
    const { place, model } = await opened("viewer");
    const read = { transcript: model.source, etag: '"1"' };
    const unsaved = await new Unsaved("other", "").open();
    const desk = new Desk({ ...place, role: "editor", isShared }, read, unsaved);
    desk.view = new EditorView({ state: desk.session.begin() });
    const takeBack = vi.spyOn(desk.saver, "takeBack").mockResolvedValue(false);
    desk.undo();
    expect(takeBack).toHaveBeenCalledTimes(isShared ? 0 : 1);
  }
});

test("words that are given to somebody count, and those that are taken back", async () => {
  vi.useFakeTimers();
  const desk = await opened("editor");
  desk.view = new EditorView({ state: desk.session.begin() });
  const words = desk.model.segments.flatMap((segment) => segment.words.map((word) => word.id));
  desk.assign(words, null);
  expect(desk.assigned).toBe(1);
  desk.undo();
  expect(desk.assigned).toBe(2);
  vi.clearAllTimers();
  vi.useRealTimers();
});

test("what is only read until others are known can be changed from then on, as was asked for", async () => {
  vi.useFakeTimers();
  const { place, model } = await opened("editor");
  localStorage.clear();
  const read = { transcript: model.source, etag: '"1"' };
  const desk = new Desk(place, read, new Unsaved("other", ""));
  desk.isJoining = true;
  desk.view = new EditorView({ state: desk.session.begin() });
  const words = desk.model.segments.flatMap((segment) => segment.words.map((word) => word.id));
  desk.assign(words, null);
  desk.write();
  expect([desk.assigned, desk.mode]).toEqual([0, "read"]);
  const unsaved = new Unsaved("other", "");
  const speaker = desk.model.speakers[0]?.label ?? "";
  unsaved.left.push({ kind: "rename", speaker, name: "Ann" });
  desk.view.dispatch({ selection: { anchor: 2, head: 4 } });
  desk.join(read, unsaved, null);
  desk.view = new EditorView({ state: desk.session.begin() });
  desk.resume();
  const { anchor, head } = desk.view.state.selection.main;
  expect([anchor, head]).toEqual([2, 4]);
  expect([desk.mode, desk.saver.isPending, desk.opened]).toEqual(["edit", true, 1]);
  expect(desk.model.speakers[0]?.name).toBe("Ann");
  vi.clearAllTimers();
  vi.useRealTimers();
});
