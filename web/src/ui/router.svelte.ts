// Addresses: which page is shown. Links are plain <a href>; the browser's history does the rest.

class Address {
  path = $state(location.pathname);
  query = $state(location.search);
  hash = $state(location.hash);

  read(): void {
    this.path = location.pathname;
    this.query = location.search;
    this.hash = location.hash;
  }
}

export const address = new Address();

/** Show another page. With *replace*, going back does not return to this one. */
export function navigate(to: string, replace = false): void {
  if (replace) history.replaceState(null, "", to);
  else history.pushState(null, "", to);
  const moved = location.pathname !== address.path;
  address.read();
  if (moved) window.scrollTo(0, 0);
}

/** The parts of *path* that *pattern* names, as in `/t/:id`; null if it is another page's. */
export function match(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split("/").filter(Boolean);
  const given = path.split("/").filter(Boolean);
  if (wanted.length !== given.length) return null;
  const parts: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = decoded(given[index] ?? "");
    if (part.startsWith(":")) parts[part.slice(1)] = value;
    else if (part !== value) return null;
  }
  return parts;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Follow clicks on links to this site's own pages without loading anything. */
export function listenToLinks(isPage: (path: string) => boolean): void {
  window.addEventListener("popstate", () => address.read());
  window.addEventListener("hashchange", () => address.read());
  document.addEventListener("click", (event) => {
    const link = (event.target as Element | null)?.closest?.("a");
    if (!link || event.defaultPrevented || event.button !== 0 || isModified(event)) return;
    if (link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
    if (!isPage(link.pathname)) return;
    event.preventDefault();
    navigate(link.pathname + link.search + link.hash);
  });
}

function isModified(event: MouseEvent): boolean {
  return event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
}
