import type { Backend } from "../backend";
import type { KeyringView } from "../bindings/KeyringView";
import type { Startup } from "../bindings/Startup";
import { fakeAlerts } from "./alerts";
import { fakeAnalysis } from "./analysis/backend";
import { fakeAttachments } from "./attachments";
import { fakeBudgets } from "./budgets";
import { fakeConversations } from "./conversations";
import { fakeInvoices } from "./invoices";
import { fakePreview } from "./preview";
import { fakePrices } from "./prices";
import { fakeProviders } from "./providers";
import { fakeRouteFiles } from "./routeFiles";
import { fakeRoutes } from "./routes";
import { fakeSimulation } from "./simulation";
import { fakeSpend } from "./spend/backend";
import { fakeStanding } from "./standing";
import { FakeState } from "./state";
import { fakeStatistics } from "./statistics";
import { fakeTelemetry } from "./telemetry";
import { FakeTurns, type ScriptOf } from "./turns";
import { fakeValues } from "./values";

export interface FakeOptions {
  /** Milliseconds each call takes. */
  delayMs?: number;
  scriptOf?: ScriptOf;
  keyring?: KeyringView;
  /** Why the start is refused, until the database is set aside. */
  blocked?: Extract<Startup, { state: "blocked" }>;
  notices?: string[];
}

export interface FakeBackend extends Backend {
  readonly state: FakeState;
  readonly turns: FakeTurns;
  /** Links the window asked to open. */
  readonly opened: string[];
  /** Files the window wrote, by name. */
  readonly saved: Map<string, Uint8Array<ArrayBuffer>>;
}

/** A whole host in memory: it streams, fails and forgets like the real one, and everything is gone with the page. */
export function createFakeBackend(options: FakeOptions = {}): FakeBackend {
  const state = new FakeState();
  const opened: string[] = [];
  const saved = new Map<string, Uint8Array<ArrayBuffer>>();
  const delayMs = options.delayMs ?? 0;
  const delay = () =>
    delayMs === 0 ? Promise.resolve() : new Promise<void>((done) => setTimeout(done, delayMs));
  const turns = new FakeTurns(state, delay, options.scriptOf ?? (() => ({})));
  const routes = fakeRoutes(state, delay);
  let blocked = options.blocked ?? null;

  const ready = (): Startup => ({
    state: "ready",
    version: "0.1.0",
    data_dir: "~/.local/share/roundtable",
    demo: false,
    keyring: options.keyring ?? { state: "available" },
    providers: state.providers,
    settings: state.settings,
    notices: options.notices ?? [],
  });

  return {
    state,
    turns,
    opened,
    saved,
    async startup() {
      await delay();
      return blocked ?? ready();
    },
    async setDatabaseAside() {
      await delay();
      blocked = null;
      return ready();
    },
    ...fakeConversations(state, delay, (conversation) => turns.liveTurns(conversation)),
    ...fakeAttachments(state, delay),
    ...fakePreview(state, delay),
    ...fakeProviders(state, delay, opened),
    ...fakeValues(state, delay),
    ...fakePrices(state, delay),
    ...routes,
    ...fakeRouteFiles(state, delay, () => routes.routes()),
    ...fakeSimulation(state, delay, (runId) => turns.find(runId)),
    ...fakeStanding(state, delay),
    ...fakeStatistics(state, delay),
    ...fakeSpend(state, delay, saved),
    ...fakeBudgets(state, delay),
    ...fakeAnalysis(state, delay),
    ...fakeInvoices(state, delay),
    ...fakeAlerts(state, delay),
    ...fakeTelemetry(state, delay),
    startTurn: turns.startTurn,
    watchTurn: turns.watchTurn,
    retryRun: turns.retryRun,
    retryTurn: turns.retryTurn,
    stopRun: turns.stopRun,
    stopTurn: turns.stopTurn,
    runVersion: turns.runVersion,
    pickRun: turns.pickRun,
    resumeRun: turns.resumeRun,
  };
}
