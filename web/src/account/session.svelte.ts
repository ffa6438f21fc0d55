// Who asks, and whether the service wants to know.

import type { Schemas } from "../api/client";

type Ways = Schemas["SignInWays"];
type Caller = Schemas["CallerView"];

const KEPT = "trax.user";

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

  /** Whether they may learn voices and name them. */
  get mayManageVoices(): boolean {
    return this.isAdministrator || (this.me?.scopes.includes("voices") ?? false);
  }

  /** Whether somebody has signed in with a password, and may sign out. */
  get isUser(): boolean {
    return this.me?.kind === "user";
  }

  /** All pages of this browser send as whoever has signed in last, which each has to know. */
  keep(): void {
    localStorage.setItem(KEPT, this.me?.id ?? "");
  }

  refused(): void {
    if (this.ways) this.ways = { ...this.ways, needed: true, signed_in: false };
    this.me = null;
  }
}

/** The id of whoever has signed in last, on this page or another one of this browser. */
export const userHere = (): string => localStorage.getItem(KEPT) ?? "";

export const session = new Session();
