import type { Schemas } from "../api/client";

export type Scope = Schemas["TokenRequest"]["scopes"][number];

export const SCOPES: Scope[] = ["read", "write", "jobs", "voices", "admin"];
export const USUAL_SCOPES: Scope[] = ["read", "write", "jobs"];
