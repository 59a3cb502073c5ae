import type { ConversationSnapshot } from "../bindings/ConversationSnapshot";
import type { ConversationSummary } from "../bindings/ConversationSummary";
import type { EntryRow } from "../bindings/EntryRow";
import type { LaneView } from "../bindings/LaneView";
import type { ModelView } from "../bindings/ModelView";
import type { OwnPrice } from "../bindings/OwnPrice";
import type { Params } from "../bindings/Params";
import type { PriceChange } from "../bindings/PriceChange";
import type { PriceView } from "../bindings/PriceView";
import type { ProviderSettings } from "../bindings/ProviderSettings";
import type { ProviderView } from "../bindings/ProviderView";
import type { RunView } from "../bindings/RunView";
import type { Saying } from "../bindings/Saying";
import type { Settings } from "../bindings/Settings";
import type { Spend } from "../bindings/Spend";
import type { TargetView } from "../bindings/TargetView";
import type { TightestBudget } from "../bindings/TightestBudget";
import type { TraceView } from "../bindings/TraceView";
import type { TurnView } from "../bindings/TurnView";
import { BLANK_SETTINGS } from "../blankSettings";
import { FakeAlerts } from "./alerts";
import { FakeAnalysis } from "./analysis/backend";
import type { StoredFile } from "./attachments";
import { fakeModels } from "./catalogue";
import { FAULTS } from "./faults";
import { picoOf, usdOf } from "./money";
import { firstPrices, SOME_EMBEDDINGS } from "./prices";
import { expand, isRoute } from "./expand";
import type { StoredInvoice } from "./invoices";
import { noRoutes } from "./routeSeeds";
import { tokensIn } from "./run";
import type { Booked } from "./spend/books";
import { quietStanding } from "./standing";
import { EMPTY_RESPONSES, noStatistics } from "./statistics";
import { FakeBudgets } from "./budgets";
import { quietTelemetry } from "./telemetry";
import { builtInProfiles } from "./values";

/** A stored conversation: all versions of all answers. */
export interface StoredConversation {
  id: string;
  title: string;
  created_at: number;
  updated_at: number;
  pinned: boolean;
  folder: string | null;
  tags: string[];
  draft: string;
  /** Ids of the files that go along with it. */
  draftFiles: string[];
  lanes: LaneView[];
  turns: { turn: Omit<TurnView, "runs" | "spend">; versions: Map<string, RunView[]> }[];
}

export class FakeState {
  conversations = new Map<string, StoredConversation>();
  /** By run: the folder it was booked under, where its conversation has been moved since; empty: none. */
  bookedIn = new Map<string, string>();
  providers: ProviderView[] = [];
  settings: Settings = { ...BLANK_SETTINGS, language: "en" };
  files = new Map<string, StoredFile>();
  profiles = builtInProfiles();
  providerSettings = new Map<string, ProviderSettings>();
  /** By target. */
  modelParams = new Map<string, Params>();
  /** By field of `Params`: the variable, and what it says. */
  environment: Record<string, [variable: string, value: number | string]> = {};
  /** By field of `Params`: what is wrong with a variable that cannot be read. */
  unusable: Record<string, string> = {};
  /** By target. */
  ownPrices = new Map<string, OwnPrice>();
  acceptedPrices: PriceChange[] = [];
  prices = firstPrices();
  embeddings = SOME_EMBEDDINGS;
  routing = noRoutes();
  /** The routing folder cannot be read, for this reason. */
  routesUnreadable: string | null = null;
  /** Changes of the routing folder fail with this message. */
  routesFail: string | null = null;
  /** By run: what its trace says beside what the answer itself tells. */
  stories = new Map<string, Partial<TraceView>>();
  standing = quietStanding();
  statistics = noStatistics();
  responses = EMPTY_RESPONSES;
  budgets = new FakeBudgets();
  analysis = new FakeAnalysis();
  /** By id, in the order they were imported. */
  invoices = new Map<string, StoredInvoice>();
  alerts = new FakeAlerts();
  telemetry = quietTelemetry();
  /** Every line of the books, in order of time. */
  books: Booked[] = [];
  /** Corrections, by the entry they correct. */
  adjustments = new Map<string, EntryRow[]>();
  /** The books cannot be read, for this reason. */
  booksFail: string | null = null;
  tightest: TightestBudget | null = null;
  #nextId = 1;

  id(kind: string): string {
    return `${kind}-${this.#nextId++}`;
  }

