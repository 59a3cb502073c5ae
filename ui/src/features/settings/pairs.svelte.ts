export type Pair = [name: string, value: string];

export interface PairRow {
  id: number;
  name: string;
  value: string;
  /** Why it is not kept, in the host's words. */
  problem: string | null;
}

/**
 * Names with values while they are written: headers, parts of a query. Each row is saved as soon as both of its parts are
 * there; one that is refused stays as it was written, and the others are saved without it.
 */
export class Pairs {
  rows = $state<PairRow[]>([]);
  /** What the host has, by row. */
  readonly #kept = new Map<number, Pair>();
  #nextId = 1;

  /** `save` rejects with what the host says against the pairs. */
  constructor(
    pairs: readonly Pair[],
    readonly save: (pairs: Pair[]) => Promise<void>,
    readonly explain: (thrown: unknown) => string,
  ) {
    for (const [name, value] of pairs) this.#kept.set(this.add(name, value), [name, value]);
  }

  /** A new row, of which nothing is kept yet. */
  add(name = "", value = ""): number {
    const id = this.#nextId++;
    this.rows.push({ id, name, value, problem: null });
    return id;
  }

  isKept({ id, name, value }: PairRow): boolean {
    const kept = this.#kept.get(id);
    return kept !== undefined && kept[0] === name.trim() && kept[1] === value.trim();
  }

  /** Something begun of which one part is missing. */
  isUnfinished({ name, value }: PairRow): boolean {
    return (name.trim() === "") !== (value.trim() === "");
  }

  async written(row: PairRow): Promise<void> {
    const pair: Pair = [row.name.trim(), row.value.trim()];
    if (pair.includes("") || this.isKept(row)) return;
    const all = this.rows.flatMap(({ id }): Pair[] => {
      const kept = id === row.id ? pair : this.#kept.get(id);
      return kept === undefined ? [] : [kept];
    });
    try {
      await this.save(all);
      this.#kept.set(row.id, pair);
      row.problem = null;
    } catch (thrown) {
      row.problem = this.explain(thrown);
    }
  }

  async remove(row: PairRow): Promise<void> {
    const wasKept = this.#kept.has(row.id);
    const kept = this.rows.flatMap(({ id }): Pair[] => {
      const pair = id === row.id ? undefined : this.#kept.get(id);
      return pair === undefined ? [] : [pair];
    });
    try {
      if (wasKept) await this.save(kept);
      this.#kept.delete(row.id);
      this.rows = this.rows.filter(({ id }) => id !== row.id);
    } catch (thrown) {
      row.problem = this.explain(thrown);
    }
  }
}
