import { fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, expect, test, vi } from "vitest";
import { Desk } from "./desk.svelte";
import { sample } from "./editor/sample";
import { ownPlace } from "./place";
import { Unsaved } from "./unsaved";
import Workplace from "./Workplace.svelte";

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

test("the menu of speakers has the arrows and Escape, whatever they do in the text", async () => {
  const word = { text: "hello", joined: false, gap: 0, long: 0.4 };
  const transcript = sample([{ speaker: 0, words: [word] }]);
  const place = { ...ownPlace(transcript.id, "editor"), hasSound: false, isShared: true };
  const unsaved = await new Unsaved(transcript.id, "").open();
  const desk = new Desk(place, { transcript, etag: '"1"' }, unsaved);
  render(Workplace, { desk });
  const [segment] = desk.model.segments;
  if (!segment) throw new Error("nobody speaks");
  desk.asking = { segment, at: { bottom: 0, left: 0 } as DOMRect };
  const first = await screen.findByRole("menuitemradio", { name: /1/ });
  first.focus();
  const moved = vi.spyOn(desk.listening, "moveLine");
  await fireEvent.keyDown(first, { key: "ArrowDown", code: "ArrowDown" });
  expect(moved).not.toHaveBeenCalled();
  expect(document.activeElement).not.toBe(first);
  desk.mode = "edit";
  await fireEvent.keyDown(first, { key: "Escape", code: "Escape" });
  expect(desk.asking).toBeNull();
  expect(desk.mode).toBe("edit");
});
