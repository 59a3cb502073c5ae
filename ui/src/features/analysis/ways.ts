import type { KeyView } from "../../backend/bindings/KeyView";
import type { Recommendation } from "../../backend/bindings/Recommendation";
import type { App } from "../../shared/app.svelte";
import { analysisWords } from "../../shared/i18n/messages/analysis";
import type { Budgets } from "../budgets/budgets.svelte";
import type { RoutingRoom } from "../routing/room.svelte";

export interface Rooms {
  app: App;
  budgets: Budgets;
  routing: RoutingRoom;
}

export interface Way {
  label: string;
  go: () => void;
}

/** Where somebody goes to follow what is recommended to them. */
export function wayOf({ kind, subject }: Recommendation, { app, budgets, routing }: Rooms): Way {
  const words = analysisWords();
  switch (kind) {
    case "check_key":
      return { label: words.toKey, go: () => app.openSettings(providerOfKey(subject, app.providers)) };
    case "set_budget":
      return { label: words.toBudgets, go: budgets.show };
    case "price_unknown":
      return { label: words.toPrices, go: () => app.openPrice(subject) };
    case "turn_on_cache":
      return { label: words.toRouting, go: () => toRouting("health", app, routing) };
    case "cheaper_for_simple":
      return { label: words.toRouting, go: () => toRouting("rules", app, routing) };
    case "add_fallback":
    case "adjust_timeout":
    case "enable_retry":
      return { label: words.toRouting, go: () => toRouting("routes", app, routing) };
  }
}

/** Whose key it is: kept ones have an id, those of the environment are called `env:` and their variable. */
export function providerOfKey(key: string, providers: App["providers"]): string | null {
  const mine = ({ id, variable }: KeyView) => id === key || (variable !== null && `env:${variable}` === key);
  return providers.find(({ keys }) => keys.some(mine))?.id ?? null;
}

function toRouting(part: RoutingRoom["part"], app: App, routing: RoutingRoom): void {
  routing.part = part;
  app.room = "routing";
}
