// jsdom has no media queries.
window.matchMedia ??= ((query: string) =>
  Object.assign(new EventTarget(), { matches: false, media: query })) as typeof window.matchMedia;
