import { fireEvent, render } from "@testing-library/svelte";
import { expect, test, vi } from "vitest";
import type { Desk } from "../desk.svelte";
import ExportPanel from "./ExportPanel.svelte";

test("a download does not wait for changes that cannot be saved", async () => {
  const flush = vi.fn(async (): Promise<void> => {
    if (flush.mock.calls.length > 3) throw new Error("asked again and again");
  });
  const desk = {
    changes: 0,
    transcript: { recording: { name: "talk.wav" }, language: "en", notes: null },
    place: { base: "/v1/transcripts/1", isShared: false },
    saver: { state: "away", isPending: true, flush },
    settle: () => {},
  };
  const { container } = render(ExportPanel, { desk: desk as unknown as Desk });
  const link = container.querySelector("a.download") as HTMLAnchorElement;
  const heard: boolean[] = [];
  container.addEventListener("click", (event) => {
    heard.push(event.defaultPrevented);
    event.preventDefault();
  });
  expect(flush).toHaveBeenCalledTimes(1);
  await fireEvent.click(link);
  await new Promise((done) => setTimeout(done));
  expect(flush).toHaveBeenCalledTimes(2);
  expect(heard).toEqual([true, false]);
});
