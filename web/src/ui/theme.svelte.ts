// Light, dark, or as the system has it.

import { MediaQuery } from "svelte/reactivity";

export type Theme = "system" | "light" | "dark";

const KEPT = "trax.theme";
const darkSystem = new MediaQuery("(prefers-color-scheme: dark)");

class Appearance {
  theme = $state<Theme>((localStorage.getItem(KEPT) as Theme | null) ?? "system");

  get isDark(): boolean {
    return this.theme === "system" ? darkSystem.current : this.theme === "dark";
  }

  choose(theme: Theme): void {
    this.theme = theme;
    localStorage.setItem(KEPT, theme);
    this.apply();
  }

  apply(): void {
    const root = document.documentElement;
    if (this.theme === "system") delete root.dataset.theme;
    else root.dataset.theme = this.theme;
  }
}

export const appearance = new Appearance();
