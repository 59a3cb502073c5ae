import { getContext, setContext } from "svelte";
import type { Backend } from "../../backend/backend";
import type { AppError } from "../../backend/bindings/AppError";
import type { InvoiceChange } from "../../backend/bindings/InvoiceChange";
import type { InvoiceSummary } from "../../backend/bindings/InvoiceSummary";
import type { InvoiceView } from "../../backend/bindings/InvoiceView";
import type { ProviderView } from "../../backend/bindings/ProviderView";
import { asAppError } from "../../backend/errors";
import { invoiceWords } from "../../shared/i18n/messages/invoices";
import { spendWords } from "../../shared/i18n/messages/spend";
import { toasts } from "../../shared/ui/toasts.svelte";
import { csvName, csvOf } from "./csv";
import { fittingOf } from "./fitting";
import { canCorrect, correctionOf, daysOf, isStory, keyOf, type Correction } from "./rows";

/** As much as the host reads; a larger file would only fill the memory. */
const MOST_BYTES = 64 * 1024 * 1024;
/** With more rows than that, days begin folded. */
const MANY_ROWS = 240;

/** Several providers fit, and somebody has to say whose calls it is about. */
export interface Question {
  name: string;
  text: string;
  view: InvoiceView;
  fitting: ProviderView[];
  /** It was here before, so it is not taken away when another provider is chosen. */
  known: boolean;
}

/** Invoices that were imported, and the one that is looked at. */
export class Invoices {
  /** `null` until the host has answered. */
  summaries = $state.raw<InvoiceSummary[] | null>(null);
  /** Why they could not be asked for. */
  error = $state.raw<AppError | null>(null);
  view = $state.raw<InvoiceView | null>(null);
  /** The last file that could not be taken over. */
  refused = $state.raw<{ name: string; error: AppError } | null>(null);
  question = $state.raw<Question | null>(null);
  /** The file that is being read. */
  reading = $state<string | null>(null);
  correcting = $state(false);
  /** Only what differs, or did until it was corrected. */
  differences = $state(true);
  chosen = $state.raw<ReadonlySet<string>>(new Set());
  folded = $state.raw<ReadonlySet<string>>(new Set());

  readonly days = $derived(
    this.view === null ? [] : daysOf(this.view.rows, (row) => !this.differences || isStory(row)),
  );
  readonly correction: Correction = $derived(correctionOf(this.view?.rows ?? [], this.chosen));

  constructor(
    readonly backend: Backend,
    readonly providers: () => readonly ProviderView[],
    /** The books have new entries. */
    readonly onbooked: () => void = () => undefined,
  ) {}

  async load(): Promise<void> {
    try {
      this.summaries = await this.backend.listInvoices();
      this.error = null;
    } catch (thrown) {
      this.error = asAppError(thrown);
    }
  }

  /** Reads the invoice that is open again: the books go on while it is. */
  async look(id: string): Promise<void> {
    try {
      this.#show(await this.backend.invoice(id));
      this.error = null;
    } catch (thrown) {
      this.error = asAppError(thrown);
    }
  }

  close(): void {
    this.view = null;
    void this.load();
  }

  async take(files: readonly File[]): Promise<void> {
    for (const file of files) await this.#takeOne(file);
  }

