/** How this browser's notes are handed on: by which template, and where in Obsidian. */

const KEPT = "trax.vault";

interface Choices {
  template: string;
  name: string;
  folder: string;
}

class Vault implements Choices {
  template = $state("");
  name = $state("");
  folder = $state("");

  constructor() {
    try {
      Object.assign(this, JSON.parse(localStorage.getItem(KEPT) ?? "{}"));
    } catch {
      // What was kept is not ours: nothing is chosen.
    }
  }

  keep(changed: Partial<Choices>): void {
    Object.assign(this, changed);
    const { template, name, folder } = this;
    localStorage.setItem(KEPT, JSON.stringify({ template, name, folder }));
  }

  /** The template that was chosen last, if the service still has it. */
  templateOf(known: readonly string[]): string {
    return known.includes(this.template) ? this.template : "";
  }
}

export const vault = new Vault();

const UNFIT = /[\\/:*?"<>|#^[\]]/g;

/** A link that makes a note in Obsidian. */
export function obsidianLink(note: string, content: string, to = { name: "", folder: "" }): string {
  const parts = to.folder.split("/").map((part) => part.replace(UNFIT, " ").trim());
  const file = [...parts.filter(Boolean), note.replace(UNFIT, " ").trim()].join("/");
  const named = to.name.trim() ? `vault=${encodeURIComponent(to.name.trim())}&` : "";
  return `obsidian://new?${named}file=${encodeURIComponent(file)}&content=${encodeURIComponent(content)}`;
}
