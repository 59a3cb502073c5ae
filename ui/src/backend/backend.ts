/**
 * The window's whole surface to its host. `tauri.ts` speaks to the real backend, `fake.ts` to nothing at all (tests,
 * design work in a browser). Every member says why it exists; nothing else of the host may be used.
 *
 * Failures reject with an `AppError` ({code, message, action, retryable}), ready to show.
 */
import type { AdviceView } from "./bindings/AdviceView";
import type { AlertView } from "./bindings/AlertView";
import type { AliasView } from "./bindings/AliasView";
import type { AnalysisView } from "./bindings/AnalysisView";
import type { AppError } from "./bindings/AppError";
import type { AttachmentView } from "./bindings/AttachmentView";
import type { BudgetDraft } from "./bindings/BudgetDraft";
import type { BudgetOverrideView } from "./bindings/BudgetOverrideView";
import type { BudgetView } from "./bindings/BudgetView";
import type { CatalogueView } from "./bindings/CatalogueView";
import type { ChoiceView } from "./bindings/ChoiceView";
import type { ConversationSnapshot } from "./bindings/ConversationSnapshot";
import type { ConversationSummary } from "./bindings/ConversationSummary";
import type { DialectView } from "./bindings/DialectView";
import type { DryRunView } from "./bindings/DryRunView";
import type { EffectiveValue } from "./bindings/EffectiveValue";
import type { EmbeddingStats } from "./bindings/EmbeddingStats";
import type { EntryPage } from "./bindings/EntryPage";
import type { EntryView } from "./bindings/EntryView";
import type { FailedCall } from "./bindings/FailedCall";
import type { FolderSpend } from "./bindings/FolderSpend";
import type { GroupView } from "./bindings/GroupView";
import type { InvoiceChange } from "./bindings/InvoiceChange";
import type { InvoiceRowKey } from "./bindings/InvoiceRowKey";
import type { InvoiceSummary } from "./bindings/InvoiceSummary";
import type { InvoiceView } from "./bindings/InvoiceView";
import type { KeyCheckView } from "./bindings/KeyCheckView";
import type { LaneView } from "./bindings/LaneView";
import type { LocalServer } from "./bindings/LocalServer";
import type { ModelView } from "./bindings/ModelView";
import type { MoneyChoice } from "./bindings/MoneyChoice";
import type { NewProvider } from "./bindings/NewProvider";
import type { OwnPrice } from "./bindings/OwnPrice";
import type { Params } from "./bindings/Params";
import type { PoolView } from "./bindings/PoolView";
import type { Profile } from "./bindings/Profile";
import type { ProviderSettings } from "./bindings/ProviderSettings";
import type { ProviderView } from "./bindings/ProviderView";
import type { ReplayOf } from "./bindings/ReplayOf";
import type { ReplayView } from "./bindings/ReplayView";
import type { ResponseCacheView } from "./bindings/ResponseCacheView";
import type { Resume } from "./bindings/Resume";
import type { RoutesView } from "./bindings/RoutesView";
import type { RoutingFileOutcome } from "./bindings/RoutingFileOutcome";
import type { RoutingFileView } from "./bindings/RoutingFileView";
import type { RoutingState } from "./bindings/RoutingState";
import type { RuleView } from "./bindings/RuleView";
import type { RunView } from "./bindings/RunView";
import type { Settings } from "./bindings/Settings";
import type { Spend } from "./bindings/Spend";
import type { SpendChoices } from "./bindings/SpendChoices";
import type { SpendFilter } from "./bindings/SpendFilter";
import type { SpendView } from "./bindings/SpendView";
import type { Startup } from "./bindings/Startup";
import type { StatisticsView } from "./bindings/StatisticsView";
import type { TelemetryView } from "./bindings/TelemetryView";
import type { TraceView } from "./bindings/TraceView";
import type { TurnBatch } from "./bindings/TurnBatch";
import type { TurnPreview } from "./bindings/TurnPreview";
import type { TurnView } from "./bindings/TurnView";

export type { AppError };

