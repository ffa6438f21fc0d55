// Known voices, and unknown ones to be named.

import { api, ask, reason, type Schemas } from "../api/client";

export type Voice = Schemas["VoiceView"];
export type Stranger = Schemas["StrangerView"];

export class Voices {
  known = $state<Voice[]>([]);
  strangers = $state<Stranger[] | null>(null);
  problem = $state("");

  async load(): Promise<void> {
    await this.attempt(async () => {
      this.known = (await ask(api.GET("/v1/voices"))).items;
      this.strangers = (await ask(api.GET("/v1/unknown-voices"))).items;
    });
  }

  rename(voice: Voice, name: string): Promise<boolean> {
    return this.change(ask(api.PATCH("/v1/voices/{name}", { ...at(voice), body: { name } })));
  }

  /** The voice *other* is that of the same person. */
  merge(voice: Voice, other: string): Promise<boolean> {
    return this.change(ask(api.POST("/v1/voices/{name}/merge", { ...at(voice), body: { other } })));
  }

  /** With what was made with the voice if *made*. */
  forget(name: string, made: boolean): Promise<boolean> {
    const params = { path: { name }, query: { made } };
    return this.change(ask(api.DELETE("/v1/voices/{name}", { params })));
  }

  private async change(asked: Promise<unknown>): Promise<boolean> {
    const isDone = await this.attempt(() => asked);
    if (isDone) await this.load();
    return isDone;
  }

  /** Whether it worked; if not, *problem* says why. */
  private async attempt(what: () => Promise<unknown>): Promise<boolean> {
    this.problem = "";
    try {
      await what();
      return true;
    } catch (error) {
      this.problem = reason(error);
      return false;
    }
  }
}

const at = ({ name }: Voice) => ({ params: { path: { name } } });
