import type { FakeOptions } from "./backend";
import { manyModels, oneModel, someAnalysis } from "./analysis/seeds";
import { FAULTS } from "./faults";
import { manyRoutes, someRoutes, wrongRoutes } from "./routeSeeds";
import { plantRouted } from "./routedSeeds";
import { someAlerts } from "./alertSeeds";
import { almostWarned, askingBudgets, manyBudgets, tightBudget } from "./budgetSeeds";
import { someInvoices } from "./invoiceSeeds";
import { plant, type Seed } from "./seed";
import { someStanding } from "./standing";
import { bookHabit, type Habit } from "./spend/books";
import { correctedOnce, DEMO_WEEK, FIRST_DAY, longNames, onlyOne, someBudget, YEAR } from "./spend/habits";
import type { FakeState } from "./state";
import { SOME_RESPONSES, someStatistics } from "./statistics";

export interface Scene {
  providers?: string[];
  defaultLanes?: string[];
  options?: FakeOptions;
  fill?: (state: FakeState) => void;
}

const DEMO = ["demo/swift", "demo/scholar", "demo/poet"];
const THREE = ["anthropic/claude-sonnet-5", "openai/gpt-5.6", "gemini/gemini-3.6-flash"];
const EIGHT = [
  ...THREE,
  "deepseek/deepseek-v4",
  "anthropic/claude-haiku-4.5",
  "openai/gpt-4.1",
  "gemini/gemini-3.6-pro",
  "ollama/qwen3:8b",
];
const ALL = ["anthropic", "openai", "gemini", "deepseek", "ollama", "demo"];
const QUESTION = "Compare B-trees and LSM-trees for a ledger on one desktop machine.";
const CHINESE = "为桌面应用的账本比较 B 树和 LSM 树。";

const OTHERS: Seed[] = [
  {
    title: "Thesis outline",
    targets: THREE,
    age: 300,
    pinned: true,
    prompts: ["Outline a thesis on crash-safe ledgers.", QUESTION],
  },
  {
    title: "Release notes for 0.1",
    targets: DEMO,
    age: 95,
    prompts: ["Turn these commits into release notes for readers."],
  },
  {
    title: "Rust error enums: one per crate or one per module?",
    targets: THREE.slice(0, 2),
    age: 150,
    folder: "Work",
    tags: ["rust", "design"],
    prompts: [QUESTION],
  },
  {
    title: "Name ideas for a comparison view",
    targets: DEMO.slice(0, 2),
    age: 1500,
    tags: ["design"],
    prompts: ["Ten names, one word each, please."],
  },
  { title: CHINESE, targets: THREE, age: 1700, prompts: [CHINESE] },
  {
    title: "Explain WAL checkpoints to a designer",
    targets: EIGHT.slice(0, 4),
    age: 4400,
    prompts: [QUESTION],
  },
  {
    title: "What does ‘half-even’ rounding protect against?",
    targets: THREE,
    age: 9000,
    folder: "Work",
    tags: ["ledger"],
    prompts: [QUESTION, QUESTION],
  },
  {
    title: "SQL: window functions against self joins",
    targets: ["ollama/qwen3:8b", "openai/gpt-5.6-mini"],
    age: 15000,
    prompts: [QUESTION],
  },
];

const many = (state: FakeState) => {
  for (const seed of OTHERS) plant(state, seed);
  const main = plant(state, {
    title: "B-trees and LSM-trees for a ledger",
    targets: THREE,
    age: 4,
    prompts: [QUESTION, "Would you keep an index on the account?"],
    touch: (run, turn, lane) => ({ ...run, picked: turn === 0 && lane === 0 }),
  });
  const versions = main.turns[0]?.versions.get(main.lanes[1]?.id ?? "");
  const first = versions?.[0];
  if (first !== undefined)
    versions?.push({
      ...first,
      id: state.id("run"),
      version: 2,
      versions: 2,
      model_served: "gpt-5.6-2026-10-01",
    });
};

