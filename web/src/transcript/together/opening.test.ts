import { beforeEach, expect, test } from "vitest";
import { ownPlace, sharedPlace } from "../place";
import { guest } from "./guest.svelte";
import { socketOf } from "./opening";

const link = { id: "l", transcript_id: "t", permission: "edit", passage: null };

beforeEach(() => guest.say("Ada Müller"));

test("the socket of a link is where the browser sends what the link was opened with", () => {
  expect(socketOf(sharedPlace(link, "s"), "d")).toMatch(
    /^ws:.*\/v1\/shared\/l\/coediting\/d\?name=Ada%20M%C3%BCller$/,
  );
  expect(socketOf(ownPlace("t", "editor"), "d")).toMatch(/\/v1\/transcripts\/t\/coediting\/d$/);
});

test.each([
  ["view", null, false, false],
  ["comment", null, true, true],
  ["edit", null, true, true],
  ["comment", {}, false, true],
])(
  "a link to %s (passage: %o) joins: %s, and shows comments: %s",
  (permission, passage, joins, remarks) => {
    const place = sharedPlace({ ...link, permission, passage }, "s");
    expect([place.isJoined, place.hasRemarks]).toEqual([joins, remarks]);
  },
);
