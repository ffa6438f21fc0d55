import { fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Desk } from "../desk.svelte";
import { sample } from "../editor/sample";
import { ownPlace } from "../place";
import { Unsaved } from "../unsaved";
import HistoryPanel from "./HistoryPanel.svelte";

const at = "2026-01-05T10:00:00Z";
const ann = { id: "u1", name: "Ann", guest: false };
const ada = { id: "link l", name: "Ada", guest: true };
const bo = { id: "link l", name: "Bo", guest: true };

const change = (version: number, author: object) => ({
  version,
  kind: "edit",
  at,
  author,
  authors: [author],
  name: null,
  counts: { replace: 1 },
});

let blame: object[] = [];

beforeEach(() => {
  blame = [{ text: "thanks", start: 1, version: 2, authors: [ann], at }];
  vi.stubGlobal("fetch", async (path: string) => {
    const items = path.includes("/revisions")
      ? [change(4, bo), change(3, ada), change(2, ann)]
      : [];
    return new Response(JSON.stringify({ items: path.endsWith("/blame") ? blame : items }));
  });
});

afterEach(() => vi.unstubAllGlobals());

async function shown(): Promise<Desk> {
  const transcript = sample([
    { speaker: 0, words: [{ text: "thanks", joined: false, gap: 0, long: 1 }] },
  ]);
  const unsaved = await new Unsaved(transcript.id, "").open();
  const place = { ...ownPlace(transcript.id, "viewer"), hasSound: false };
  const desk = new Desk(place, { transcript, etag: '"4"' }, unsaved);
  render(HistoryPanel, { desk });
  await screen.findByText("Ada (Guest)", { selector: "b" });
  return desk;
}

test("guests are marked, and two with one link are two", async () => {
  await shown();
  const names = screen.getAllByRole("option").map((each) => each.textContent);
  expect(names.slice(1).sort()).toEqual(["Ada (Guest)", "Ann", "Bo (Guest)"]);
});

test("somebody of whom no word is left is not everybody", async () => {
  await shown();
  await fireEvent.click(screen.getByRole("button", { name: "Who wrote what?" }));
  await screen.findByText("thanks", { selector: "ins" });
  await fireEvent.change(screen.getByRole("combobox"), { target: { value: "link l Ada" } });
  screen.getByText("No word of the text is theirs now.");
});

test("who wrote what is read again when there is a new version", async () => {
  const desk = await shown();
  await fireEvent.click(screen.getByRole("button", { name: "Who wrote what?" }));
  await screen.findByText("thanks", { selector: "ins" });
  blame = [{ text: "many thanks", start: 1, version: 5, authors: [ada], at }];
  (desk.saver as { versions: number }).versions += 1;
  await waitFor(() => screen.getByText("many thanks", { selector: "ins" }));
});