const filed = (state: FakeState) => {
  many(state);
  const long = "Everything that has to be read again before the second edition goes to the printer";
  const places: [title: string, folder: string | null, tags: string[]][] = [
    ["Galley proofs", long, ["second edition", "unbreakable".repeat(3), "print", "ink", "paper"]],
    ["读书笔记", "阅读", ["数据库", "二叉树"]],
    ["ملاحظات القراءة", "قراءة", ["قواعد بيانات"]],
    [
      "A title that goes on and on, as titles do that nobody has shortened since they were made",
      null,
      ["ledger"],
    ],
  ];
  for (const [at, [title, folder, tags]] of places.entries())
    plant(state, {
      title,
      targets: DEMO,
      age: 20 + at,
      prompts: [QUESTION],
      tags,
      ...(folder && { folder }),
    });
};

const errors = (state: FakeState) => {
  state.prices.fails =
    "The price list could not be fetched from https://raw.githubusercontent.com: the connection timed out. The prices known so far stay in use.";
  for (const seed of OTHERS.slice(0, 4)) plant(state, seed);
  const targets = ["anthropic/claude-sonnet-5", "openai/gpt-5.6", "deepseek/deepseek-v4", "demo/poet"];
  plant(state, {
    title: "When things go wrong",
    targets,
    age: 3,
    prompts: [
      QUESTION,
      "Would you keep an index on the account?",
      "Summarise all of the above for a colleague who was away.",
    ],
    script: (turn, lane) => {
      if (turn === 0) {
        return (
          [
            { fault: FAULTS.wrongKey, faultAfter: 0 },
            { fault: FAULTS.rateLimited, faultAfter: 0 },
            { fault: FAULTS.cut, faultAfter: 0.45 },
            { fault: FAULTS.cutShort, faultAfter: 0.7 },
          ][lane] ?? {}
        );
      }
      return turn === 1 && lane === 3
        ? { fault: FAULTS.overloaded, faultAfter: 0 }
        : turn === 2 && lane === 0
          ? { fault: FAULTS.tooLong, faultAfter: 0 }
          : {};
    },
    touch: (run, turn, lane) => {
      if (turn === 1 && lane === 0)
        return { ...run, state: "interrupted", text: run.text.slice(0, 40), finish_reason: null };
      if (turn === 1 && lane === 1)
        return { ...run, state: "cancelled", text: run.text.slice(0, 60), finish_reason: null };
      if (turn === 1 && lane === 2) return { ...run, model_served: "deepseek-v3.2-exp" };
      return run;
    },
  });
};

const long = (state: FakeState) => {
  for (const seed of OTHERS) plant(state, seed);
  const prompts = Array.from({ length: 220 }, (_, at) =>
    at % 3 === 0 ? QUESTION : `Step ${at + 1}: would you keep the index?`,
  );
  plant(state, {
    title: "Two hundred turns and a title so long that it cannot possibly fit into the room it is given",
    targets: THREE,
    age: 2,
    prompts,
  });
};

const eight = (state: FakeState) => {
  for (const seed of OTHERS) plant(state, seed);
  plant(state, { title: "Eight at the table", targets: EIGHT, age: 2, prompts: [QUESTION] });
};

const chinese = (state: FakeState) => {
  for (const seed of OTHERS.slice(3, 6)) plant(state, seed);
  plant(state, { title: "账本的数据结构", targets: THREE, age: 2, prompts: [CHINESE, CHINESE] });
};

const values = (state: FakeState) => {
  many(state);
  state.environment = { temperature: ["LLM_DEFAULT_TEMPERATURE", 1.2] };
  state.profiles = state.profiles.map((profile) => ({ ...profile, active: profile.id === "draft" }));
  state.unusable = {
    top_p: "LLM_TOP_P is “warm”, but it has to be a number such as 0.7; it is not used.",
  };
  state.modelParams.set("openai/gpt-5.6", { stop: [], top_k: 40, max_tokens: 2_000 });
};

const routed = (state: FakeState) => {
  many(state);
  state.routing = someRoutes();
  state.standing = someStanding();
  state.statistics = someStatistics();
  state.responses = SOME_RESPONSES;
};

const hostile = (state: FakeState) => {
  plant(state, {
    title: "<img src=x onerror=alert(1)> '; DROP TABLE runs; --",
    targets: DEMO,
    age: 2,
    prompts: ["hostile <script>window.__ran = true</script> '; DROP TABLE runs; --"],
  });
};

