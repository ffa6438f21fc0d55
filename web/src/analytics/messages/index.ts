import { translator } from "../../ui/locale.svelte";
import { de } from "./de";
import { en } from "./en";

export const t = translator(en, de);
