import type { Backend } from "../backend";
import type { CatalogueView } from "../bindings/CatalogueView";
import type { EmbeddingStats } from "../bindings/EmbeddingStats";
import type { PriceChange } from "../bindings/PriceChange";
import { refused, type FakeState } from "./state";

type Part = Pick<
  Backend,
  | "catalogueStatus"
  | "updateCatalogue"
  | "acceptPrices"
  | "dismissPrices"
  | "setOwnPrice"
  | "embeddingStats"
  | "clearEmbeddings"
>;

const DAY_MS = 86_400_000;
const STALE_DAYS = 60;

/** The price list as the fake host keeps it. */
export interface FakePrices {
  /** `YYYY-MM-DD`. */
  date: string;
  updated: number;
  heldBack: PriceChange[];
  /** What the last update has changed. */
  changes: PriceChange[];
  /** The next update fails with this message. */
  fails: string | null;
}

export function firstPrices(): FakePrices {
  return { date: "2026-08-30", updated: 0, heldBack: [], changes: [], fails: null };
}

const SUSPECT: PriceChange[] = [
  {
    target: "openai/gpt-5.6",
    field: "input",
    before: "1.75",
    after: "0.0175",
    reason: "A hundredth of the known price.",
  },
  {
    target: "deepseek/deepseek-v4",
    field: "output",
    before: "0.42",
    after: "42",
    reason: "A hundred times the known price.",
  },
  {
    target: "gemini/gemini-3.6-flash",
    field: "output",
    before: "2.5",
    after: null,
    reason: "The price is gone from the list.",
  },
];

const CHANGED: PriceChange[] = [
  { target: "anthropic/claude-haiku-5", field: "input", before: "1", after: "0.8", reason: "" },
  { target: "anthropic/claude-haiku-5", field: "output", before: "5", after: "4", reason: "" },
  { target: "xai/grok-5-fast", field: "tiers.128000.output", before: null, after: "1", reason: "" },
];

/** The price list, the user's own prices, and the embedding cache. */
export function fakePrices(state: FakeState, delay: () => Promise<void>): Part {
  function view(): CatalogueView {
    const { prices } = state;
    const age_days = Math.max(0, Math.floor((Date.now() - Date.parse(prices.date)) / DAY_MS));
    return {
      models: 502,
      providers: 24,
      price_date: prices.date,
      age_days,
      stale: age_days > STALE_DAYS,
      own_prices: state.ownPrices.size,
      updated: prices.updated,
      source: "github.com/BerriAI/litellm",
      changes: prices.changes,
      held_back: prices.heldBack,
    };
  }

  return {
    async catalogueStatus() {
      await delay();
      return view();
    },
    async updateCatalogue() {
      await delay();
      if (state.prices.fails !== null) throw refused("catalogue_update", state.prices.fails);
      const date = new Date(Date.now()).toISOString().slice(0, 10);
      state.prices = { ...state.prices, date, updated: 37, heldBack: SUSPECT, changes: CHANGED };
      return view();
    },
    async acceptPrices(targets) {
      await delay();
      const accepted = state.prices.heldBack.filter((change) => targets.includes(change.target));
      for (const change of accepted) state.acceptedPrices.push(change);
      const heldBack = state.prices.heldBack.filter((change) => !targets.includes(change.target));
      state.prices = { ...state.prices, heldBack, updated: state.prices.updated + accepted.length };
      return view();
    },
    async dismissPrices(targets) {
      await delay();
      const heldBack = state.prices.heldBack.filter((change) => !targets.includes(change.target));
      state.prices = { ...state.prices, heldBack };
      return view();
    },
    async setOwnPrice(target, price) {
      await delay();
      for (const [kind, amount] of Object.entries(price ?? {})) {
        if (amount !== null && !/^\d{1,6}(\.\d{1,6})?$/.test(amount))
          throw refused(
            "invalid_price",
            `The price of ${kind.replace("_", " ")} is not an amount in dollars.`,
          );
      }
      if (price === null) state.ownPrices.delete(target);
      else state.ownPrices.set(target, price);
      return state.model(target);
    },
    async embeddingStats() {
      await delay();
      return state.embeddings;
    },
    async clearEmbeddings() {
      await delay();
      state.embeddings = { ...state.embeddings, stored: 0, stored_bytes: 0 };
      return state.embeddings;
    },
  };
}

export const SOME_EMBEDDINGS: EmbeddingStats = {
  memory_hits: 1_284,
  stored_hits: 377,
  misses: 502,
  stored: 8_190,
  stored_bytes: 50_331_648,
};
