import type { BudgetStop } from "../../backend/bindings/BudgetStop";
import type { MoneyChoice } from "../../backend/bindings/MoneyChoice";
import { formatUsd } from "../../shared/format";
import { currentTongue } from "../../shared/i18n/language.svelte";
import { overBudget } from "../../shared/i18n/messages/overBudget";
import { NO_CHOICE } from "../../shared/money";
import { partsOf } from "../../shared/exact";

export type WayKind = "yes" | "drop" | "cap" | "cheaper" | "allow" | "override";

/** One way out of a stop: what it is called, what it means, and what is decided by taking it. */
export interface Way {
  kind: WayKind;
  title: string;
  note: string;
  money: MoneyChoice;
  /** The lanes that are asked; `null`: all that were to be. */
  lanes: string[] | null;
}

/** What is in the way: too little money, an unknown price, or somebody who wants to be asked first. */
export type StopKind = "money" | "ask" | "unpriced";

export function kindOf(stop: BudgetStop): StopKind {
  const short = shortOf(stop);
  if (short.length === 0) return "unpriced";
  return short.every(({ on_limit }) => on_limit === "ask") ? "ask" : "money";
}

const shortOf = ({ budgets }: BudgetStop) => budgets.filter(({ missing_usd }) => partsOf(missing_usd) > 0n);

export function unpricedLanes({ budgets }: BudgetStop): string[] {
  return [...new Set(budgets.flatMap(({ unpriced_lanes }) => unpriced_lanes))];
}

/** The largest of what the budgets miss: what goes through goes beyond by this much. */
export function mostMissing(stop: BudgetStop): string {
  const [first, ...others] = shortOf(stop).map(({ missing_usd }) => missing_usd);
  return others.reduce((most, one) => (partsOf(one) > partsOf(most) ? one : most), first ?? "0");
}

/** The ways out that lead through, the least costly first; consent to go beyond the limit comes last unless it was asked for. */
/** Whether it goes to cheaper models by itself: every budget in the way says so, and then it fits. */
export function goesCheaper(stop: BudgetStop): boolean {
  return stop.cheaper_fits && stop.budgets.every((budget) => budget.on_limit === "cheaper");
}

export function waysOf(stop: BudgetStop, nameOf: (laneId: string) => string, canDrop: boolean): Way[] {
  const words = overBudget();
  const named = (laneIds: string[]) => listOf(laneIds.map(nameOf));
  const short = shortOf(stop);
  const unpriced = unpricedLanes(stop);
  const money: MoneyChoice = { ...NO_CHOICE, allow_unpriced: unpriced.length > 0 };
  const also = unpriced.length > 0 ? ` ${words.alsoUnpriced(named(unpriced))}` : "";
  const budgets = listOf(short.map(({ name }) => words.budget(name)));
  const missing = formatUsd(mostMissing(stop));
  const ways: Way[] = [];
  const left = stop.lanes.map(({ lane_id }) => lane_id).filter((id) => !stop.lanes_that_fit.includes(id));
  const consent = { ...money, override_budgets: short.map(({ id }) => id) };

  if (kindOf(stop) === "unpriced")
    ways.push({
      kind: "allow",
      title: words.allow(named(unpriced)),
      note: words.allowNote,
      money,
      lanes: null,
    });
  if (kindOf(stop) === "ask")
    ways.push({
      kind: "yes",
      title: words.yes,
      note: words.yesNote(missing, budgets) + also,
      money: consent,
      lanes: null,
    });
  if (canDrop && stop.lanes_that_fit.length > 0 && left.length > 0)
    ways.push({
      kind: "drop",
      title: words.drop(named(stop.lanes_that_fit)),
      note: words.dropNote(named(left)),
      money: NO_CHOICE,
      lanes: stop.lanes_that_fit,
    });
  const cap = stop.cap_that_fits === null ? null : roundCap(stop.cap_that_fits);
  if (short.length > 0 && cap !== null)
    ways.push({
      kind: "cap",
      title: words.cap(cap.toLocaleString("en-US")),
      note: words.capNote(longestOf(stop).toLocaleString("en-US")) + also,
      money: { ...money, cap_tokens: cap },
      lanes: null,
    });
  if (short.length > 0 && stop.cheaper_fits)
    ways.push({
      kind: "cheaper",
      title: words.cheaper,
      note: words.cheaperNote(cheaperWords(stop, nameOf)) + also,
      money: { ...money, cheaper: true },
      lanes: null,
    });
  if (kindOf(stop) === "money")
    ways.push({
      kind: "override",
      title: words.override,
      note: words.overrideNote(missing, budgets) + also,
      money: consent,
      lanes: null,
    });
  return ways;
}

/** Names as they are read out: a, b and c. */
export function listOf(names: string[]): string {
  return new Intl.ListFormat(currentTongue() === "zh" ? "zh-CN" : "en-GB", { type: "conjunction" }).format(
    names,
  );
}

/** A round figure that still fits. */
export function roundCap(tokens: number): number {
  const step = tokens >= 2_000 ? 100 : tokens >= 200 ? 10 : 1;
  return Math.floor(tokens / step) * step;
}

/** Who would be asked in whose place; lanes that go to the same model are named together. */
function cheaperWords({ lanes }: BudgetStop, nameOf: (laneId: string) => string): string {
  const words = overBudget();
  const to = new Map<string, { model: string; from: string[]; usd: string }>();
  for (const { lane_id, cheaper } of lanes) {
    if (cheaper === null) continue;
    const { target, model_name: model, worst_usd: usd } = cheaper;
    const group = to.get(target) ?? { model, from: [], usd };
    if (partsOf(usd) > partsOf(group.usd)) group.usd = usd;
    group.from.push(nameOf(lane_id));
    to.set(target, group);
  }
  return [...to.values()]
    .map(({ model, from, usd }) =>
      from.length > 1
        ? words.cheaperSeveral(listOf(from), model, formatUsd(usd))
        : words.cheaperPair(listOf(from), model, formatUsd(usd)),
    )
    .join("; ");
}

function longestOf({ lanes }: BudgetStop): number {
  return lanes.reduce((most, { max_tokens }) => Math.max(most, max_tokens), 0);
}
