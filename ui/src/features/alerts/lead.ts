import type { AlertView } from "../../backend/bindings/AlertView";
import type { App } from "../../shared/app.svelte";
import { currentTongue } from "../../shared/i18n/language.svelte";
import { alertWords } from "../../shared/i18n/messages/alerts";
import { currentZone } from "../../shared/zone.svelte";
import type { Budgets } from "../budgets/budgets.svelte";
import type { SpendRoom } from "../spend/room.svelte";
import { dayOnly } from "../spend/when";
import { subjectOf } from "./subject";

/** Goes to what an alert is about. */
export function lead(
  alert: AlertView,
  { app, budgets, spend }: { app: App; budgets: Budgets; spend: SpendRoom },
): void {
  const zone = currentZone();
  const subject = subjectOf(alert, zone);
  switch (subject.to) {
    case "budget":
      budgets.showOne(subject.id);
      break;
    case "price":
      app.openPrice(subject.target);
      break;
    case "prices":
      app.openSection("prices");
      break;
    case "analysis":
      spend.part = "analysis";
      app.room = "spend";
      break;
    case "spend":
      app.room = "spend";
      spend.lookAt(subject.filter, alertWords().dayOf(dayOnly(alert.at, { zone, locale: currentTongue() })));
      break;
  }
}
