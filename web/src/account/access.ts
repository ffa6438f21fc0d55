// Signing in and out.

import { api, ask } from "../api/client";
import { session } from "./session.svelte";

/** Find out whether one must sign in, and who asks. */
export async function look(): Promise<void> {
  session.ways = await ask(api.GET("/v1/session"));
  session.me = session.isNeeded ? null : await ask(api.GET("/v1/me"));
  session.keep();
}

/** Throws ApiError if name or password is wrong. */
export async function signIn(name: string, password: string): Promise<void> {
  await ask(api.POST("/v1/session", { body: { name, password } }));
  await look();
}

export async function signOut(): Promise<void> {
  await ask(api.DELETE("/v1/session"));
  await look();
}
