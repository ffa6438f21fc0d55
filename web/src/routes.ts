// Every page: its address, and the module that shows it. trax/web/gate.py serves the same addresses.

import type { Component } from "svelte";
import { match } from "./ui/router.svelte";

const SHARED = "/shared";

/** A page gets the named parts of its address as properties. */
// biome-ignore lint/suspicious/noExplicitAny: each page has properties of its own.
type Load = () => Promise<{ default: Component<any> }>;

const ROUTES: Record<string, Load> = {
  "/": () => import("./library/LibraryPage.svelte"),
  "/settings": () => import("./account/SettingsPage.svelte"),
  "/settings/users": () => import("./account/UsersPage.svelte"),
  "/settings/tokens": () => import("./account/TokensPage.svelte"),
  "/settings/voices": () => import("./voices/VoicesPage.svelte"),
  "/analytics": () => import("./analytics/AnalyticsPage.svelte"),
  "/live": () => import("./live/LivePage.svelte"),
  "/t/:id/revoice": () => import("./revoice/RevoicePage.svelte"),
  "/revoice/:job": () => import("./revoice/ResultPage.svelte"),
  "/t/:id": () => import("./transcript/TranscriptPage.svelte"),
  [SHARED]: () => import("./sharing/SharedPage.svelte"),
};

export interface Found {
  load: Load;
  /** Whether it is shown to those, too, whom nobody knows. */
  isOpen: boolean;
  parts: Record<string, string>;
}

/** The page at *path*; null if there is none. */
export function find(path: string): Found | null {
  for (const [pattern, load] of Object.entries(ROUTES)) {
    const parts = match(pattern, path);
    if (parts) return { load, parts, isOpen: pattern === SHARED };
  }
  return null;
}
