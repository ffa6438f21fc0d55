import { fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, expect, test, vi } from "vitest";
import { api } from "../../api/client";
import TeachPanel from "./TeachPanel.svelte";

const some = { id: "3f2a", name: "round.mp3", words: 60, lines: 41, seconds: 90 };
const found = {
  words: 60,
  lines: 41,
  seconds: 90,
  lines_needed: 40,
  obstacle: "",
  terms: [],
  transcripts: [some],
};

function finds(data: object): void {
  const answer = { data: { ...found, ...data }, response: new Response() };
  vi.spyOn(api, "GET").mockResolvedValue(answer as never);
}

afterEach(() => vi.restoreAllMocks());

test("nothing is learnt from before somebody agrees", async () => {
  finds({});
  const made = { data: { name: "ward-3" }, response: new Response() };
  const post = vi.spyOn(api, "POST").mockResolvedValue(made as never);
  render(TeachPanel);
  const start = (await screen.findByRole("button", { name: "Start" })) as HTMLButtonElement;
  await fireEvent.input(screen.getByRole("textbox"), { target: { value: "ward-3" } });
  expect(start.disabled).toBe(true);
  await fireEvent.click(screen.getByRole("checkbox"));
  expect(start.disabled).toBe(false);
  await fireEvent.click(start);
  await screen.findByRole("status");
  expect(post.mock.calls[0]?.[1]).toMatchObject({
    body: { name: "ward-3", transcripts: ["3f2a"] },
  });
});

test("as long as too little is corrected only terms are offered", async () => {
  finds({ lines: 12, terms: [{ text: "Zolpidem", count: 2 }] });
  render(TeachPanel);
  await screen.findByText(/28 more corrected lines/);
  expect(screen.queryByRole("checkbox")).toBeNull();
  expect(screen.getByText(/Zolpidem/)).toBeTruthy();
});
