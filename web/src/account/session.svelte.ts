// Who asks, and whether the service wants to know.

import type { Schemas } from "../api/client";

type Ways = Schemas["SignInWays"];
type Caller = Schemas["CallerView"];

/** Read by the frame; the API's client says when a request was refused. */
class Session {
  ways = $state<Ways | null>(null);
  me = $state<Caller | null>(null);

  get isNeeded(): boolean {
    return (this.ways?.needed && !this.ways.signed_in) ?? false;
  }

  get isAdministrator(): boolean {
    return this.me?.scopes.includes("admin") ?? false;
  }

  /** Whether somebody has signed in with a password, and may sign out. */
  get isUser(): boolean {
    return this.me?.kind === "user";
  }

  refused(): void {
    if (this.ways) this.ways = { ...this.ways, needed: true, signed_in: false };
    this.me = null;
  }
}

export const session = new Session();
