/** A word as it is compared: without case and punctuation. */
export const spelling = (text: string): string =>
  text.replace(/[^\p{L}\p{N}\p{M}']/gu, "").toLocaleLowerCase();
