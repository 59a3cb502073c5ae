import type { FakeState, StoredConversation } from "../state";
import { picoOf } from "../money";

/** One line of the fake books. */
export interface Booked {
  id: string;
  /** A correction books money and no call. */
  kind: "call" | "adjustment";
  /** The call a correction is of. */
  corrects: string | null;
  at: number;
  source: string;
  /** `provider/model`. */
  target: string;
  key: string | null;
  conversation: string | null;
  turn: string | null;
  run: string | null;
  folder: string;
  tags: string[];
  input: number;
  cached: number;
  output: number;
  /** `null`: unpriced. */
  pico: bigint | null;
  estimated: boolean;
  simulated: boolean;
  latencyMs: number;
  answered: boolean;
  /** Its answer was given up for another target's. */
  wasted: boolean;
  /** The turn had several answers, and one was picked. */
  compared: boolean;
  picked: boolean;
}

/** What months of use look like here. */
export interface Habit {
  days: number;
  /** Prompts of a weekday at the end of the time; there were fewer at its beginning. */
  promptsADay: number;
  /** Target and how often it is asked, relative to the others. */
  models: [target: string, weight: number][];
  /** Whether days differ: weekends, growth, one busy day. */
  even?: boolean;
}

const DAY_MS = 86_400_000;
/** How much of a day's work falls on each hour. */
const HOURS = [1, 0, 0, 0, 0, 0, 1, 3, 8, 14, 16, 12, 7, 9, 15, 17, 13, 8, 5, 6, 9, 8, 4, 2];
const SOURCES: [source: string, weight: number][] = [
  ["chat", 78],
  ["batch", 9],
  ["title", 6],
  ["judge", 4],
  ["cli", 3],
];

/** The same numbers each time, so that a picture taken twice is the same picture. */
export function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function chosen<T>(weighted: readonly [T, number][], at: number): T | undefined {
  let left = at * weighted.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [one, weight] of weighted) {
    left -= weight;
    if (left < 0) return one;
  }
  return weighted.at(-1)?.[0];
}

/** Milliseconds for a token of an answer, each model its own. */
const paceOf = (target: string): number =>
  3 + ((target.length * 7 + (target.codePointAt(target.length - 1) ?? 0)) % 17);

/** A fresh prompt costs the full price, what the provider has kept a tenth of it. */
export function priceOf(
  price: { input: string; output: string } | null,
  { input, cached, output }: Pick<Booked, "input" | "cached" | "output">,
): bigint | null {
  if (price === null) return null;
  const [perIn, perOut] = [picoOf(price.input) / 1_000_000n, picoOf(price.output) / 1_000_000n];
  return BigInt(input - cached) * perIn + (BigInt(cached) * perIn) / 10n + BigInt(output) * perOut;
}

/** Books months of use, until now. */
export function bookHabit(state: FakeState, habit: Habit, now: number): void {
  const roll = dice(habit.days * 31 + habit.promptsADay);
  const places = [...state.conversations.values()];
  const prices = new Map(state.models().map((model) => [model.target, model]));
  for (let day = habit.days - 1; day >= 0; day -= 1) {
    const midnight = new Date(now - day * DAY_MS);
    midnight.setHours(0, 0, 0, 0);
    const weekend = midnight.getDay() === 0 || midnight.getDay() === 6;
    const grown = habit.even === true ? 1 : 0.45 + 0.55 * (1 - day / habit.days);
    const busy = day === Math.floor(habit.days / 3) ? 2.6 : 1;
    const quiet = habit.even === true ? 1 : weekend ? 0.22 : 0.65 + 0.7 * roll();
    const prompts = Math.max(1, Math.round(habit.promptsADay * grown * quiet * busy));
    for (let prompt = 0; prompt < prompts; prompt += 1) {
      const hour = chosen(
        HOURS.map((weight, at): [number, number] => [at, weight]),
        roll(),
      );
      const at = midnight.getTime() + (hour ?? 12) * 3_600_000 + Math.floor(roll() * 3_600_000);
      const place = places[Math.floor(roll() ** 2 * places.length)];
      if (at <= now) bookPrompt({ state, habit, place, prices, roll, at });
      else roll();
    }
  }
  state.books.sort((a, b) => a.at - b.at);
}

/** Books what an invoice has corrected, beside the call that was booked wrongly. */
export function bookCorrection(state: FakeState, of: Booked, pico: bigint, at: number): void {
  state.books.push({
    ...of,
    id: `entry-${state.books.length + 1}`,
    kind: "adjustment",
    corrects: of.id,
    at,
    input: 0,
    cached: 0,
    output: 0,
    pico,
    estimated: false,
    wasted: false,
    compared: false,
    picked: false,
  });
  state.books.sort((a, b) => a.at - b.at);
}

interface Prompt {
  state: FakeState;
  habit: Habit;
  place: StoredConversation | undefined;
  prices: Map<string, { price: { input: string; output: string } | null; simulated: boolean }>;
  roll: () => number;
  at: number;
}

function bookPrompt({ state, habit, place, prices, roll, at }: Prompt): void {
  const source = chosen(SOURCES, roll()) ?? "chat";
  const lanes = source === "chat" && roll() < 0.55 ? 2 + Math.floor(roll() * 2) : 1;
  const targets = new Set<string>();
  for (let lane = 0; lane < lanes; lane += 1) {
    const target = source === "title" ? habit.models.at(-1)?.[0] : chosen(habit.models, roll());
    if (target !== undefined) targets.add(target);
  }
  const prompt = source === "title" ? 300 : Math.round(500 + 42_000 * roll() ** 4);
  const compared = targets.size > 1 && roll() < 0.8;
  const best = Math.floor(roll() ** 1.6 * targets.size);
  const stored = place?.turns[Math.floor(roll() * place.turns.length)];
  const ofChat = source === "chat" || source === "title";
  [...targets].forEach((target, lane) => {
    const { price, simulated } = prices.get(target) ?? { price: null, simulated: false };
    const dear = Number(price?.output ?? "1");
    const output = source === "title" ? 12 : Math.round((180 + 3_200 * roll() ** 2) * (dear > 12 ? 1.4 : 1));
    const cached = roll() < 0.35 ? Math.round(prompt * 0.7) : 0;
    const answered = roll() > 0.03;
    const usage = { input: prompt, cached, output: answered ? output : Math.round(output * 0.2) };
    const provider = target.split("/")[0] ?? "";
    const keys = state.providers.find(({ id }) => id === provider)?.keys ?? [];
    state.books.push({
      id: `entry-${state.books.length + 1}`,
      kind: "call",
      corrects: null,
      at,
      source,
      target,
      key: keys[0]?.id ?? null,
      conversation: ofChat ? (place?.id ?? null) : null,
      turn: ofChat ? (stored?.turn.id ?? null) : null,
      run: source === "chat" ? ([...(stored?.versions.values() ?? [])][lane]?.[0]?.id ?? null) : null,
      folder: ofChat ? (place?.folder ?? "") : "",
      tags: ofChat ? (place?.tags ?? []) : [],
      ...usage,
      pico: priceOf(price, usage),
      estimated: !answered,
      simulated,
      latencyMs: Math.round((600 + usage.output * paceOf(target)) * (0.7 + 0.8 * roll())),
      answered,
      wasted: !answered && roll() < 0.6,
      compared,
      picked: compared && lane === best,
    });
  });
}
