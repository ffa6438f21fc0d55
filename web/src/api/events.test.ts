import { expect, test } from "vitest";
import { read } from "./events";

function stream(...chunks: string[]): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(encoder.encode(chunk));
      controller.close();
    },
  });
}

test("an event that arrives in pieces is read once, comments are not events", async () => {
  const seen = [];
  const body = stream(
    ": ping\n\nid: 7\neve",
    "nt: started\nda",
    'ta: {"text":"reco',
    'gnise"}\r\n\r\n',
  );
  for await (const event of read(body)) seen.push(event);
  expect(seen).toEqual([{ kind: "started", id: "7", data: { text: "recognise" } }]);
});