/** Receives the batches of one turn's channel, at most about 60 a second. The first holds a snapshot of every run. */
export type OnBatch = (batch: TurnBatch) => void;

/** Receives one alert at a time. */
/** Something that was not caught. */
export interface WindowFault {
  kind: "error" | "rejection";
  /** Its class, such as `TypeError`. */
  name: string;
  /** The file's name, without its path. */
  source: string;
  line: number;
  column: number;
}

export type OnAlert = (alert: AlertView) => void;

/** What a file of comma-separated values is about; `entries` holds one line of the books each. */
export type SpendCsv = "series" | "ranking" | "hours" | "models" | "entries";

export interface Backend {
  /** First call: whether the program could start on its data, and what the window needs before it can show anything. */
  startup(): Promise<Startup>;
  /** Sets a damaged database aside (never deleted) and starts with a new one; the way out of `Blocked` with `set_aside`. */
  setDatabaseAside(): Promise<Startup>;

  /** The list on the left, latest first, pinned on top. */
  listConversations(): Promise<ConversationSummary[]>;
  /** A new conversation with lanes from the left; empty `targets` takes the settings' default, else the last conversation's. */
  createConversation(targets: string[]): Promise<ConversationSnapshot>;
  /** Everything one conversation shows. */
  openConversation(conversationId: string): Promise<ConversationSnapshot>;
  renameConversation(conversationId: string, title: string): Promise<ConversationSummary>;
  pinConversation(conversationId: string, pinned: boolean): Promise<ConversationSummary>;
  /** Lays it into a folder, made by its name alone; `null` or an empty name takes it out. At most 80 characters. */
  setConversationFolder(conversationId: string, folder: string | null): Promise<ConversationSummary>;
  /**
   * Gives a folder another name, with all that lies in it; those of the list that it moved. A folder of that name is joined:
   * whoever calls asks first. What was booked, and budgets, keep the old name.
   */
  renameFolder(old: string, name: string): Promise<ConversationSummary[]>;
  /** Its tags, trimmed, each once, whatever its capitals, in this order. At most 20 of at most 40 characters. */
  setConversationTags(conversationId: string, tags: string[]): Promise<ConversationSummary>;
  /** Deletes text and answers; what was spent stays in the books. */
  deleteConversation(conversationId: string): Promise<void>;
  /** Keeps what stands in the composer, text and files, so that it is there after a restart. A turn that begins empties it. */
  saveDraft(conversationId: string, text: string, attachments: string[]): Promise<void>;

  /** 2 to 8 lanes are sensible; 1 and up to 8 are allowed. */
  addLane(conversationId: string, target: string): Promise<LaneView>;
  /** The lane's answers stay in the database and in the turns where they are. */
  removeLane(laneId: string): Promise<void>;
  /** Swaps the model; the lane's history stays its own. */
  setLaneTarget(laneId: string, target: string): Promise<LaneView>;
  setLaneParams(laneId: string, params: Params): Promise<LaneView>;
  /** Moves a lane to a position from the left, from 0. */
  moveLane(laneId: string, position: number): Promise<LaneView[]>;

