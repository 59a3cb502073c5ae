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

/** A file that could not be taken over, and why. */
export interface Refusal {
  name: string;
  error: AppError;
}

/** Invoices that were imported, and the one that is looked at. */
export class Invoices {
  /** As the host lists them. */
  #listed = $state.raw<InvoiceSummary[] | null>(null);
  /** Why they could not be asked for. */
  error = $state.raw<AppError | null>(null);
  view = $state.raw<InvoiceView | null>(null);
  /** Of the files that were chosen together, those that could not be taken over. */
  refusals = $state.raw<readonly Refusal[]>([]);
  /** In the order of their files; one is asked after the other. */
  #questions = $state.raw<readonly Question[]>([]);
  /** What was answered is being done. */
  #settling = $state(false);
  /** The file that is being read. */
  reading = $state<string | null>(null);
  correcting = $state(false);
  /** Only what differs, or did until it was corrected. */
  differences = $state(true);
  chosen = $state.raw<ReadonlySet<string>>(new Set());
  folded = $state.raw<ReadonlySet<string>>(new Set());

  readonly question: Question | null = $derived(this.#settling ? null : (this.#questions[0] ?? null));
  /** `null` until the host has answered. What is still asked about is no invoice of the list until somebody has said whose it is. */
  readonly summaries: InvoiceSummary[] | null = $derived.by(() => {
    const asked = new Set(this.#questions.filter(({ known }) => !known).map(({ view }) => view.head.id));
    return this.#listed?.filter(({ head }) => !asked.has(head.id)) ?? null;
  });
  readonly days = $derived(
    this.view === null ? [] : daysOf(this.view.rows, (row) => !this.differences || isStory(row)),
  );
  readonly correction: Correction = $derived(correctionOf(this.view?.rows ?? [], this.chosen));

  /** The latest question about the list, and about an invoice: earlier ones are nobody's any more. */
  #listAsked = 0;
  #viewAsked = 0;

  constructor(
    readonly backend: Backend,
    readonly providers: () => readonly ProviderView[],
    /** The books have new entries. */
    readonly onbooked: () => void = () => undefined,
  ) {}

  async load(): Promise<void> {
    this.#listAsked += 1;
    const asked = this.#listAsked;
    try {
      const listed = await this.backend.listInvoices();
      if (asked !== this.#listAsked) return;
      this.#listed = listed;
      this.error = null;
    } catch (thrown) {
      if (asked === this.#listAsked) this.error = asAppError(thrown);
    }
  }

  /** Reads the invoice that is open again: the books go on while it is. */
  async look(id: string): Promise<void> {
    this.#viewAsked += 1;
    const asked = this.#viewAsked;
    try {
      const view = await this.backend.invoice(id);
      if (asked !== this.#viewAsked) return;
      this.#show(view);
      this.error = null;
    } catch (thrown) {
      if (asked === this.#viewAsked) this.error = asAppError(thrown);
    }
  }

  close(): void {
    this.#viewAsked += 1;
    this.view = null;
    void this.load();
  }

  async take(files: readonly File[]): Promise<void> {
    // What is dropped while others are read belongs to them.
    if (this.reading === null) this.refusals = [];
    for (const file of files) await this.#takeOne(file);
  }

  async #takeOne(file: File): Promise<void> {
    if (file.size > MOST_BYTES) {
      const message = invoiceWords().tooLarge(MOST_BYTES / 1024 / 1024);
      this.#refuse(file.name, {
        code: "too_large",
        message,
        action: null,
        retryable: false,
        over_budget: null,
      });
      return;
    }
    this.reading = file.name;
    try {
      const text = await file.text();
      const before = new Set((await this.backend.listInvoices()).map(({ head }) => head.id));
      const view = await this.backend.importInvoice(file.name, text, null);
      await this.#settle({ name: file.name, text, view, fitting: [], known: before.has(view.head.id) });
    } catch (thrown) {
      this.#refuse(file.name, asAppError(thrown));
    } finally {
      this.reading = null;
    }
  }

  #refuse(name: string, error: AppError): void {
    this.refusals = [...this.refusals, { name, error }];
  }

  /** It has been read. */
  forget(refusal: Refusal): void {
    this.refusals = this.refusals.filter((other) => other !== refusal);
  }

  /** Of one provider that fits it is; of several somebody says which. */
  async #settle(taken: Question): Promise<void> {
    const { head } = taken.view;
    const fitting = fittingOf(head.issuer, this.providers());
    const [only] = fitting;
    if (fitting.length > 1) {
      // The same file twice is one invoice, and one question.
      if (!this.#questions.some(({ view }) => view.head.id === head.id))
        this.#questions = [...this.#questions, { ...taken, fitting }];
      return;
    }
    if (only !== undefined && fitting.length === 1) await this.#compare(taken, only.id);
    else this.#show(taken.view);
    await this.load();
  }

  /** Whose calls it is about has been said. */
  async answer(providerId: string): Promise<void> {
    await this.#end(this.question, (question) => this.#compare(question, providerId));
  }

  /** Nobody has said whose it is: it is not kept. */
  async dropQuestion(): Promise<void> {
    await this.#end(this.question, async ({ known, view }) => {
      if (!known) await this.remove(view.head.id);
    });
  }

  /** The next question comes when this one is done with. */
  async #end(question: Question | null, act: (question: Question) => Promise<void>): Promise<void> {
    if (question === null) return;
    this.#settling = true;
    try {
      await act(question);
    } catch (thrown) {
      this.#refuse(question.name, asAppError(thrown));
    } finally {
      this.#questions = this.#questions.filter((other) => other !== question);
      this.#settling = false;
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

  async remove(id: string): Promise<void> {
    try {
      this.#listed = await this.backend.removeInvoice(id);
      this.#listAsked += 1;
      if (this.view?.head.id !== id) return;
      this.#viewAsked += 1;
      this.view = null;
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
      // Another one may have been opened meanwhile.
      if (this.view?.head.id === view.head.id) {
        const { folded } = this;
        this.#show(view);
        this.folded = folded;
      } else void this.load();
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
    this.#viewAsked += 1;
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
