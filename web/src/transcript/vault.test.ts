import { expect, test } from "vitest";
import { obsidianLink, vault } from "./vault.svelte";

const fileOf = (link: string) => new URL(link).searchParams.get("file");

test("a note's name and folder have no character that Obsidian refuses", () => {
  const link = obsidianLink("a/b: c#1", "x & y", { name: "My notes", folder: "/Work//Calls?/" });
  expect(fileOf(link)).toBe("Work/Calls/a b  c 1");
  expect(new URL(link).searchParams.get("vault")).toBe("My notes");
  expect(new URL(link).searchParams.get("content")).toBe("x & y");
});

test("without a choice the open vault takes it", () => {
  expect(obsidianLink("a", "")).toBe("obsidian://new?file=a&content=");
});

test("a template that is gone is not asked for", () => {
  vault.keep({ template: "minutes" });
  expect(vault.templateOf(["note", "minutes"])).toBe("minutes");
  expect(vault.templateOf(["note"])).toBe("");
});