  async #takeOne(file: File): Promise<void> {
    this.refused = null;
    if (file.size > MOST_BYTES) {
      const message = invoiceWords().tooLarge(MOST_BYTES / 1024 / 1024);
      this.refused = {
        name: file.name,
        error: { code: "too_large", message, action: null, retryable: false, over_budget: null },
      };
      return;
    }
    this.reading = file.name;
    try {
      const text = await file.text();
      const before = new Set((await this.backend.listInvoices()).map(({ head }) => head.id));
      const view = await this.backend.importInvoice(file.name, text, null);
      await this.#settle({ name: file.name, text, view, fitting: [], known: before.has(view.head.id) });
    } catch (thrown) {
      this.refused = { name: file.name, error: asAppError(thrown) };
    } finally {
      this.reading = null;
    }
  }

  /** Of one provider that fits it is; of several somebody says which. */
  async #settle(taken: Question): Promise<void> {
    const { head } = taken.view;
    const fitting = fittingOf(head.issuer, this.providers());
    const [only] = fitting;
    if (fitting.length > 1) {
      // It is no invoice of the list until somebody has said so.
      this.question = { ...taken, fitting };
      return;
    }
    if (only !== undefined && fitting.length === 1) await this.#compare(taken, only.id);
    else this.#show(taken.view);
    await this.load();
  }

  /** Whose calls it is about has been said. */
  async answer(providerId: string): Promise<void> {
    const { question } = this;
    this.question = null;
    if (question === null) return;
    try {
      await this.#compare(question, providerId);
    } catch (thrown) {
      this.refused = { name: question.name, error: asAppError(thrown) };
    }
    await this.load();
  }

  async #compare({ name, text, view, known }: Question, providerId: string): Promise<void> {
    if (providerId === view.head.provider) {
      this.#show(view);
      return;
    }
    const other = await this.backend.importInvoice(name, text, providerId);
    if (!known) await this.backend.removeInvoice(view.head.id);
    this.#show(other);
  }

  /** Nobody has said whose it is: it is not kept. */
  async dropQuestion(): Promise<void> {
    const { question } = this;
    this.question = null;
    if (question !== null && !question.known) await this.remove(question.view.head.id);
  }

  async remove(id: string): Promise<void> {
    try {
      this.summaries = await this.backend.removeInvoice(id);
      if (this.view?.head.id === id) this.view = null;
    } catch (thrown) {
      toasts.error(asAppError(thrown));
    }
  }

  choose(keys: readonly string[], on: boolean): void {
    const next = new Set(this.chosen);
    for (const key of keys)
      if (on) next.add(key);
      else next.delete(key);
    this.chosen = next;
  }

  chooseSure(): void {
    this.chosen = sureOf(this.view);
  }

  fold(days: readonly string[], on: boolean): void {
    const next = new Set(this.folded);
    for (const day of days)
      if (on) next.add(day);
      else next.delete(day);
    this.folded = next;
  }

  /** Books what is chosen. Nothing that stands in the books is changed. */
  async correct(): Promise<void> {
    const { view, correction } = this;
    if (view === null || correction.rows.length === 0) return;
    const rows = correction.rows.map(({ day, model }) => ({ day, model }));
    await this.#book(
      () => this.backend.adjustToInvoice(view.head.id, rows),
      (booked) => invoiceWords().corrected(booked),
    );
  }

  /** Takes back what this file has corrected, by opposite entries. */
  async takeBack(): Promise<void> {
    const { view } = this;
    if (view === null) return;
    await this.#book(
      () => this.backend.takeBackInvoice(view.head.id),
      (booked) => invoiceWords().tookBack(booked),
    );
  }

  /** What was booked is what the host says, not what was asked for. */
  async #book(ask: () => Promise<InvoiceChange>, words: (booked: number) => string): Promise<void> {
    this.correcting = true;
    try {
      const { view, booked } = await ask();
      const { folded } = this;
      this.#show(view);
      this.folded = folded;
      toasts.say(words(booked));
      if (booked > 0) this.onbooked();
    } catch (thrown) {
      toasts.error(asAppError(thrown));
    } finally {
      this.correcting = false;
    }
  }

  async saveCsv(): Promise<void> {
    const { view } = this;
    if (view === null) return;
    try {
      const bytes = new TextEncoder().encode(csvOf(view));
      toasts.say(spendWords().saved(await this.backend.saveExport(csvName(view), bytes)));
    } catch (thrown) {
      toasts.error(asAppError(thrown));
    }
  }

  #show(view: InvoiceView): void {
    this.view = view;
    this.chosen = sureOf(view);
    this.differences = view.rows.some(isStory);
    this.folded = new Set(this.days.length > 1 && view.rows.length > MANY_ROWS ? daysIn(view) : []);
  }
}

const daysIn = (view: InvoiceView): string[] => [...new Set(view.rows.map(({ day }) => day))];

/** What is chosen until somebody chooses otherwise. */
const sureOf = (view: InvoiceView | null): ReadonlySet<string> =>
  new Set((view?.rows ?? []).filter((row) => row.sure && canCorrect(row)).map(keyOf));

const KEY = Symbol("invoices");

export function setInvoices(invoices: Invoices): void {
  setContext(KEY, invoices);
}

export function getInvoices(): Invoices {
  return getContext<Invoices>(KEY);
}
