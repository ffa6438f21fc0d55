export const de = {
  default: "Vorgabe",
  none: "automatisch",
  listHelp: "Eines je Zeile",
};
