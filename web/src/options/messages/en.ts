// The schema says these in English by itself; see labels.ts.
export const en = {
  none: "automatic",
  automatic: "Automatic",
  noLanguage: "None",
  noModel: "No language model is configured.",
  noModelHelp: "“Language models” in the documentation (docs/enhance.md) says how to set one up.",
  listHelp: "One per line",
};
