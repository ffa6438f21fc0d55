// Copying, which browsers allow on https and on this machine alone.

/** Whether it was copied. */
export async function copied(text: string, html = ""): Promise<boolean> {
  try {
    if (html && "ClipboardItem" in globalThis) await navigator.clipboard.write([both(text, html)]);
    else await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

const both = (text: string, html: string): ClipboardItem =>
  new ClipboardItem({
    "text/plain": new Blob([text], { type: "text/plain" }),
    "text/html": new Blob([html], { type: "text/html" }),
  });
