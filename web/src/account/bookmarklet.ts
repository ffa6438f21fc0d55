/** A bookmark that is a program: it copies a quote on Trax's own page, and elsewhere sends what a page plays to Trax. */

/** Runs in pages of others: it is sent as its own text, and sees nothing of this module. */
function send(home: string, nothing: string): void {
  const page = window as unknown as { trax?: { quote(): void } };
  if (location.origin === home && page.trax) {
    page.trax.quote();
    return;
  }
  const isAddress = (each: string) => /^https?:/.test(each);
  const selection = getSelection();
  const links = [...document.querySelectorAll<HTMLAnchorElement>("a[href]")];
  const chosen = selection?.isCollapsed
    ? []
    : links.filter((each) => selection?.containsNode(each, true)).map((each) => each.href);
  const played = [...document.querySelectorAll<HTMLMediaElement>("video, audio")].flatMap(
    (each) => [
      each.currentSrc,
      ...[...each.querySelectorAll("source")].map((source) => source.src),
    ],
  );
  const found = [...chosen, ...played].find(isAddress);
  if (found) open(`${home}/?add=${encodeURIComponent(found)}`, "_blank");
  else alert(nothing);
}

/** The address of the bookmark. */
export function bookmarklet(home: string, nothing: string): string {
  const given = [home, nothing].map((each) => JSON.stringify(each)).join(",");
  return `javascript:${encodeURIComponent(`(${send})(${given})`)}`;
}
