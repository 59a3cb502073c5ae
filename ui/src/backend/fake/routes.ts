import type { Backend } from "../backend";
import type { DryRunExample } from "../bindings/DryRunExample";
import type { RoutesView } from "../bindings/RoutesView";
import type { RuleView } from "../bindings/RuleView";
import { readingOf } from "./simulation";
import { refused, type FakeState } from "./state";

type Part = Pick<
  Backend,
  | "routes"
  | "saveGroup"
  | "removeGroup"
  | "savePool"
  | "removePool"
  | "saveAliases"
  | "saveChoice"
  | "saveRules"
  | "dryRunRules"
>;

/** The routing folder: read, changed, and its rules tried on the past. */
export function fakeRoutes(state: FakeState, delay: () => Promise<void>): Part {
  function view(): RoutesView {
    const { groups, pools, aliases, rules, choice, mistakes, revision } = state.routing;
    const folder = "~/.local/share/roundtable/config";
    return { folder, revision: `r${revision}`, groups, pools, aliases, rules, choice, mistakes };
  }

  async function change(file: string, apply: () => void): Promise<RoutesView> {
    await delay();
    if (state.routesFail !== null) throw refused("routes_changed", state.routesFail);
    apply();
    const { routing } = state;
    routing.mistakes = routing.mistakes.filter((mistake) => mistake.file !== file);
    routing.revision += 1;
    return view();
  }

  /** In place of the one of the old name, else among the others by name. */
  function put<T extends { name: string }>(all: T[], one: T, oldName: string | null): T[] {
    checkName(one.name);
    const taken = [...state.routing.groups, ...state.routing.pools].some(
      ({ name }) => name === one.name && name !== oldName,
    );
    if (taken) throw refused("name_taken", `There is a group or a pool “${one.name}” already.`);
    return [...all.filter(({ name }) => name !== (oldName ?? one.name)), one].sort((a, b) =>
      a.name.localeCompare(b.name),
    );
  }

  return {
    async routes() {
      await delay();
      if (state.routesUnreadable !== null) throw refused("bad_file", state.routesUnreadable);
      return view();
    },
    saveGroup: (group, oldName) =>
      change(`groups/${oldName ?? group.name}.yaml`, () => {
        const empty = group.echelons.find((echelon) => echelon.models.length === 0);
        if (group.echelons.length === 0) throw refused("empty", "A group needs at least one echelon.");
        if (empty !== undefined)
          throw refused("no_models", `echelon${empty.number} has no models: nobody could be asked there.`);
        state.routing.groups = put(state.routing.groups, group, oldName);
      }),
    removeGroup: (name) =>
      change(`groups/${name}.yaml`, () => {
        state.routing.groups = state.routing.groups.filter((group) => group.name !== name);
      }),
    savePool: (pool, oldName) =>
      change(`pools/${oldName ?? pool.name}.yaml`, () => {
        if (pool.task_groups.length === 0) throw refused("empty", "A pool needs at least one group.");
        state.routing.pools = put(state.routing.pools, pool, oldName);
      }),
    removePool: (name) =>
      change(`pools/${name}.yaml`, () => {
        state.routing.pools = state.routing.pools.filter((pool) => pool.name !== name);
      }),
    saveAliases: (aliases) =>
      change("aliases.yaml", () => {
        for (const { name } of aliases) checkName(name);
        state.routing.aliases = aliases;
      }),
    saveChoice: (choice) =>
      change("choice.yaml", () => {
        const { weights } = choice;
        if (weights !== null && Object.values(weights).every((weight) => weight <= 0))
          throw refused("bad_route", "One of the weights has to be above 0.");
        state.routing.choice = choice;
      }),
    saveRules: (rules) =>
      change("rules.yaml", () => {
        checkRules(rules);
        state.routing.rules = rules;
      }),
    async dryRunRules(rules) {
      await delay();
      return dryRun(state, rules);
    },
  };
}

function checkName(name: string): void {
  const found = /[/.\\:]/.exec(name)?.[0];
  if (name.trim() === "") throw refused("bad_name", "A name cannot be empty.");
  if (name === "auto")
    throw refused("bad_name", "“auto” leaves the choice to the router; take another name.");
  if (found !== undefined) throw refused("bad_name", `The name “${name}” cannot have “${found}” in it.`);
}

function checkRules(rules: RuleView[]): void {
  for (const [at, { name, when }] of rules.entries()) {
    if (name.trim() === "") throw refused("bad_rule", `Rule ${at + 1} has no name.`);
    if (when.regex !== null && !isRegex(when.regex))
      throw refused("bad_rule", `Rule ${at + 1}, when.regex: this regular expression does not end.`);
  }
}

function isRegex(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}

function holds({ when }: RuleView, prompt: string): boolean {
  const reading = readingOf(prompt);
  const words = prompt.toLowerCase();
  return (
    (when.task.length === 0 || when.task.includes(reading.task)) &&
    (when.complexity.length === 0 || when.complexity.includes(reading.complexity)) &&
    (when.language.length === 0 || when.language.includes(reading.language)) &&
    (when.min_tokens === null || reading.tokens >= when.min_tokens) &&
    (when.max_tokens === null || reading.tokens <= when.max_tokens) &&
    (when.keywords.length === 0 || when.keywords.some((word) => words.includes(word.toLowerCase()))) &&
    (when.regex === null || new RegExp(when.regex, "i").test(prompt)) &&
    when.tags.length === 0 &&
    when.cost_so_far === null
  );
}

function dryRun(state: FakeState, rules: RuleView[]) {
  const nothing = { prompts: 0, untouched: 0, rules: [], examples: [], mistakes: [] };
  const wrong = rules.findIndex(({ when }) => when.regex !== null && !isRegex(when.regex));
  if (wrong >= 0) {
    const reason = "when.regex: this regular expression does not end";
    const mistake = {
      file: "rules.yaml",
      line: 4 + wrong * 6,
      column: 14,
      warning: false,
      code: "bad_regex",
      reason,
    };
    return { ...nothing, mistakes: [mistake] };
  }
  const turns = [...state.conversations.values()].flatMap(({ turns: all }) => all.map(({ turn }) => turn));
  const counts = rules.map(({ name }) => ({ name, held: 0, hidden: 0 }));
  const examples: DryRunExample[] = [];
  for (const { text, created_at } of turns) {
    const held: string[] = [];
    let to: string | null = null;
    let over = false;
    for (const [at, rule] of rules.entries()) {
      const count = counts[at];
      if (count === undefined || !rule.enabled) continue;
      if (over) count.hidden += 1;
      else if (holds(rule, text)) {
        count.held += 1;
        held.push(rule.name);
        to = rule.then.to ?? to;
        over = rule.then.stop || rule.then.to !== null;
      }
    }
    if (held.length > 0) examples.push({ prompt: text.slice(0, 120), at: created_at, rules: held, to });
  }
  examples.sort((a, b) => b.at - a.at);
  const untouched = turns.length - examples.length;
  return { prompts: turns.length, untouched, rules: counts, examples: examples.slice(0, 50), mistakes: [] };
}
