// A live session as this page sees it: what was said, by whom, and the line to the service.

import { Microphone } from "./microphone";
import { Unsent } from "./unsent";

const RETRY_MS = 1000;
const AWAY_MS = 60_000;
/** Words that are shown: those before them are kept all the same. */
const SHOWN = 400;

export interface Word {
  id: string;
  start: number;
  end: number;
  text: string;
  joined?: boolean;
  speaker: string | null;
}

export interface Line {
  speaker: string | null;
  words: Word[];
}

export type State = "idle" | "starting" | "live" | "paused" | "away" | "ending" | "over";
export type Trouble = "" | "refused" | "full" | "lost";

/** What the service notes that people should know here; the rest they see anyway. */
const PACE: readonly string[] = ["slow", "behind"];
const NOTES: readonly string[] = [...PACE, "smaller_model", "problem", "ended"];

export interface Options {
  name: string;
  language: string;
  hotwords: string[];
}

export interface Note {
  kind: string;
  text: string;
}

interface Message {
  type: string;
  [field: string]: unknown;
}

export class Captions {
  state = $state<State>("idle");
  trouble = $state<Trouble>("");
  words = $state<Word[]>([]);
  tentative = $state<Word[]>([]);
  names = $state<Record<string, string>>({});
  marks = $state<{ at: number; text: string }[]>([]);
  note = $state<Note | null>(null);
  error = $state("");
  /** Seconds of sound. */
  elapsed = $state(0);
  level = $state(0);
  job = $state("");
  session = $state("");

  readonly labels = $derived(labelsOf(this.words));
  readonly lines = $derived(linesOf(this.words.slice(-SHOWN)));

  #microphone = new Microphone();
  #unsent = new Unsent();
  #socket: WebSocket | null = null;
  #seq = 0;
  #options: Options | null = null;
  #leftAt = 0;
  #toEnd = false;
  #isPaused = false;
  #isLeft = false;
  /** Whether the line has said how much it received: what came before that is sent again. */
  #isGreeted = false;
  /** What was said while the line was gone: it is said again once it is back. */
  #unsaid: Message[] = [];

  async start(options: Options): Promise<void> {
    this.#options = options;
    this.state = "starting";
    this.trouble = "";
    try {
      await this.#microphone.start((samples, level) => this.#hear(samples, level));
    } catch {
      await this.#microphone.stop();
      this.state = "idle";
      this.trouble = "refused";
      return;
    }
    if (this.#isLeft) await this.#microphone.stop();
    else this.#connect();
  }

  async pause(): Promise<void> {
    await this.#microphone.pause();
    this.level = 0;
    this.#isPaused = true;
    this.state = "paused";
    this.#say({ type: "pause" });
  }

  async resume(): Promise<void> {
    await this.#microphone.resume();
    this.#isPaused = false;
    this.state = "live";
    this.#say({ type: "resume" });
  }

  async end(): Promise<void> {
    if (this.state === "over" || this.state === "idle") return;
    this.state = "ending";
    this.#toEnd = true;
    await this.#microphone.stop();
    this.#say({ type: "end" });
  }

  /** Leave: the service ends the session by itself if nobody comes back. */
  async leave(): Promise<void> {
    this.#isLeft = true;
    this.state = "over";
    await this.#microphone.stop();
    this.#socket?.close();
  }

  name(speaker: string, name: string): void {
    this.#say({ type: "name", speaker, name });
  }

  correct(word: Word, text: string): void {
    this.#say({ type: "correct", word: word.id, text });
  }

  mark(text: string): void {
    this.#say({ type: "mark", at: this.elapsed, text });
  }

  /** Let one event of the service happen. */
  take(message: Message): void {
    if (typeof message.seq === "number") this.#seq = message.seq;
    const happen = this.#happenings[message.type];
    happen?.(message);
  }

  #happenings: Record<string, (message: Message) => void> = {
    hello: (message) => this.#greeted(message),
    received: (message) => this.#unsent.forget(message.received as number),
    words: (message) => {
      this.words.push(...(message.committed as Word[]));
      this.tentative = message.tentative as Word[];
    },
    speakers: (message) => {
      const speakers = message.words as Record<string, string>;
      for (const word of this.words) word.speaker = speakers[word.id] ?? word.speaker;
      Object.assign(this.names, message.names);
    },
    correct: (message) => {
      const word = this.words.find((each) => each.id === message.word);
      if (word) word.text = message.text as string;
    },
    name: (message) => {
      this.names[message.speaker as string] = message.name as string;
    },
    mark: (message) => {
      this.marks.push({ at: message.at as number, text: message.text as string });
    },
    note: (message) => {
      const kind = message.kind as string;
      if (NOTES.includes(kind)) this.note = { kind, text: message.text as string };
      else if (kind === "caught_up" && PACE.includes(this.note?.kind ?? "")) this.note = null;
    },
    error: (message) => {
      this.error = message.detail as string;
    },
    end: () => {
      this.tentative = [];
    },
    job: (message) => {
      this.job = message.job as string;
      this.state = "over";
    },
  };

  #greeted(message: Message): void {
    this.session = message.session as string;
    this.#isGreeted = true;
    for (const chunk of this.#unsent.after(message.received as number)) this.#socket?.send(chunk);
    for (const message of this.#unsaid.splice(0)) this.#say(message);
    if (this.#toEnd) this.#say({ type: "end" });
    else this.state = this.#isPaused ? "paused" : "live";
    this.trouble = "";
  }

  #hear(samples: ArrayBuffer, level: number): void {
    this.level = level;
    this.elapsed += samples.byteLength / 2 / 16_000;
    this.#unsent.add(samples);
    if (this.#socket?.readyState === WebSocket.OPEN && this.#isGreeted) this.#socket.send(samples);
  }

  #say(message: Message): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
    else if (message.type !== "end") this.#unsaid.push(message);
  }

  #connect(): void {
    if (this.#isLeft) return;
    const socket = new WebSocket(this.#address());
    this.#socket = socket;
    this.#isGreeted = false;
    socket.onmessage = ({ data }) => this.take(JSON.parse(data as string) as Message);
    socket.onclose = () => this.#left();
  }

  #address(): string {
    const query = new URLSearchParams();
    if (this.session) {
      query.set("session", this.session);
      query.set("after", `${this.#seq}`);
    } else {
      query.set("options", JSON.stringify(this.#options));
    }
    return `${location.origin.replace("http", "ws")}/v1/live?${query}`;
  }

  /** The line is gone: try again, unless there is nothing to go on with. */
  #left(): void {
    if (this.state === "over") return;
    if (!this.session) {
      this.trouble = "full";
      this.state = "idle";
      void this.#microphone.stop();
      return;
    }
    if (this.state !== "away") this.#leftAt = Date.now();
    if (Date.now() - this.#leftAt > AWAY_MS) {
      this.trouble = "lost";
      void this.leave();
      return;
    }
    this.state = "away";
    setTimeout(() => this.#connect(), RETRY_MS);
  }
}

/** Words in lines, one for each time that somebody speaks. */
export function linesOf(words: Word[]): Line[] {
  const lines: Line[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last && last.speaker === word.speaker) last.words.push(word);
    else lines.push({ speaker: word.speaker, words: [word] });
  }
  return lines;
}

function labelsOf(words: Word[]): string[] {
  const found = new Set<string>();
  for (const { speaker } of words) if (speaker) found.add(speaker);
  return [...found];
}
