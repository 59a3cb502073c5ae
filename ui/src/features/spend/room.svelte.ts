import { getContext, setContext } from "svelte";
import type { Backend, SpendCsv } from "../../backend/backend";
import type { AppError } from "../../backend/bindings/AppError";
import type { SpendBy } from "../../backend/bindings/SpendBy";
import type { SpendChoices } from "../../backend/bindings/SpendChoices";
import type { SpendFilter } from "../../backend/bindings/SpendFilter";
import type { SpendName } from "../../backend/bindings/SpendName";
import type { SpendView } from "../../backend/bindings/SpendView";
import { asAppError } from "../../backend/errors";
import { spendWords } from "../../shared/i18n/messages/spend";
import { toasts } from "../../shared/ui/toasts.svelte";
import { Analysis } from "../analysis/analysis.svelte";
import { inkOf, PATTERNS, type Ink } from "./colours";
import { Entries } from "./entries/entries.svelte";
import {
  columnEndsAtRequests,
  endsAtRequests,
  into,
  intoRange,
  intoTime,
  isElsewhere,
  normal,
  OTHERS,
  sameFilter,
  THIS_MONTH,
  withoutChips,
} from "./filter";
import { Replay } from "./replay/replay.svelte";

/** One look into something: what it was called, and how everything was looked at before. */
export interface Look {
  label: string;
  before: SpendFilter;
  requestsWereOpen: boolean;
}

/** What the room is made of, as its row of parts shows it. */
export const PARTS = ["overview", "budgets", "analysis", "invoices"] as const;
export type SpendPart = (typeof PARTS)[number];

/** Figures that were read on the way to the room are not read again when it opens. */
const JUST_READ_MS = 1_000;
const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** How long figures may stand while somebody looks at them. */
const FRESH_MS = 30_000;

