import type { BudgetStop } from "../bindings/BudgetStop";
import type { CheaperLane } from "../bindings/CheaperLane";
import type { MoneyChoice } from "../bindings/MoneyChoice";
import type { TightBudget } from "../bindings/TightBudget";
import type { TightestBudget } from "../bindings/TightestBudget";
import { counts, standing, type CallFacts, type StoredBudget } from "./budgets";
import { costOf, picoOf, usdOf } from "./money";
import { refused, type FakeState, type StoredConversation } from "./state";
import { windowOf } from "./windows";

/** One lane's call before it is sent. */
export interface Need {
  laneId: string;
  /** `provider/model`. */
  target: string;
  input: number;
  longest: number;
  facts: Omit<CallFacts, "target" | "simulated">;
}

/** What a call is let through with. */
export interface Admitted extends Need {
  /** Set aside for it. */
  pico: bigint;
}

const NO_CHOICE: MoneyChoice = {
  cap_tokens: null,
  cheaper: false,
  override_budgets: [],
  allow_unpriced: false,
};
/** Shorter answers are of no use. */
const SHORTEST_ANSWER = 64;

export function factsOf(conversation: StoredConversation): Need["facts"] {
  const { id, folder, tags } = conversation;
  return { key: null, conversation: id, folder, tags, source: "chat" };
}

/** Worst case, in pico-dollars; `null`: unpriced. */
function worst(state: FakeState, need: Need, longest = need.longest): bigint | null {
  const { usd } = costOf(state.model(need.target), need.input, longest, true);
  return usd === null ? null : picoOf(usd);
}

function callOf(state: FakeState, need: Need): CallFacts {
  return { ...need.facts, target: need.target, simulated: state.model(need.target).simulated };
}

const inForce = (state: FakeState) => state.budgets.stored.filter(({ draft }) => !draft.paused);

/** What is in the way of these calls. Budgets that only warn never are. */
function obstacles(state: FakeState, needs: Need[], choice: MoneyChoice): TightBudget[] {
  return inForce(state)
    .filter(({ draft }) => draft.on_limit !== "warn")
    .flatMap((budget) => tight(state, budget, needs, choice))
    .sort((a, b) => (picoOf(b.missing_usd) > picoOf(a.missing_usd) ? 1 : -1));
}

function tight(state: FakeState, budget: StoredBudget, needs: Need[], choice: MoneyChoice): TightBudget[] {
  const { draft } = budget;
  const inScope = needs.filter((need) => counts(budget, callOf(state, need)));
  const needed = inScope.reduce((sum, need) => sum + (worst(state, need) ?? 0n), 0n);
  const { limit, spent, reserved } = standing(state, budget);
  const over = spent + reserved + needed - limit;
  const missing = over > 0n && needed > 0n && !choice.override_budgets.includes(budget.id) ? over : 0n;
  const unpriced = choice.allow_unpriced
    ? []
    : inScope.filter((need) => worst(state, need) === null && !draft.unpriced_allowed.includes(need.target));
  if (missing === 0n && unpriced.length === 0) return [];
  return [
    {
      id: budget.id,
      name: draft.name,
      on_limit: draft.on_limit,
      limit_usd: draft.limit_usd,
      spent_usd: usdOf(spent),
      reserved_usd: usdOf(reserved),
      needed_usd: usdOf(needed),
      missing_usd: usdOf(missing),
      period_end: windowOf(draft.period, Date.now(), budget.madeAt).end,
      unpriced_lanes: unpriced.map(({ laneId }) => laneId),
    },
  ];
}

const fits = (state: FakeState, needs: Need[], choice = NO_CHOICE) =>
  obstacles(state, needs, choice).length === 0;

/** The cheapest that costs less and is set up, among the targets the budgets name where they name any. */
function cheaperFor(state: FakeState, need: Need): CheaperLane | null {
  const now = worst(state, need);
  if (now === null) return null;
  const named = inForce(state).flatMap(({ draft }) => draft.cheaper_targets);
  const simulated = state.model(need.target).simulated;
  const others = state
    .models()
    .filter((model) => model.ready && model.simulated === simulated)
    .filter(({ target }) => named.length === 0 || named.includes(target))
    .flatMap((model) => {
      const longest = Math.min(need.longest, model.max_output ?? need.longest);
      const pico = worst(state, { ...need, target: model.target, longest });
      return pico !== null && pico < now ? [{ model, pico }] : [];
    })
    .sort((a, b) => (a.pico > b.pico ? 1 : -1));
  const [best] = others;
  if (best === undefined) return null;
  return { target: best.model.target, model_name: best.model.name, worst_usd: usdOf(best.pico) };
}

function swapped(state: FakeState, need: Need): Need {
  const cheaper = cheaperFor(state, need);
  if (cheaper === null) return need;
  const longest = Math.min(need.longest, state.model(cheaper.target).max_output ?? need.longest);
  return { ...need, target: cheaper.target, longest };
}

