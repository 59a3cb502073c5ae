import { THIS_MONTH } from "../../backend/blankFilter";
import type { SpendBy } from "../../backend/bindings/SpendBy";
import type { SpendFilter } from "../../backend/bindings/SpendFilter";
import type { SpendRange } from "../../backend/bindings/SpendRange";
import type { SpendStep } from "../../backend/bindings/SpendStep";

export { THIS_MONTH };

export type ListField = "providers" | "models" | "keys" | "sources" | "conversations" | "folders" | "tags";

export const LISTS: readonly ListField[] = [
  "providers",
  "models",
  "keys",
  "sources",
  "folders",
  "tags",
  "conversations",
];

export const FIELD_OF: Record<SpendBy, ListField> = {
  provider: "providers",
  model: "models",
  key: "keys",
  source: "sources",
  conversation: "conversations",
  folder: "folders",
  tag: "tags",
};

export const BYS = Object.keys(FIELD_OF) as SpendBy[];

/** The ranges that are offered by name, beside days of one's own; others come from a column of the chart. */
export const RANGES = [
  "today",
  "yesterday",
  "week",
  "d7",
  "month",
  "last_month",
  "d30",
  "d90",
  "year",
  "all",
] as const;
export type RangeKey = (typeof RANGES)[number];

export function rangeOf(key: RangeKey): SpendRange {
  switch (key) {
    case "d7":
      return { kind: "days", days: 7 };
    case "d30":
      return { kind: "days", days: 30 };
    case "d90":
      return { kind: "days", days: 90 };
    default:
      return { kind: key };
  }
}

/** `null` for a stretch of one's own. */
export function keyOfRange(range: SpendRange): RangeKey | null {
  if (range.kind === "between" || range.kind === "dates") return null;
  if (range.kind !== "days") return range.kind;
  return RANGES.find((key) => key === `d${range.days}`) ?? null;
}

/** The sum of all that is beyond the first ten of the stack, or beyond the ranking: nothing to look into. */
export const OTHERS = "*";

export interface Chip {
  field: ListField;
  name: string;
}

export function chipsOf(filter: SpendFilter): Chip[] {
  return LISTS.flatMap((field) => filter[field].map((name) => ({ field, name })));
}

export function withName(filter: SpendFilter, field: ListField, name: string, on: boolean): SpendFilter {
  const others = filter[field].filter((other) => other !== name);
  return { ...filter, [field]: on ? [...others, name] : others };
}

/** Whether other things or another time are looked at, not only in another way. */
export const isElsewhere = (one: SpendFilter, other: SpendFilter): boolean =>
  !sameFilter(withoutLook(one), withoutLook(other));

const withoutLook = (filter: SpendFilter): SpendFilter => {
  const { step, by, measure } = THIS_MONTH;
  return { ...filter, step, by, measure };
};

/** Everything of the range and the world of money that is being looked at; how it is looked at stays. */
export function withoutChips(filter: SpendFilter): SpendFilter {
  return LISTS.reduce((left, field) => ({ ...left, [field]: [] }), filter);
}

export const isReset = (filter: SpendFilter): boolean =>
  chipsOf(filter).length === 0 && filter.range.kind === THIS_MONTH.range.kind;

/** What is looked at next after one thing: a provider's models, a model's conversations. */
const INTO: Record<SpendBy, SpendBy> = {
  provider: "model",
  model: "conversation",
  conversation: "model",
  key: "model",
  source: "model",
  folder: "conversation",
  tag: "conversation",
};

/** One thing, looked into. */
export function into(filter: SpendFilter, by: SpendBy, name: string): SpendFilter {
  return { ...filter, [FIELD_OF[by]]: [name], by: INTO[by] };
}

/** Another time, looked into. */
export function intoRange(filter: SpendFilter, range: SpendRange): SpendFilter {
  return { ...filter, range, step: "auto", by: filter.by === "provider" ? "model" : filter.by };
}

/** One column, looked into: its hours, or the days of a week or a month. */
export function intoTime(filter: SpendFilter, from: number, until: number): SpendFilter {
  return intoRange(filter, { kind: "between", from, until });
}

/** After these there is nothing to look into but the requests themselves. */
export function endsAtRequests(by: SpendBy): boolean {
  return by === "conversation";
}

export const columnEndsAtRequests = (step: SpendStep): boolean => step === "hour";

export const sameFilter = (one: SpendFilter, other: SpendFilter): boolean =>
  JSON.stringify(normal(one)) === JSON.stringify(normal(other));

/** As it is kept: every field in one order, whatever somebody else has left out or added. */
export function normal(filter: Partial<SpendFilter> | null | undefined): SpendFilter {
  const known: SpendFilter = { ...THIS_MONTH, ...filter };
  const { range, step, by, measure, simulated } = known;
  const { providers, models, keys, sources, conversations, folders, tags } = known;
  return {
    range,
    step,
    by: BYS.includes(by) ? by : THIS_MONTH.by,
    measure,
    providers,
    models,
    keys,
    sources,
    conversations,
    folders,
    tags,
    simulated,
  };
}
