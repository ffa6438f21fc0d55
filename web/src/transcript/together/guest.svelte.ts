// What somebody who came by a link calls themselves; this browser knows it the next time.

import { t } from "../messages";

const KEPT = "trax.guest";

/** How the service calls whoever has not said. */
const UNNAMED = "somebody with a link";

class Guest {
  name = $state(localStorage.getItem(KEPT) ?? "");

  say(name: string): void {
    this.name = name;
    localStorage.setItem(KEPT, name);
  }
}

export const guest = new Guest();

interface Named {
  readonly name: string;
  readonly guest?: boolean;
}

/** Whether a guest is whoever reads this page: with one link their names tell them apart. */
export const isHere = (who: Named): boolean => !who.guest || who.name === (guest.name || UNNAMED);

/** What somebody is called on the page. */
export const calledName = (who: Named): string =>
  who.guest && who.name === UNNAMED ? t("unnamedGuest") : who.name;

/** The same, where nothing else says whether they are a guest. */
export const markedName = (who: Named): string =>
  who.guest && who.name !== UNNAMED ? `${who.name} (${t("guest")})` : calledName(who);
