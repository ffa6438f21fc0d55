// Server-sent events by fetch, which goes on where it was cut off by Last-Event-ID.

export interface ServerEvent {
  kind: string;
  id: string;
  data: unknown;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;

/**
 * Call *heard* with every event of a stream until *signal* ends it; connect again when it is cut.
 * A stream that the service ends with `done`, or refuses with 4xx other than 429, is over.
 */
export async function follow(
  path: string,
  heard: (event: ServerEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  let last = "";
  let pause = FIRST_PAUSE_MS;
  while (!signal.aborted) {
    try {
      const headers = { Accept: "text/event-stream", ...(last && { "Last-Event-ID": last }) };
      const response = await fetch(path, { headers, signal });
      if (response.status >= 400 && response.status < 500 && response.status !== 429) return;
      if (!response.ok || !response.body) throw new Error(response.statusText);
      pause = FIRST_PAUSE_MS;
      for await (const event of read(response.body)) {
        if (event.id) last = event.id;
        heard(event);
        if (event.kind === "done") return;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof Error)) throw error;
    }
    await rest(pause, signal);
    pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
  }
}

/** The events in a stream of bytes. */
export async function* read(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      rest += decoder.decode(value, { stream: true }).replaceAll("\r\n", "\n");
      const blocks = rest.split("\n\n");
      rest = blocks.pop() ?? "";
      for (const block of blocks) {
        const event = parse(block);
        if (event) yield event;
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function parse(block: string): ServerEvent | null {
  let kind = "message";
  let id = "";
  const data: string[] = [];
  for (const line of block.split("\n")) {
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") kind = value;
    if (field === "id") id = value;
    if (field === "data") data.push(value);
  }
  return data.length ? { kind, id, data: JSON.parse(data.join("\n")) } : null;
}

function rest(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const over = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", over);
      resolve();
    };
    const timer = setTimeout(over, milliseconds);
    signal.addEventListener("abort", over);
  });
}
