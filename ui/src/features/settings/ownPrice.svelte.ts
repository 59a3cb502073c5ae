import type { Backend } from "../../backend/backend";
import type { AppError } from "../../backend/bindings/AppError";
import type { ModelView } from "../../backend/bindings/ModelView";
import type { OwnPrice } from "../../backend/bindings/OwnPrice";
import { asAppError } from "../../backend/errors";
import { prices } from "../../shared/i18n/messages/prices";

export type Kind = keyof OwnPrice;
export const KINDS: readonly Kind[] = ["input", "output", "cache_read", "cache_write"];

/** More digits than this are no price: a millionth of a dollar per million tokens (ledger: `TokenPrice`). */
const MOST_DIGITS = 6;

/** An amount as typed, `$` and spaces allowed. Digits stay text: money never becomes a float. */
export function readAmount(text: string): { amount: string | null } | { problem: string } {
  const plain = text.trim().replace(/^\$\s*/, "");
  if (plain === "") return { amount: null };
  const match = /^\d+(?:\.(\d+))?$/.exec(plain);
  if (match === null) return { problem: prices().notDecimal };
  const digits = (match[1] ?? "").replace(/0+$/, "").length;
  return digits > MOST_DIGITS ? { problem: prices().tooFine } : { amount: plain };
}

/** The price a user sets for one model. */
export class OwnPriceForm {
  texts = $state<Record<Kind, string>>({ input: "", output: "", cache_read: "", cache_write: "" });
  saving = $state(false);
  /** Whether it was tried to save: before, an empty field is no mistake. */
  tried = $state(false);
  error = $state.raw<AppError | null>(null);
  model = $state.raw<ModelView>() as ModelView;

  readonly isOwn = $derived(this.model.price?.origin === "own");
  readonly problems = $derived.by(() => {
    const found: Partial<Record<Kind, string>> = {};
    for (const kind of KINDS) {
      const read = readAmount(this.texts[kind]);
      if ("problem" in read) found[kind] = read.problem;
      else if (this.tried && read.amount === null && (kind === "input" || kind === "output"))
        found[kind] = prices().required;
    }
    return found;
  });

  constructor(
    readonly backend: Backend,
    model: ModelView,
    readonly changed: () => Promise<void>,
  ) {
    this.model = model;
    this.#fill();
  }

  /** The price known now, as a hint for an empty field. */
  known(kind: Kind): string {
    return this.model.price?.[kind] ?? (kind === "input" || kind === "output" ? "" : prices().asKnown);
  }

  /** `true`: it is set. */
  save(): Promise<boolean> {
    this.tried = true;
    if (Object.keys(this.problems).length > 0) return Promise.resolve(false);
    const amount = (kind: Kind) => {
      const read = readAmount(this.texts[kind]);
      return "amount" in read ? read.amount : null;
    };
    return this.#set({
      input: amount("input") ?? "",
      output: amount("output") ?? "",
      cache_read: amount("cache_read"),
      cache_write: amount("cache_write"),
    });
  }

  revert(): Promise<boolean> {
    return this.#set(null);
  }

  async #set(price: OwnPrice | null): Promise<boolean> {
    if (this.saving) return false;
    this.saving = true;
    this.error = null;
    try {
      this.model = await this.backend.setOwnPrice(this.model.target, price);
      this.tried = false;
      this.#fill();
      await this.changed();
      return true;
    } catch (thrown) {
      this.error = asAppError(thrown);
      return false;
    } finally {
      this.saving = false;
    }
  }

  /** Fields hold the user's own price alone; a list price is only hinted at. */
  #fill(): void {
    const { price } = this.model;
    for (const kind of KINDS) this.texts[kind] = price?.origin === "own" ? (price[kind] ?? "") : "";
  }
}