const rightToLeft = (state: FakeState) => {
  plant(state, {
    title: "قارن بين شجرة B وشجرة LSM",
    targets: THREE,
    age: 2,
    prompts: ["قارن بين شجرة B وشجرة LSM لسجل مالي."],
  });
};

/** The books of a time of use, on top of the usual conversations. */
const booked =
  (habit: Habit, more: (state: FakeState) => void = () => undefined) =>
  (state: FakeState) => {
    routed(state);
    bookHabit(state, habit, Date.now());
    more(state);
  };

/** What the pages of design work and browser tests are about. */
export const SCENES: Record<string, Scene> = {
  onboarding: {},
  empty: { providers: ["demo"], defaultLanes: DEMO },
  demo: {
    providers: ["demo"],
    defaultLanes: DEMO,
    fill: (state) => plant(state, { title: "", targets: DEMO, age: 1, prompts: [] }),
  },
  nomodels: {
    providers: [],
    options: {},
    fill: (state) => (state.settings = { ...state.settings, onboarded: true }),
  },
  many: { providers: ALL, defaultLanes: THREE, fill: many },
  errors: { providers: ALL, fill: errors },
  faults: {
    providers: ["demo"],
    defaultLanes: DEMO,
    options: {
      scriptOf: (run) =>
        run.version > 1
          ? {}
          : run.target === "demo/swift"
            ? { fault: FAULTS.overloaded, faultAfter: 0 }
            : run.target === "demo/poet"
              ? { retryWaitMs: 3000 }
              : {},
    },
  },
  long: { providers: ALL, fill: long },
  eight: { providers: ALL, fill: eight },
  burst: {
    providers: ALL,
    fill: eight,
    options: {
      scriptOf: (run) => ({
        ttftMs: 200,
        tokensPerSecond: 200,
        voice: { text: `${run.target}\n\n`.padEnd(1) + BURST, reasoning: "" },
      }),
    },
  },
  /** Long answers at an everyday pace. */
  steady: {
    providers: ["demo"],
    defaultLanes: DEMO,
    fill: (state) => plant(state, { title: "", targets: DEMO, age: 1, prompts: [] }),
    options: {
      scriptOf: () => ({ ttftMs: 200, tokensPerSecond: 90, voice: { text: BURST, reasoning: "" } }),
    },
  },
  chinese: { providers: ALL, fill: chinese },
  /** Values from every level. */
  values: { providers: ALL, fill: values },
  /** Groups, a pool, aliases and rules, with something to see of breakers, limits and figures. */
  routing: { providers: ALL, defaultLanes: THREE, fill: routed },
  /** Things are wrong in the routing files, and what is changed here cannot be written. */
  routingErrors: {
    providers: ALL,
    defaultLanes: THREE,
    fill: (state) => {
      routed(state);
      state.routing = wrongRoutes();
      state.routesFail =
        "groups/coding.yaml has changed on disk since it was read. Nothing was written; load it again and repeat your change.";
    },
  },
  routingMany: {
    providers: [...ALL, "openrouter"],
    defaultLanes: THREE,
    fill: (state) => {
      routed(state);
      state.routing = manyRoutes();
    },
  },
  routingUnreadable: {
    providers: ALL,
    defaultLanes: THREE,
    fill: (state) => {
      routed(state);
      state.routesUnreadable = "~/.local/share/roundtable/config cannot be read: permission denied";
    },
  },
  /** The host does not say how things stand. */
  routingOffline: {
    providers: ALL,
    defaultLanes: THREE,
    fill: (state) => {
      routed(state);
      state.standing.fails = "The program is closing and does not say how things stand.";
    },
  },
  /** Budgets of every kind. */
  budgets: {
    providers: ALL,
    defaultLanes: THREE,
    fill: (state) => {
      many(state);
      manyBudgets(state);
    },
  },
  /** A budget that wants to be asked, and a lane nobody knows the price of. */
  budgetAsks: {
    providers: ALL,
    defaultLanes: THREE,
    fill: (state) => {
      many(state);
      plant(state, {
        title: "What will it cost?",
        targets: [THREE[0] ?? "", "ollama/qwen3:8b"],
        age: 1,
        prompts: [],
      });
      askingBudgets(state);
    },
  },
  /** One more prompt brings a budget that warns to one of its steps. */
  alert: {
    providers: ALL,
    defaultLanes: THREE,
    fill: (state) => {
      many(state);
      almostWarned(state);
    },
  },
  /** Little is left of a budget that stops. */
  budgetStop: {
    providers: ALL,
    defaultLanes: THREE,
    fill: (state) => {
      many(state);
      tightBudget(state);
    },
  },
  /** Lanes that name routes, and answers that came by them in every way. A new answer of the first waits for a place. */
  routed: {
    providers: ALL,
    defaultLanes: THREE,
    fill: plantRouted,
    options: {
      scriptOf: (run) =>
        run.version > 1
          ? {}
          : run.target === "coding"
            ? {
                wait: {
                  reason: "place",
                  ms: 4_000,
                  text: "Waiting for a place: 4 of 4 calls are under way.",
                },
              }
            : run.target === "rotation"
              ? { fault: FAULTS.cut, faultAfter: 0.4 }
              : {},
    },
  },
  /** As many models as a marketplace lists. */
  market: { providers: [...ALL, "openrouter"], fill: many },
  /** Folders and tags of every length and script. */
  filed: { providers: ALL, fill: filed },
  /** A year of use. */
  spend: {
    providers: ALL,
    defaultLanes: THREE,
    fill: booked(YEAR, (state) => {
      someBudget(state);
      correctedOnce(state);
    }),
  },
  spendDay: { providers: ALL, defaultLanes: THREE, fill: booked(FIRST_DAY) },
  spendOne: { providers: ALL, defaultLanes: THREE, fill: booked(FIRST_DAY, onlyOne) },
  /** Invented money alone. */
  spendDemo: { providers: ["demo"], defaultLanes: DEMO, fill: booked(DEMO_WEEK) },
  /** Names that nobody has shortened, and more of everything than fits. */
  spendLong: { providers: ALL, defaultLanes: THREE, fill: booked(YEAR, longNames) },
  spendUnreadable: {
    providers: ALL,
    defaultLanes: THREE,
    fill: booked(YEAR, (state) => {
      state.booksFail = "The database is busy: another program holds it. Nothing was lost.";
    }),
  },
  /** Alerts of every kind, on top of a year of use. */
  alerts: { providers: ALL, defaultLanes: THREE, fill: booked(YEAR, someAlerts) },
  /** Invoices of every issuer, and two accounts at one of them. */
  invoices: {
    providers: [...ALL, "openrouter"],
    defaultLanes: THREE,
    fill: (state) => {
      many(state);
      someInvoices(state);
    },
  },
  /** How models did, what could be done better, and what was done. */
  analysis: { providers: [...ALL, "openrouter"], defaultLanes: THREE, fill: someAnalysis },
  analysisOne: { providers: ALL, defaultLanes: THREE, fill: oneModel },
  analysisMany: { providers: [...ALL, "openrouter"], defaultLanes: THREE, fill: manyModels },
  hostile: { providers: ["demo"], defaultLanes: DEMO, fill: hostile },
  rtl: { providers: ALL, fill: rightToLeft },
  blocked: {
    options: {
      blocked: {
        state: "blocked",
        data_dir: "/home/ada/.local/share/roundtable",
        error: {
          code: "database_damaged",
          message:
            "The database is damaged and cannot be read. It can be set aside, and Roundtable starts with a new one.",
          action: "set_aside",
          retryable: false,
          over_budget: null,
        },
      },
    },
  },
};

/** About 4,000 tokens of everything the renderer knows: twenty seconds at 200 tokens a second. */
const BURST = Array.from(
  { length: 24 },
  (_, at) => `### Part ${at + 1}

A **B-tree** keeps the ledger sorted in place; see $\\log_B N$. An *LSM-tree* turns writes into sequential runs.

- point reads take three or four pages, most of them cached;
- sums by account follow the index \`(account, booked_at)\`;

\`\`\`rust
pub fn book(ledger: &mut Ledger, entry: Entry) -> Result<Balance, BookError> {
    let key = (entry.attempt, entry.kind); // part ${at + 1}
    ledger.entries.insert(key, entry)
}
\`\`\`

| | reads | writes |
|---|---|---|
| B-tree | 3 | 1 |
| LSM | 5 | 0.2 |
`,
).join("\n");