const capped = (needs: Need[], cap: number | null) =>
  cap === null ? needs : needs.map((need) => ({ ...need, longest: Math.min(need.longest, cap) }));

/** Why these calls would not be sent, and the ways out; `null`: they fit. */
export function stopOf(state: FakeState, needs: Need[], choice = NO_CHOICE): BudgetStop | null {
  const budgets = obstacles(state, needs, choice);
  if (budgets.length === 0) return null;
  const cheapestFirst = needs.toSorted((a, b) =>
    (worst(state, a) ?? 0n) > (worst(state, b) ?? 0n) ? 1 : -1,
  );
  const kept: Need[] = [];
  for (const need of cheapestFirst) if (fits(state, [...kept, need], choice)) kept.push(need);
  let cap: number | null = null;
  for (let low = SHORTEST_ANSWER, high = Math.max(...needs.map(({ longest }) => longest)); low <= high;) {
    const middle = Math.floor((low + high) / 2);
    if (fits(state, capped(needs, middle), choice)) {
      cap = middle;
      low = middle + 1;
    } else high = middle - 1;
  }
  return {
    budgets,
    lanes: needs.map((need) => {
      const model = state.model(need.target);
      const [input, most] = [worst(state, need, 0), worst(state, need)];
      return {
        lane_id: need.laneId,
        target: need.target,
        model_name: model.name,
        input_usd: input === null ? null : usdOf(input),
        worst_usd: most === null ? null : usdOf(most),
        max_tokens: need.longest,
        cheaper: cheaperFor(state, need),
      };
    }),
    lanes_that_fit:
      kept.length < needs.length ? needs.filter((one) => kept.includes(one)).map((one) => one.laneId) : [],
    cap_that_fits: cap,
    cheaper_fits: fits(
      state,
      needs.map((need) => swapped(state, need)),
      choice,
    ),
  };
}

/** Writes down what goes through although a budget stands in the way. */
function record(state: FakeState, asked: Need[], question: string): void {
  const conversation = asked[0]?.facts.conversation ?? null;
  const told = { at: Date.now(), question, conversation };
  for (const budget of inForce(state).filter(({ draft }) => draft.on_limit !== "warn")) {
    for (const { missing_usd, unpriced_lanes } of tight(state, budget, asked, NO_CHOICE)) {
      const pico = picoOf(missing_usd);
      if (pico > 0n) budget.overrides.push({ ...told, why: "limit", pico, unpriced: 0 });
      if (unpriced_lanes.length > 0)
        budget.overrides.push({ ...told, why: "unpriced", pico: 0n, unpriced: unpriced_lanes.length });
    }
  }
}

/** Lets calls through, or throws what stops them. Overrides are written down. */
export function admit(state: FakeState, needs: Need[], choice: MoneyChoice, question: string): Admitted[] {
  let asked = capped(needs, choice.cap_tokens);
  const goesCheaper = obstacles(state, asked, choice).some(({ on_limit }) => on_limit === "cheaper");
  if (choice.cheaper || goesCheaper) {
    const cheaper = asked.map((need) => swapped(state, need));
    if (fits(state, cheaper, choice)) asked = cheaper;
  }
  const stop = stopOf(state, asked, choice);
  if (stop !== null) {
    const names = stop.budgets.map(({ name }) => name).join(", ");
    throw Object.assign(refused("over_budget", `This does not fit ${names}. Nothing was sent.`), {
      over_budget: stop,
    });
  }
  record(state, asked, question);
  return asked.map((need) => ({ ...need, pico: worst(state, need) ?? 0n }));
}

/** Of the budgets these calls come under, one they do not fit into, else the one with the least left. */
export function tightestOf(state: FakeState, needs: Need[]): TightestBudget | null {
  const under = inForce(state)
    .filter((budget) => needs.some((need) => counts(budget, callOf(state, need))))
    .map((budget) => ({ budget, left: standing(state, budget).left, fits: fitsInto(state, budget, needs) }))
    .sort((a, b) => Number(a.fits) - Number(b.fits) || (a.left > b.left ? 1 : -1));
  const [first] = under;
  if (first === undefined) return null;
  const { id, draft } = first.budget;
  const { name, on_limit, limit_usd, simulated } = draft;
  return { id, name, on_limit, limit_usd, left_usd: usdOf(first.left), fits: first.fits, simulated };
}

/** A price is wanted only where a call may be refused for it. */
function fitsInto(state: FakeState, budget: StoredBudget, needs: Need[]): boolean {
  const refuses = budget.draft.on_limit !== "warn";
  return tight(state, budget, needs, NO_CHOICE).every(
    ({ missing_usd, unpriced_lanes }) => missing_usd === "0" && (unpriced_lanes.length === 0 || !refuses),
  );
}