  /** Keeps a file for a prompt; the same bytes are kept once. Its type is found out from the bytes, not from the name. */
  addAttachment(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<AttachmentView>;
  /** The bytes of a kept file, to show a picture of it. */
  readAttachment(attachmentId: string): Promise<Uint8Array<ArrayBuffer>>;
  /**
   * What sending now would mean for each lane (empty: all). Counts locally; `exact` also asks providers that count for
   * free, which shows them the draft.
   */
  previewTurn(
    conversationId: string,
    text: string,
    attachments: string[],
    laneIds: string[],
    exact: boolean,
  ): Promise<TurnPreview>;
  /**
   * Sends one prompt to the lanes (empty: all). Everything that follows comes through `onBatch`; resolves once the turn is
   * stored. Rejects with `over_budget` when it does not fit the budgets; `money` holds what somebody has decided then.
   */
  startTurn(
    conversationId: string,
    text: string,
    attachments: string[],
    laneIds: string[],
    money: MoneyChoice,
    onBatch: OnBatch,
  ): Promise<TurnView>;
  /** Follows a turn in flight again, after a reload or a lost batch. Starts with snapshots. */
  watchTurn(turnId: string, onBatch: OnBatch): Promise<void>;
  /** A new version of one answer. */
  retryRun(runId: string, money: MoneyChoice, onBatch: OnBatch): Promise<RunView>;
  /** New versions of all answers of a turn (`failedOnly`: of those that did not complete). */
  retryTurn(turnId: string, failedOnly: boolean, money: MoneyChoice, onBatch: OnBatch): Promise<RunView[]>;
  /** Stops one answer; its text stays. Harmless when it has ended. */
  stopRun(runId: string): Promise<void>;
  /** Stops all answers of a turn. */
  stopTurn(turnId: string): Promise<void>;
  /** One version of an answer, to look at an older one. Versions count from 1. */
  runVersion(turnId: string, laneId: string, version: number): Promise<RunView>;
  /** Marks an answer as the best of its turn, or takes the mark back. Never deletes another. */
  pickRun(runId: string, picked: boolean): Promise<RunView>;

  /**
   * Takes up an offer on an answer: goes on writing where it broke off, or begins anew, with another model; or asks a target
   * that is being left alone. Gives the next version of the answer.
   */
  resumeRun(
    runId: string,
    resume: Resume,
    target: string,
    money: MoneyChoice,
    onBatch: OnBatch,
  ): Promise<RunView>;
  /** Why an answer came from whom; `null` for answers from before there were traces. */
  runTrace(runId: string): Promise<TraceView | null>;

  /** Models that can stand in a lane: listed by providers and from the catalogue. */
  listModels(): Promise<ModelView[]>;
  listProviders(): Promise<ProviderView[]>;
  /** What can be added, with addresses and where to get a key. */
  listDialects(): Promise<DialectView[]>;
  /** Adds or changes a provider. A changed origin asks for the key again. */
  saveProvider(provider: NewProvider): Promise<ProviderView>;
  removeProvider(providerId: string): Promise<void>;
  /** Stores a key in the keyring (or memory when there is none) and checks it. The key never comes back. */
  setKey(providerId: string, secret: string): Promise<KeyCheckView>;
  removeKey(providerId: string): Promise<ProviderView>;
  /** A further key, used when those before it fail; checked like the first. */
  addKey(providerId: string, label: string, secret: string): Promise<KeyCheckView>;
  /** Removes one of several keys. */
  removeOneKey(providerId: string, keyId: string): Promise<ProviderView>;
  /** Asks the provider's free endpoint whether the key works, and refreshes its models. */
  checkKey(providerId: string): Promise<KeyCheckView>;
  /** Values for all models of a provider, its headers and its way through the network. */
  providerSettings(providerId: string): Promise<ProviderSettings>;
  saveProviderSettings(providerId: string, settings: ProviderSettings): Promise<ProviderSettings>;
  /** Values for one model, whatever lane it stands in. */
  modelParams(target: string): Promise<Params>;
  saveModelParams(target: string, params: Params): Promise<Params>;
  /** Every value a lane will use, and where it comes from. */
  effectiveValues(laneId: string): Promise<EffectiveValue[]>;
  /** Every value a lane with this model will use as long as it sets none itself, and where it comes from. */
  modelValues(target: string): Promise<EffectiveValue[]>;
  listProfiles(): Promise<Profile[]>;
  /** Adds or changes a profile; `active` makes it the one in use. */
  saveProfile(profile: Profile): Promise<Profile[]>;
  /** Removes a profile; a built-in one gets its first form back. */
  removeProfile(profileId: string): Promise<Profile[]>;

  /** How old the price list is, and what its last update left to decide. */
  catalogueStatus(): Promise<CatalogueView>;
  /** Fetches the public price list. Changes that look wrong are held back. */
  updateCatalogue(): Promise<CatalogueView>;
  /** Takes held-back changes over, by target. */
  acceptPrices(targets: string[]): Promise<CatalogueView>;
  /** Keeps the known prices, by target; the same offer is not held back again. */
  dismissPrices(targets: string[]): Promise<CatalogueView>;
  /** The user's own price of a model; `null` goes back to the list. Books stay as they are. */
  setOwnPrice(target: string, price: OwnPrice | null): Promise<ModelView>;
  /** How the embedding cache has done. */
  embeddingStats(): Promise<EmbeddingStats>;
  /** Empties the embedding cache. */
  clearEmbeddings(): Promise<EmbeddingStats>;

  /** Groups, pools, aliases and rules, read again if a file has changed, and what is wrong in them. */
  routes(): Promise<RoutesView>;
  /** Writes a group into its file; comments stay. `oldName` renames. */
  saveGroup(group: GroupView, oldName: string | null): Promise<RoutesView>;
  removeGroup(name: string): Promise<RoutesView>;
  savePool(pool: PoolView, oldName: string | null): Promise<RoutesView>;
  removePool(name: string): Promise<RoutesView>;
  saveAliases(aliases: AliasView[]): Promise<RoutesView>;
  /** How it is chosen where no rule says so; `weights: null` takes the strategy's. */
  saveChoice(choice: ChoiceView): Promise<RoutesView>;
  saveRules(rules: RuleView[]): Promise<RoutesView>;
  /** A file of the folder as text, `groups/coding.yaml` for instance, and what is wrong in it. */
  readRoutingFile(name: string): Promise<RoutingFileView>;
  /** Replaces its text, `before`, unless that is wrong: then nothing is written, and the mistakes come back. */
  saveRoutingFile(name: string, text: string, before: string): Promise<RoutingFileOutcome>;
  /** What rules would have done with the prompts of the past. Nothing is sent and nothing is kept. */
  dryRunRules(rules: RuleView[]): Promise<DryRunView>;
  /** What a target would do with a prompt now. Nothing is sent. */
  simulateRoute(target: string, prompt: string): Promise<TraceView>;
  /** Breakers, limits, keys and health as they stand. */
  routingState(): Promise<RoutingState>;
  /** Whom to ask for what kind of work. */
  guide(): Promise<AdviceView[]>;
  /** How everybody has done over the last hours. */
  statistics(hours: number): Promise<StatisticsView>;
  /** Counts from now on. The books are not touched. */
  resetStatistics(): Promise<StatisticsView>;
  responseCache(): Promise<ResponseCacheView>;
  /** `off`, `deterministic` or `always`, and for how long answers are kept. */
  setResponseCache(mode: string, ttlHours: number): Promise<ResponseCacheView>;
  clearResponses(): Promise<ResponseCacheView>;
  /** Forgets the kept answer behind this one, so that the next request is sent. */
  forgetResponse(runId: string): Promise<ResponseCacheView>;

  /** Everything the Spend room shows for one filter. */
  spend(filter: SpendFilter): Promise<SpendView>;
  /** What can be filtered by, and whose colours are needed: all that the books name. */
  spendChoices(): Promise<SpendChoices>;
  /** The lines of the books under a filter, newest first, 100 at a time; `cursor` is the `next` of the page before. */
  spendEntries(filter: SpendFilter, cursor: string | null): Promise<EntryPage>;
  /** One line of the books, whole: usage, price, formula. */
  ledgerEntry(entryId: string): Promise<EntryView>;
  /** The same figures as text with commas, exact. */
  spendCsv(filter: SpendFilter, what: SpendCsv): Promise<string>;
  /** Writes a file into the downloads folder under a name that is free, and gives its path. `name` is never a path. */
  saveExport(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<string>;
  /** What recorded usage would have cost with other models, beside what it did cost. */
  replayCost(of: ReplayOf, targets: string[]): Promise<ReplayView>;
  /** What each folder has cost: its conversations of now, and what is booked under its name. */
  folderSpend(): Promise<FolderSpend[]>;
  /** What a turn has cost so far: asked for again when an answer of it has ended. */
  turnSpend(turnId: string): Promise<Spend>;

  /** Every budget as it stands now. */
  listBudgets(): Promise<BudgetView[]>;
  /** Adds or changes a budget; `beginAnew` lets its period begin now, so that nothing spent before counts. */
  saveBudget(draft: BudgetDraft, beginAnew: boolean): Promise<BudgetView[]>;
  /** Takes a budget out of force or puts it back, and leaves the rest as it stands by now, whoever has changed it. */
  pauseBudget(budgetId: string, paused: boolean): Promise<BudgetView[]>;
  /** Removes a budget; what it counted stays in the books. */
  removeBudget(budgetId: string): Promise<BudgetView[]>;
  /** What was sent against a budget because somebody said so, the newest first: consent is on record so that it can be read. */
  listBudgetOverrides(budgetId: string): Promise<BudgetOverrideView[]>;

  /**
   * Takes a provider's usage or cost export over, whoever's it is, and lays the books beside it. `provider` is the slug whose
   * calls it is compared with; `null`: of whoever wrote it. The same file twice is one invoice.
   */
  importInvoice(name: string, text: string, provider: string | null): Promise<InvoiceView>;
  /** What was imported, the latest first. */
  listInvoices(): Promise<InvoiceSummary[]>;
  /** An invoice beside the books as they stand now. */
  invoice(invoiceId: string): Promise<InvoiceView>;
  /** Forgets an invoice; what was corrected by it stays in the books. */
  removeInvoice(invoiceId: string): Promise<InvoiceSummary[]>;
  /** Books the differences of these rows as new entries; no rows: of all that are sure. */
  adjustToInvoice(invoiceId: string, rows: InvoiceRowKey[]): Promise<InvoiceChange>;
  /** Books an opposite entry for everything this file has corrected and that was not taken back yet. */
  takeBackInvoice(invoiceId: string): Promise<InvoiceChange>;

  /** How each model did over the last 1 to 90 days, what could be done better, and what was done about it. */
  analysis(days: number): Promise<AnalysisView>;
  /** The models of the analysis as comma-separated values, every digit of them. */
  analysisCsv(days: number): Promise<string>;
  /** The latest calls of a model that failed, newest first, at most 50. */
  failedCalls(target: string, days: number): Promise<FailedCall[]>;
  /** Makes the change of a safe recommendation; one that a person has to follow is refused. */
  applyRecommendation(id: string, days: number): Promise<AnalysisView>;
  /** Turns one down, or takes that back. The same advice about the same thing is not urged again. */
  dismissRecommendation(id: string, dismissed: boolean, days: number): Promise<AnalysisView>;
  /** Puts back what stood there before a change; refused where somebody has changed it since. */
  undoChange(id: string, days: number): Promise<AnalysisView>;
  /** Whether safe recommendations are applied without asking. */
  setAutomatic(on: boolean, days: number): Promise<AnalysisView>;

  /** What people should hear of, newest first: of the last 90 days, at most 200. */
  listAlerts(): Promise<AlertView[]>;
  /** Somebody has seen these; no ids: all. */
  seeAlerts(ids: string[]): Promise<AlertView[]>;
  /** Those that come about from now on, whichever program of this data folder raised them. */
  watchAlerts(onAlert: OnAlert): Promise<void>;
  /** What an alert says in the window's language, and what a click does: for the desktop. */
  wordAlert(id: string, title: string, body: string, open: string): Promise<void>;
  /** Whether anybody here shows notifications of the desktop. */
  notificationsAreShown(): Promise<boolean>;

  /** Looks for model servers on this machine (Ollama, LM Studio, llama.cpp, vLLM) at their usual ports. */
  detectLocalServers(): Promise<LocalServer[]>;
  /** Turns the demo models on: no key, no network. Idempotent. */
  startDemo(): Promise<ProviderView>;

  saveSettings(settings: Settings): Promise<Settings>;
  /** What other programs may learn now, who said so, and what last went wrong with it. */
  telemetryStatus(): Promise<TelemetryView>;
  /** Opens a link in the system's browser: https and mailto only. */
  openLink(url: string): Promise<void>;
  /** Something in the window that was not caught, for the log: words of the program and places in it, never what an error says. */
  reportFault(fault: WindowFault): Promise<void>;
}
