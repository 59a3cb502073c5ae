import type { Backend } from "../../../backend/backend";
import type { AppError } from "../../../backend/bindings/AppError";
import type { EntryRow } from "../../../backend/bindings/EntryRow";
import type { EntryView } from "../../../backend/bindings/EntryView";
import type { SpendFilter } from "../../../backend/bindings/SpendFilter";
import { asAppError } from "../../../backend/errors";

/** The lines of the books under the room's filter, and the one that is looked at. */
export class Entries {
  open = $state(false);
  rows = $state.raw<EntryRow[] | null>(null);
  more = $state.raw<string | null>(null);
  loading = $state(false);
  error = $state.raw<AppError | null>(null);
  /** The entry in the sheet; its row is known before the rest of it. */
  looked = $state.raw<string | null>(null);
  view = $state.raw<EntryView | null>(null);
  viewError = $state.raw<AppError | null>(null);
  #asked = 0;
  /** How many pages are shown. */
  #pages = 0;
  /** What the lines that are shown were asked with: where they go on is known for that alone. */
  #of: SpendFilter;

  constructor(
    readonly backend: Backend,
    readonly filter: () => SpendFilter,
  ) {
    this.#of = filter();
  }

  async show(): Promise<void> {
    this.open = true;
    await this.load();
  }

  /** The first page; what was shown stays until it is there. */
  async load(): Promise<void> {
    await this.#read(this.filter(), [], null, 1);
  }

  /** The same lines anew, as many pages as are shown: whoever has come so far stays there. */
  async refresh(): Promise<void> {
    await this.#read(this.filter(), [], null, Math.max(1, this.#pages));
  }

  async loadMore(): Promise<void> {
    if (this.more !== null && !this.loading) await this.#read(this.#of, this.rows ?? [], this.more, 1);
  }

  async #read(
    filter: SpendFilter,
    before: readonly EntryRow[],
    cursor: string | null,
    pages: number,
  ): Promise<void> {
    this.#asked += 1;
    const asked = this.#asked;
    this.loading = true;
    try {
      let [rows, next, read] = [[...before], cursor, 0];
      do {
        const page = await this.backend.spendEntries(filter, next);
        if (asked !== this.#asked) return;
        rows = [...rows, ...page.entries];
        next = page.next;
        read += 1;
      } while (next !== null && read < pages);
      this.rows = rows;
      this.#of = filter;
      this.more = next;
      this.#pages = before.length === 0 ? read : this.#pages + read;
      this.error = null;
    } catch (thrown) {
      if (asked === this.#asked) this.error = asAppError(thrown);
    } finally {
      if (asked === this.#asked) this.loading = false;
    }
  }

  async look(entryId: string): Promise<void> {
    this.looked = entryId;
    this.viewError = null;
    if (this.view?.row.id !== entryId) this.view = null;
    try {
      const view = await this.backend.ledgerEntry(entryId);
      if (this.looked === entryId) this.view = view;
    } catch (thrown) {
      if (this.looked === entryId) this.viewError = asAppError(thrown);
    }
  }

  leave(): void {
    this.looked = null;
  }
}