  models(): ModelView[] {
    return fakeModels(this.providers).map((model) => ({ ...model, price: this.#price(model) }));
  }

  model(target: string): ModelView {
    const known = this.models().find((model) => model.target === target);
    if (known !== undefined) return known;
    const [provider = "", model = ""] = target.split("/");
    const owner = { provider, provider_name: provider, model, name: model };
    return { ...UNKNOWN_MODEL, ...owner, target };
  }

  #price({ target, price, simulated }: ModelView): PriceView | null {
    if (simulated) return price;
    const own = this.ownPrices.get(target);
    if (own !== undefined) {
      const date = new Date().toISOString().slice(0, 10);
      const cache_read = own.cache_read ?? price?.cache_read ?? null;
      const cache_write = own.cache_write ?? price?.cache_write ?? null;
      const { input, output } = own;
      return { input, output, cache_read, cache_write, date, origin: "own", tiered: false };
    }
    return this.acceptedPrices
      .filter((change) => change.target === target)
      .reduce<PriceView | null>((before, { field, after }) => {
        if (before === null || after === null) return null;
        return { ...before, [field]: after, date: this.prices.date, origin: "update" };
      }, price);
  }

  file(id: string): StoredFile {
    const found = this.files.get(id);
    if (found === undefined) throw refused("unknown_attachment", "This file is not kept any more.");
    return found;
  }

  resolve(target: string): TargetView {
    const route = isRoute(this.routing, target) ? target : null;
    const reached = expand(this.routing, target) ?? this.models().filter(({ ready }) => ready);
    const model = this.model(reached[0]?.target ?? target);
    const unavailable = model.ready ? null : FAULTS.noKey;
    const { provider, provider_name, simulated, context_window } = model;
    return {
      provider,
      provider_name,
      model: model.model,
      model_name: model.name,
      route,
      simulated,
      context_window,
      unavailable,
    };
  }

  lane(target: string, position: number): LaneView {
    const resolved = this.resolve(target);
    return {
      id: this.id("lane"),
      position,
      target,
      resolved,
      params: { stop: [] },
      history_messages: 0,
      history_tokens: 0,
    };
  }

  conversation(id: string): StoredConversation {
    const found = this.conversations.get(id);
    if (found === undefined) throw refused("unknown_conversation", "This conversation is gone.");
    return found;
  }

  conversationOfLane(laneId: string): StoredConversation {
    for (const conversation of this.conversations.values()) {
      if (conversation.lanes.some((lane) => lane.id === laneId)) return conversation;
    }
    throw refused("unknown_lane", "This lane is gone.");
  }

  placeOfTurn(turnId: string): {
    conversation: StoredConversation;
    stored: StoredConversation["turns"][number];
  } {
    for (const conversation of this.conversations.values()) {
      const stored = conversation.turns.find(({ turn }) => turn.id === turnId);
      if (stored !== undefined) return { conversation, stored };
    }
    throw refused("unknown_turn", "This turn is gone.");
  }

  /** Before it is moved: what is booked stays under the folder it was booked under. */
  keepPlaces({ folder, turns }: StoredConversation): void {
    for (const run of turns.flatMap(({ versions }) => [...versions.values()].flat()))
      if (run.finished_at !== null && !this.bookedIn.has(run.id)) this.bookedIn.set(run.id, folder ?? "");
  }

  summary(conversation: StoredConversation): ConversationSummary {
    const { id, title, created_at, updated_at, pinned, folder, tags } = conversation;
    const runs = conversation.turns.flatMap(({ versions }) => [...versions.values()].flat());
    const named = conversation.lanes.filter((lane) => lane.resolved.route === null);
    const providers = named.map((lane) => lane.resolved.provider);
    const running = runs.filter((run) => run.finished_at === null).length;
    const spend = spendOf(runs);
    return { id, title, created_at, updated_at, pinned, folder, tags, running, providers, spend };
  }

  snapshot(conversation: StoredConversation, liveTurns: string[]): ConversationSnapshot {
    this.countHistory(conversation);
    const turns = conversation.turns.map(({ turn, versions }) => ({
      ...turn,
      runs: latestOf(versions),
      spend: spendOf([...versions.values()].flat()),
    }));
    const { lanes, draft } = conversation;
    const draft_attachments = conversation.draftFiles.map((id) => this.file(id).view);
    const summary = this.summary(conversation);
    return { summary, lanes, turns, draft, draft_attachments, live_turns: liveTurns };
  }

  countHistory(conversation: StoredConversation): void {
    conversation.lanes = conversation.lanes.map((lane, position) => {
      let messages = 0;
      let tokens = 0;
      for (const { turn, versions } of conversation.turns) {
        const answer = versions.get(lane.id)?.at(-1);
        if (answer === undefined || answer.text === "") continue;
        messages += 2;
        tokens += tokensIn(turn.text) + tokensIn(answer.text);
      }
      return { ...lane, position, history_messages: messages, history_tokens: tokens };
    });
  }
}

const UNKNOWN_MODEL: Omit<ModelView, "target" | "provider" | "provider_name" | "model" | "name"> = {
  description: null,
  context_window: null,
  max_output: null,
  price: null,
  simulated: false,
  vision: null,
  tools: null,
  reasoning: null,
  pdf: null,
  audio: null,
  json_schema: null,
  retirement_date: null,
  ready: true,
  listed: false,
};

export function latestOf(versions: Map<string, RunView[]>): RunView[] {
  return [...versions.values()].flatMap((all) => {
    const latest = all.at(-1);
    return latest === undefined ? [] : [{ ...latest, versions: all.length }];
  });
}

export function spendOf(runs: RunView[]): Spend {
  let real = 0n;
  let simulated = 0n;
  const spend = { estimated: false, at_least: false, unpriced_calls: 0, calls: 0, simulated_calls: 0 };
  for (const { cost } of runs) {
    if (cost === null) continue;
    if (cost.simulated) spend.simulated_calls += 1;
    else spend.calls += 1;
    if (cost.usd === null) spend.unpriced_calls += 1;
    else if (cost.simulated) simulated += picoOf(cost.usd);
    else real += picoOf(cost.usd);
    if (cost.provenance === "estimated" && !cost.simulated) spend.estimated = true;
    if (cost.at_least && !cost.simulated) spend.at_least = true;
  }
  return { ...spend, usd: usdOf(real), simulated_usd: usdOf(simulated) };
}

/** What the host rejects with, as an `Error` so that stack traces stay. */
export function refused(code: string, message: string, saying?: Saying): Error {
  const said = saying === undefined ? {} : { saying };
  return Object.assign(new Error(message), {
    code,
    ...said,
    action: null,
    retryable: false,
    over_budget: null,
  });
}