/** The Spend room: the filter, what the books say under it, and the way down to a single entry. */
export class SpendRoom {
  part = $state<SpendPart>("overview");
  filter = $state.raw<SpendFilter>(THIS_MONTH);
  view = $state.raw<SpendView | null>(null);
  /** What `view` was asked with: words and colours belong to it until the next answer. */
  shown = $state.raw<SpendFilter>(THIS_MONTH);
  choices = $state.raw<SpendChoices | null>(null);
  error = $state.raw<AppError | null>(null);
  loading = $state(false);
  trail = $state.raw<Look[]>([]);
  /** How often somebody was led here from elsewhere in the window. */
  arrivals = $state(0);
  /** Somebody was led to all of the ranking. */
  rankingWanted = $state(false);
  /** Every band with its own pattern, not only those whose colour is taken. */
  patterns = $state(false);
  /** What things were called when they were looked into: an answer need not name them again. */
  readonly labels = new Map<string, string>();
  readonly entries: Entries;
  readonly replay: Replay;
  readonly analysis: Analysis;
  /** Models have the colours of their providers; other things are told apart among themselves. */
  readonly #inks = $derived.by(() => {
    const known = this.choices;
    return {
      provider: inkOf(known?.providers ?? []),
      model: inkOf(known?.models ?? []),
      key: inkOf(known?.keys ?? []),
      source: inkOf(known?.sources ?? []),
      folder: inkOf(known?.folders ?? []),
      tag: inkOf(known?.tags ?? []),
    };
  });
  /** Apart from the others: what is drawn in their colours is not drawn anew because other conversations are shown. */
  readonly #conversationInk = $derived(inkOf(this.view?.series.map(({ of }) => of) ?? []));
  #asked = 0;
  /** What the next start begins with: the filter as it was set by hand, and nothing of what was looked into. */
  #kept: SpendFilter = THIS_MONTH;
  /** When the books were read, in milliseconds of the wall. */
  #readAt = 0;

  constructor(
    readonly backend: Backend,
    /** Keeps the filter for the next time the program starts. */
    readonly keep: (filter: SpendFilter) => void = () => undefined,
  ) {
    this.entries = new Entries(backend, () => this.filter);
    this.replay = new Replay(backend);
    this.analysis = new Analysis(backend);
  }

  /** Begins with the filter of the last time. */
  begin(filter: Partial<SpendFilter> | null | undefined): void {
    this.filter = this.#kept = normal(filter);
  }

  ink(of: SpendName, by: SpendBy): Ink {
    const ink = by === "conversation" ? this.#conversationInk(of) : this.#inks[by](of);
    if (!this.patterns || ink.pattern !== 0 || by !== this.shown.by) return ink;
    const place = this.view?.series.findIndex((band) => band.of.name === of.name) ?? -1;
    return place < 0 ? ink : { ...ink, pattern: place % (PATTERNS + 1) };
  }

  /** Reads the books for somebody who is about to look at what they say. */
  readAhead(): void {
    if (this.part === "overview" && !this.loading && Date.now() - this.#readAt > JUST_READ_MS)
      void this.load();
  }

  /** Reads the books while the room is open, and again before the figures are old. */
  watch(): () => void {
    this.readAhead();
    const again = setInterval(() => {
      if (!document.hidden) void this.load();
    }, FRESH_MS);
    return () => clearInterval(again);
  }

  /** Reads everything anew. */
  async load(): Promise<void> {
    await this.#read(() => this.backend.spendChoices());
  }

  /** Another look at the same books: what there is to choose from has not changed by it. */
  async #lookAgain(): Promise<void> {
    const known = this.choices;
    await this.#read(() => (known === null ? this.backend.spendChoices() : Promise.resolve(known)));
  }

  async #read(choose: () => Promise<SpendChoices>): Promise<void> {
    this.#asked += 1;
    const asked = this.#asked;
    const { filter } = this;
    const again = this.view !== null && sameFilter(filter, this.shown);
    this.loading = true;
    try {
      const [view, choices] = await Promise.all([this.backend.spend(filter), choose()]);
      if (asked !== this.#asked) return;
      // What says the same is not drawn anew.
      if (!isSame(view, this.view)) this.view = view;
      if (!isSame(choices, this.choices)) this.choices = choices;
      this.shown = filter;
      this.#readAt = Date.now();
      this.error = null;
    } catch (thrown) {
      if (asked !== this.#asked) return;
      this.error = asAppError(thrown);
    } finally {
      if (asked === this.#asked) this.loading = false;
    }
    if (!this.entries.open || asked !== this.#asked) return;
    await (again ? this.entries.refresh() : this.entries.load());
  }

  /** Another filter, set by hand: kept for the next time. */
  set(change: Partial<SpendFilter>): void {
    const next = { ...this.filter, ...change };
    if (sameFilter(next, this.filter)) return;
    // What was looked into is not where one is any more.
    if (isElsewhere(next, this.filter)) this.trail = [];
    this.filter = next;
    // Within a look only the way of looking can have changed, and that alone is kept.
    this.#kept = this.trail.length === 0 ? next : { ...this.#kept, ...change };
    this.keep(this.#kept);
    void this.#lookAgain();
  }

  reset(): void {
    this.trail = [];
    this.set({ ...withoutChips(this.filter), range: THIS_MONTH.range, step: "auto" });
  }

  /** Looks into one thing of the stack or the ranking. All that is beyond the stack has its names in the ranking. */
  lookInto(by: SpendBy, { name }: SpendName, label: string): void {
    if (name === OTHERS) {
      this.rankingWanted = true;
      return;
    }
    this.labels.set(name, label);
    this.#look(into(this.filter, by, name), label, endsAtRequests(by));
  }

  /** Looks into one column of the chart. */
  lookIntoTime(from: number, until: number, label: string): void {
    const ends = this.view !== null && columnEndsAtRequests(this.view.step);
    this.#look(intoTime(this.filter, from, until), label, ends);
  }

  /** Looks into the day that is under way, whatever the range. */
  lookIntoToday(label: string): void {
    this.#look(intoRange(this.filter, { kind: "today" }), label, false);
  }

  /** Looks into something from elsewhere in the window: Back leads to how the room was left. */
  lookAt(filter: SpendFilter, label: string): void {
    this.part = "overview";
    this.arrivals += 1;
    this.#look(filter, label, false);
  }

  #look(filter: SpendFilter, label: string, requests: boolean): void {
    const before = this.filter;
    this.trail = [...this.trail, { label, before, requestsWereOpen: this.entries.open }];
    this.filter = filter;
    if (requests) this.entries.open = true;
    void this.#lookAgain();
  }

  /** Goes back to how it was looked at before the last look, or before the one at a place of the trail. */
  back(to = this.trail.length - 1): void {
    const look = this.trail[to];
    if (look === undefined) return;
    this.trail = this.trail.slice(0, to);
    this.filter = look.before;
    this.entries.open = look.requestsWereOpen;
    void this.#lookAgain();
  }

  /** The figures are read anew first, and the file is of the stretch of time they are about: both hold the same. */
  async saveCsv(what: SpendCsv): Promise<void> {
    await this.#save(async () => {
      await this.load();
      const text = await this.backend.spendCsv(asShown(this.shown, this.view), what);
      return [`roundtable-${what}.csv`, new TextEncoder().encode(text)];
    });
  }

  async savePicture(name: string, draw: () => Uint8Array<ArrayBuffer>): Promise<void> {
    await this.#save(() => Promise.resolve([`roundtable-${name}.png`, draw()]));
  }

  async #save(make: () => Promise<[name: string, bytes: Uint8Array<ArrayBuffer>]>): Promise<void> {
    try {
      const [name, bytes] = await make();
      toasts.say(spendWords().saved(await this.backend.saveExport(name, bytes)));
    } catch (thrown) {
      toasts.error(asAppError(thrown));
    }
  }
}

/** A filter with the stretch of time and the step it came out as: at midnight today is another day. */
function asShown(filter: SpendFilter, view: SpendView | null): SpendFilter {
  if (view === null) return filter;
  const { from, until, step } = view;
  return { ...filter, range: { kind: "between", from, until }, step };
}

const KEY = Symbol("spend");

export function setSpend(room: SpendRoom): void {
  setContext(KEY, room);
}

export function getSpend(): SpendRoom {
  return getContext<SpendRoom>(KEY);
}
