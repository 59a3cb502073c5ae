import type { Backend } from "../../backend";
import type { RunView } from "../../bindings/RunView";
import type { SpendFilter } from "../../bindings/SpendFilter";
import { refused, spendOf, type FakeState } from "../state";
import { csvOf } from "./csv";
import { entriesOfAnswers, entryView, replayed, rowOf } from "./entries";
import { chosenBy, grouped, nameOf } from "./sums";
import { spendView, stretch } from "./view";

type Part = Pick<
  Backend,
  | "spend"
  | "spendChoices"
  | "spendEntries"
  | "ledgerEntry"
  | "spendCsv"
  | "saveExport"
  | "replayCost"
  | "folderSpend"
  | "turnSpend"
>;

const PAGE = 100;

/** What the books say, computed from the entries of a scene. */
export function fakeSpend(
  state: FakeState,
  delay: () => Promise<void>,
  /** What was written, by the name it was given. */
  saved: Map<string, Uint8Array<ArrayBuffer>>,
): Part {
  const reachBooks = async () => {
    await delay();
    if (state.booksFail !== null) throw refused("books_unreadable", state.booksFail);
  };
  const entriesOf = (filter: SpendFilter) =>
    state.books.filter(chosenBy(filter, stretch(state, filter, Date.now())));

  return {
    async spend(filter) {
      await reachBooks();
      return spendView(state, filter, Date.now());
    },
    async spendChoices() {
      await reachBooks();
      const names = (by: Parameters<typeof nameOf>[1]) =>
        [...grouped(state.books, by).keys()].sort().map((name) => nameOf(state, by, name));
      return {
        providers: names("provider"),
        models: names("model"),
        keys: names("key"),
        sources: names("source"),
        folders: names("folder"),
        tags: names("tag"),
        has_real: state.books.some(({ simulated }) => !simulated),
        has_simulated: state.books.some(({ simulated }) => simulated),
      };
    },
    async spendEntries(filter, cursor) {
      await reachBooks();
      const newest = entriesOf(filter).reverse();
      const begin = Number(cursor ?? "0");
      const end = begin + PAGE;
      return {
        entries: newest.slice(begin, end).map((entry) => rowOf(state, entry)),
        next: end < newest.length ? String(end) : null,
      };
    },
    async ledgerEntry(entryId) {
      await reachBooks();
      return entryView(state, entryId);
    },
    async spendCsv(filter, what) {
      await reachBooks();
      return csvOf(state, spendView(state, filter, Date.now()), entriesOf(filter), what);
    },
    async saveExport(name, bytes) {
      await delay();
      saved.set(name, bytes);
      return `~/Downloads/${name}`;
    },
    async replayCost(of, targets) {
      await reachBooks();
      return replayed(
        state,
        of.kind === "filter" ? entriesOf(of.filter) : entriesOfAnswers(state, of),
        targets,
      );
    },
    async turnSpend(turnId) {
      await delay();
      return spendOf([...state.placeOfTurn(turnId).stored.versions.values()].flat());
    },
    async folderSpend() {
      await delay();
      const folders = new Map<string, { runs: RunView[]; booked: RunView[] }>();
      const of = (folder: string) => {
        const known = folders.get(folder) ?? { runs: [], booked: [] };
        folders.set(folder, known);
        return known;
      };
      for (const { folder, turns } of state.conversations.values()) {
        for (const run of turns.flatMap(({ versions }) => [...versions.values()].flat())) {
          const then = state.bookedIn.get(run.id) ?? folder ?? "";
          if (folder !== null) of(folder).runs.push(run);
          if (then !== "") of(then).booked.push(run);
        }
      }
      return [...folders].map(([folder, { runs, booked }]) => ({
        folder,
        spend: spendOf(runs),
        booked: spendOf(booked),
      }));
    },
  };
}
