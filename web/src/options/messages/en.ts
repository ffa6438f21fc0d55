// The schema says these in English by itself; see labels.ts.
export const en = {
  default: "default",
  none: "automatic",
  listHelp: "One on each line",
};
