import { Channel, invoke } from "@tauri-apps/api/core";
import type { Backend, OnBatch } from "./backend";
import type { AlertView } from "./bindings/AlertView";
import type { TurnBatch } from "./bindings/TurnBatch";

function channel(onBatch: OnBatch): Channel<TurnBatch> {
  return new Channel<TurnBatch>(onBatch);
}

/** The real host. A command is called as the method is named, in snake_case; arguments keep the names of the interface. */
export const tauriBackend: Backend = {
  startup: () => invoke("startup"),
  setDatabaseAside: () => invoke("set_database_aside"),

  listConversations: () => invoke("list_conversations"),
  createConversation: (targets) => invoke("create_conversation", { targets }),
  openConversation: (conversationId) => invoke("open_conversation", { conversationId }),
  renameConversation: (conversationId, title) => invoke("rename_conversation", { conversationId, title }),
  pinConversation: (conversationId, pinned) => invoke("pin_conversation", { conversationId, pinned }),
  setConversationFolder: (conversationId, folder) =>
    invoke("set_conversation_folder", { conversationId, folder }),
  renameFolder: (old, name) => invoke("rename_folder", { old, new: name }),
  setConversationTags: (conversationId, tags) => invoke("set_conversation_tags", { conversationId, tags }),
  deleteConversation: (conversationId) => invoke("delete_conversation", { conversationId }),
  saveDraft: (conversationId, text, attachments) =>
    invoke("save_draft", { conversationId, text, attachments }),

  addLane: (conversationId, target) => invoke("add_lane", { conversationId, target }),
  removeLane: (laneId) => invoke("remove_lane", { laneId }),
  setLaneTarget: (laneId, target) => invoke("set_lane_target", { laneId, target }),
  setLaneParams: (laneId, params) => invoke("set_lane_params", { laneId, params }),
  moveLane: (laneId, position) => invoke("move_lane", { laneId, position }),

  // The bytes go as they are, not as JSON; a header holds plain letters only, hence the encoded name.
  addAttachment: (name, bytes) =>
    invoke("add_attachment", bytes, { headers: { "x-name": encodeURIComponent(name) } }),
  readAttachment: async (attachmentId) =>
    new Uint8Array(await invoke<ArrayBuffer>("read_attachment", { attachmentId })),
  previewTurn: (conversationId, text, attachments, laneIds, exact) =>
    invoke("preview_turn", { conversationId, text, attachments, laneIds, exact }),
  startTurn: (conversationId, text, attachments, laneIds, money, onBatch) =>
    invoke("start_turn", {
      conversationId,
      text,
      attachments,
      laneIds,
      money,
      onBatch: channel(onBatch),
    }),
  watchTurn: (turnId, onBatch) => invoke("watch_turn", { turnId, onBatch: channel(onBatch) }),
  retryRun: (runId, money, onBatch) => invoke("retry_run", { runId, money, onBatch: channel(onBatch) }),
  retryTurn: (turnId, failedOnly, money, onBatch) =>
    invoke("retry_turn", { turnId, failedOnly, money, onBatch: channel(onBatch) }),
  stopRun: (runId) => invoke("stop_run", { runId }),
  stopTurn: (turnId) => invoke("stop_turn", { turnId }),
  runVersion: (turnId, laneId, version) => invoke("run_version", { turnId, laneId, version }),
  pickRun: (runId, picked) => invoke("pick_run", { runId, picked }),

  resumeRun: (runId, resume, target, money, onBatch) =>
    invoke("resume_run", { runId, resume, target, money, onBatch: channel(onBatch) }),
  runTrace: (runId) => invoke("run_trace", { runId }),

  listModels: () => invoke("list_models"),
  listProviders: () => invoke("list_providers"),
  listDialects: () => invoke("list_dialects"),
  saveProvider: (provider) => invoke("save_provider", { provider }),
  removeProvider: (providerId) => invoke("remove_provider", { providerId }),
  setKey: (providerId, secret) => invoke("set_key", { providerId, secret }),
  removeKey: (providerId) => invoke("remove_key", { providerId }),
  addKey: (providerId, label, secret) => invoke("add_key", { providerId, label, secret }),
  removeOneKey: (providerId, keyId) => invoke("remove_one_key", { providerId, keyId }),
  checkKey: (providerId) => invoke("check_key", { providerId }),
  providerSettings: (providerId) => invoke("provider_settings", { providerId }),
  saveProviderSettings: (providerId, settings) => invoke("save_provider_settings", { providerId, settings }),
  modelParams: (target) => invoke("model_params", { target }),
  saveModelParams: (target, params) => invoke("save_model_params", { target, params }),
  effectiveValues: (laneId) => invoke("effective_values", { laneId }),
  modelValues: (target) => invoke("model_values", { target }),
  listProfiles: () => invoke("list_profiles"),
  saveProfile: (profile) => invoke("save_profile", { profile }),
  removeProfile: (profileId) => invoke("remove_profile", { profileId }),

  catalogueStatus: () => invoke("catalogue_status"),
  updateCatalogue: () => invoke("update_catalogue"),
  acceptPrices: (targets) => invoke("accept_prices", { targets }),
  dismissPrices: (targets) => invoke("dismiss_prices", { targets }),
  setOwnPrice: (target, price) => invoke("set_own_price", { target, price }),
  embeddingStats: () => invoke("embedding_stats"),
  clearEmbeddings: () => invoke("clear_embeddings"),

  routes: () => invoke("routes"),
  saveGroup: (group, oldName) => invoke("save_group", { group, oldName }),
  removeGroup: (name) => invoke("remove_group", { name }),
  savePool: (pool, oldName) => invoke("save_pool", { pool, oldName }),
  removePool: (name) => invoke("remove_pool", { name }),
  saveAliases: (aliases) => invoke("save_aliases", { aliases }),
  saveChoice: (choice) => invoke("save_choice", { choice }),
  saveRules: (rules) => invoke("save_rules", { rules }),
  readRoutingFile: (name) => invoke("read_routing_file", { name }),
  saveRoutingFile: (name, text, before) => invoke("save_routing_file", { name, text, before }),
  dryRunRules: (rules) => invoke("dry_run_rules", { rules }),
  simulateRoute: (target, prompt) => invoke("simulate_route", { target, prompt }),
  routingState: () => invoke("routing_state"),
  guide: () => invoke("guide"),
  statistics: (hours) => invoke("statistics", { hours }),
  resetStatistics: () => invoke("reset_statistics"),
  responseCache: () => invoke("response_cache"),
  setResponseCache: (mode, ttlHours) => invoke("set_response_cache", { mode, ttlHours }),
  clearResponses: () => invoke("clear_responses"),
  forgetResponse: (runId) => invoke("forget_response", { runId }),

  spend: (filter) => invoke("spend", { filter }),
  spendChoices: () => invoke("spend_choices"),
  spendEntries: (filter, cursor) => invoke("spend_entries", { filter, cursor }),
  ledgerEntry: (entryId) => invoke("ledger_entry", { entryId }),
  spendCsv: (filter, what) => invoke("spend_csv", { filter, what }),
  saveExport: (name, bytes) =>
    invoke("save_export", bytes, { headers: { "x-name": encodeURIComponent(name) } }),
  replayCost: (of, targets) => invoke("replay_cost", { of, targets }),
  folderSpend: () => invoke("folder_spend"),
  turnSpend: (turnId) => invoke("turn_spend", { turnId }),

  listBudgets: () => invoke("list_budgets"),
  saveBudget: (draft, beginAnew) => invoke("save_budget", { draft, beginAnew }),
  pauseBudget: (budgetId, paused) => invoke("pause_budget", { budgetId, paused }),
  removeBudget: (budgetId) => invoke("remove_budget", { budgetId }),
  listBudgetOverrides: (budgetId) => invoke("list_budget_overrides", { budgetId }),

  importInvoice: (name, text, provider) => invoke("import_invoice", { name, text, provider }),
  listInvoices: () => invoke("list_invoices"),
  invoice: (invoiceId) => invoke("invoice", { invoiceId }),
  removeInvoice: (invoiceId) => invoke("remove_invoice", { invoiceId }),
  adjustToInvoice: (invoiceId, rows) => invoke("adjust_to_invoice", { invoiceId, rows }),
  takeBackInvoice: (invoiceId) => invoke("take_back_invoice", { invoiceId }),

  analysis: (days) => invoke("analysis", { days }),
  analysisCsv: (days) => invoke("analysis_csv", { days }),
  failedCalls: (target, days) => invoke("failed_calls", { target, days }),
  applyRecommendation: (id, days) => invoke("apply_recommendation", { id, days }),
  dismissRecommendation: (id, dismissed, days) => invoke("dismiss_recommendation", { id, dismissed, days }),
  undoChange: (id, days) => invoke("undo_change", { id, days }),
  setAutomatic: (on, days) => invoke("set_automatic", { on, days }),

  listAlerts: () => invoke("list_alerts"),
  seeAlerts: (ids) => invoke("see_alerts", { ids }),
  watchAlerts: (onAlert) => invoke("watch_alerts", { onAlert: new Channel<AlertView>(onAlert) }),
  wordAlert: (id, title, body, open) => invoke("word_alert", { id, title, body, open }),
  notificationsAreShown: () => invoke("notifications_are_shown"),

  detectLocalServers: () => invoke("detect_local_servers"),
  startDemo: () => invoke("start_demo"),

  telemetryStatus: () => invoke("telemetry_status"),
  saveSettings: (settings) => invoke("save_settings", { settings }),
  openLink: (url) => invoke("open_link", { url }),
  reportFault: (fault) => invoke("report_fault", { ...fault }),
};
