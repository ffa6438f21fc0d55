import { fireEvent, render, screen } from "@testing-library/svelte";
import { expect, test } from "vitest";
import type { Desk } from "./desk.svelte";
import Picture from "./Picture.svelte";

test("whoever hides the picture by key shows it by the same key", async () => {
  localStorage.clear();
  render(Picture, {
    desk: { player: { media: document.createElement("video") } } as unknown as Desk,
  });
  const hide = screen.getByRole("button", { name: "Hide the picture" });
  hide.focus();
  await fireEvent.click(hide);
  const show = screen.getByRole("button", { name: "Show the picture" });
  expect(document.activeElement).toBe(show);
  await fireEvent.click(show);
  expect(document.activeElement).toBe(screen.getByRole("button", { name: "Hide the picture" }));
});
