import { beforeEach, expect, test, vi } from "vitest";
import { Captions } from "./captions.svelte";

let hear: (samples: ArrayBuffer, level: number) => void = () => {};

vi.mock("./microphone", () => ({
  Microphone: class {
    async start(heard: typeof hear): Promise<void> {
      hear = heard;
    }
    async pause(): Promise<void> {}
    async resume(): Promise<void> {}
    async stop(): Promise<void> {}
  },
}));

const lines: Line[] = [];

class Line {
  static readonly OPEN = 1;
  readyState = 1;
  readonly sent: unknown[] = [];
  onmessage: (event: { data: string }) => void = () => {};
  onclose = () => {};

  constructor() {
    lines.push(this);
  }

  send(what: unknown): void {
    this.sent.push(typeof what === "string" ? JSON.parse(what).type : what);
  }

  say(message: object): void {
    this.onmessage({ data: JSON.stringify(message) });
  }

  close(): void {
    this.readyState = 3;
    this.onclose();
  }
}

beforeEach(() => {
  lines.length = 0;
  vi.stubGlobal("WebSocket", Line);
  vi.useFakeTimers();
});

async function begun(): Promise<[Captions, Line]> {
  const captions = new Captions();
  await captions.start({ name: "Talk", language: "en", hotwords: [] });
  const line = lines[0] as Line;
  line.say({ type: "hello", session: "s", received: 0, seq: 0 });
  return [captions, line];
}

function back(received: number): Line {
  vi.advanceTimersByTime(1000);
  const line = lines.at(-1) as Line;
  hear(new ArrayBuffer(4), 0);
  line.say({ type: "hello", session: "s", received, seq: 0 });
  return line;
}

test("sound is sent once, what was decided while the line was gone after it is back", async () => {
  const [captions, line] = await begun();
  hear(new ArrayBuffer(2), 0);
  line.close();
  captions.name("SPEAKER_00", "Anna");
  const again = back(2);
  expect(again.sent).toEqual([new ArrayBuffer(4), "name"]);
  expect(captions.state).toBe("live");
});

test("whoever paused is still paused when the line is back", async () => {
  const [captions, line] = await begun();
  await captions.pause();
  line.close();
  back(0);
  expect(captions.state).toBe("paused");
});

test("a page that was left does not come back to its session", async () => {
  const [captions, line] = await begun();
  line.close();
  await captions.leave();
  vi.advanceTimersByTime(5000);
  expect(lines).toHaveLength(1);
});
