import type { Backend, OnAlert, WindowFault } from "../backend";
import type { AlertView } from "../bindings/AlertView";
import type { FakeState } from "./state";
import { budgetView } from "./budgets";
import { stepAlert } from "./alertSeeds";

type Part = Pick<
  Backend,
  "listAlerts" | "seeAlerts" | "watchAlerts" | "wordAlert" | "notificationsAreShown" | "reportFault"
>;

/** What has been raised, and who listens. */
export class FakeAlerts {
  /** Newest first. */
  list: AlertView[] = [];
  /** What the window has said of alerts for the desktop. */
  readonly worded: { id: string; title: string; body: string; open: string }[] = [];
  /** What the window has reported of itself. */
  readonly faults: WindowFault[] = [];
  /** Whether anybody shows notifications. */
  desktop = true;
  readonly #listeners: OnAlert[] = [];

  raise(alert: AlertView): void {
    this.list = [alert, ...this.list.filter(({ id }) => id !== alert.id)];
    for (const tell of this.#listeners) tell(alert);
  }

  watch(onAlert: OnAlert): void {
    this.#listeners.push(onAlert);
  }
}

export function fakeAlerts(state: FakeState, delay: () => Promise<void>): Part {
  return {
    async listAlerts() {
      await delay();
      return state.alerts.list;
    },
    async seeAlerts(ids) {
      await delay();
      state.alerts.list = state.alerts.list.map((alert) =>
        ids.length === 0 || ids.includes(alert.id) ? { ...alert, seen: true } : alert,
      );
      return state.alerts.list;
    },
    async watchAlerts(onAlert) {
      await delay();
      state.alerts.watch(onAlert);
    },
    async wordAlert(id, title, body, open) {
      await delay();
      state.alerts.worded.push({ id, title, body, open });
    },
    async reportFault(fault) {
      await delay();
      state.alerts.faults.push(fault);
    },
    async notificationsAreShown() {
      await delay();
      return state.alerts.desktop;
    },
  };
}

/** The highest step each budget has reached in its period, by its id. */
export function stepsReached(state: FakeState): Map<string, number> {
  return new Map(
    state.budgets.stored.map((stored) => [stored.id, budgetView(state, stored).reached_percent ?? 0]),
  );
}

/** After something was paid for: the steps that were not reached before. */
export function tellSteps(state: FakeState, before: ReadonlyMap<string, number>): void {
  for (const stored of state.budgets.stored) {
    const view = budgetView(state, stored);
    const reached = view.reached_percent ?? 0;
    if (stored.draft.paused || reached <= (before.get(stored.id) ?? 0)) continue;
    state.alerts.raise(stepAlert(state.id("alert"), view, reached));
  }
}
