import type { AliasView } from "../bindings/AliasView";
import type { ChoiceView } from "../bindings/ChoiceView";
import type { ConditionsView } from "../bindings/ConditionsView";
import type { EchelonView } from "../bindings/EchelonView";
import type { GroupView } from "../bindings/GroupView";
import type { MistakeView } from "../bindings/MistakeView";
import type { PoolView } from "../bindings/PoolView";
import type { RuleView } from "../bindings/RuleView";
import { emptyEchelon, NO_ACTION, NO_CONDITIONS } from "../blankRoutes";

/** What stands in the fake host's routing folder. */
export interface FakeRoutes {
  groups: GroupView[];
  pools: PoolView[];
  aliases: AliasView[];
  rules: RuleView[];
  choice: ChoiceView;
  mistakes: MistakeView[];
  /** Counts changes. */
  revision: number;
}

/** What holds where nobody has chosen how to choose. */
const USUAL_CHOICE: ChoiceView = { strategy: "balanced", priority: "quality", weights: null };

export function noRoutes(): FakeRoutes {
  return { groups: [], pools: [], aliases: [], rules: [], choice: USUAL_CHOICE, mistakes: [], revision: 1 };
}

export function rung(number: number, models: string[], more: Partial<EchelonView> = {}): EchelonView {
  return { ...emptyEchelon(number, models), ...more };
}

export function rule(
  name: string,
  when: Partial<ConditionsView>,
  then: Partial<RuleView["then"]>,
  more: Partial<RuleView> = {},
): RuleView {
  return {
    name,
    enabled: true,
    when: { ...NO_CONDITIONS, ...when },
    unless: NO_CONDITIONS,
    then: { ...NO_ACTION, ...then },
    ...more,
  };
}

const CODING: GroupView = {
  name: "coding",
  description: "Reviews, refactorings and tests",
  echelons: [
    rung(1, ["anthropic/claude-sonnet-5", "openai/gpt-5.6"], {
      rpm_limit: 60,
      tpm_limit: 200_000,
      concurrency_limit: 4,
      timeout: 90,
      temperature: 0.2,
    }),
    rung(2, ["deepseek/deepseek-v4", "cheap"], { rpm_limit: 30, max_retries: 2 }),
    rung(3, ["ollama/qwen3:8b"], { concurrency_limit: 1, max_tokens: 4_000 }),
  ],
  fallback_config: {
    strategy: "echelon_down",
    fallback_groups: ["everyday"],
    max_attempts: 6,
    retry_delay: 1,
    circuit_breaker: { failure_threshold: 4, recovery_time: 60, half_open_requests: 1 },
    after_commit: "ask",
    last_resort: null,
  },
};

const EVERYDAY: GroupView = {
  name: "everyday",
  description: "Short questions, quick and cheap",
  echelons: [
    rung(1, ["gemini/gemini-3.6-flash", "openai/gpt-5.6-mini"], { rpm_limit: 120, concurrency_limit: 8 }),
    rung(2, ["anthropic/claude-haiku-4.5"]),
  ],
  fallback_config: {
    strategy: "provider_failover",
    fallback_groups: [],
    max_attempts: 4,
    retry_delay: null,
    circuit_breaker: null,
    after_commit: "continue",
    last_resort: "Nobody could answer. The question is kept; try again in a few minutes.",
  },
};

const READING: GroupView = {
  name: "long reading",
  description: null,
  echelons: [rung(1, ["gemini/gemini-3.6-pro", "openai/gpt-4.1"])],
  fallback_config: null,
};

export function someRoutes(): FakeRoutes {
  return {
    groups: [CODING, EVERYDAY, READING],
    pools: [
      {
        name: "rotation",
        description: "Spreads the load over everybody who is well",
        task_groups: ["coding.echelon1", "everyday", "long reading"],
        rotation_strategy: "weighted",
        weights: { "coding.echelon1": 3, everyday: 2, "long reading": 1 },
        health_check_interval: 120,
        failure_threshold: 3,
        recovery_time: 60,
        fallback_config: { strategy: "instance_rotation", max_instance_attempts: 3 },
      },
    ],
    aliases: [
      { name: "cheap", model: "gemini/gemini-3.6-flash" },
      { name: "best", model: "anthropic/claude-opus-5.5" },
    ],
    rules: [
      rule(
        "Code goes to the coders",
        { task: ["code"], complexity: ["moderate", "complex"] },
        { to: "coding" },
      ),
      rule("Nothing private leaves", { tags: ["private"] }, { local_only: true, stop: true }),
      rule(
        "Long texts",
        { min_tokens: 40_000 },
        { to: "long reading" },
        { unless: { ...NO_CONDITIONS, language: ["zh"] } },
      ),
      rule(
        "Thrift after five dollars",
        { cost_so_far: { conversation_over: null, day_over: "5", month_over: null } },
        { priority: "cost", strategy: "cost_optimised" },
        { enabled: false },
      ),
    ],
    choice: USUAL_CHOICE,
    mistakes: [],
    revision: 7,
  };
}

/** A folder in which things are wrong: a file that cannot be used, one that can, and one with a warning. */
export function wrongRoutes(): FakeRoutes {
  const routes = someRoutes();
  return {
    ...routes,
    groups: routes.groups.filter((group) => group.name !== "long reading"),
    mistakes: [
      {
        file: "groups/long reading.yaml",
        line: 5,
        column: 14,
        warning: false,
        code: "bad_number",
        reason:
          'rpm_limit has to be a whole number from 1 on; "sixty" is none. The file is not used until this is put right.',
      },
      {
        file: "groups/coding.yaml",
        line: 21,
        column: 7,
        warning: true,
        code: "unknown_model",
        reason: 'nobody knows a model "deepseek/deepseek-v4" yet; it is kept and asked when it appears',
      },
      {
        file: "rules.yaml",
        line: 9,
        column: 14,
        warning: false,
        code: "bad_regex",
        reason: 'this regular expression does not end: "(review" has no closing bracket',
      },
      {
        file: "pools/rotation.yaml",
        line: 6,
        column: 5,
        warning: false,
        code: "not_there",
        reason: 'there is no group "long reading"; the pool is used without it',
      },
    ],
  };
}

const MANY_MODELS = [
  "anthropic/claude-opus-5.5",
  "anthropic/claude-sonnet-5",
  "openai/gpt-5.6",
  "gemini/gemini-3.6-pro",
  "deepseek/deepseek-v4-reasoner",
  "openrouter/acme-research-laboratories/an-extraordinarily-long-model-name-preview-2026-11-20",
  "openai/gpt-4.1",
  "ollama/qwen3:8b",
];

/** More of everything, and names as long as people make them. */
export function manyRoutes(): FakeRoutes {
  const routes = someRoutes();
  const long = "Quarterly-report-translation-for-the-Zürich-and-Shanghai-offices (draft)";
  return {
    ...routes,
    groups: [
      ...routes.groups,
      {
        name: long,
        description:
          "Everything that has to be translated for the quarterly reports, first by those who are careful with figures, then by anybody who is awake, and in the last instance by the machine under the desk.",
        echelons: [
          rung(1, MANY_MODELS, { rpm_limit: 5_000, tpm_limit: 12_000_000 }),
          rung(2, MANY_MODELS.slice(2, 5)),
          ...[3, 4, 5, 6].map((number) => rung(number, MANY_MODELS.slice(number, number + 2))),
        ],
        fallback_config: CODING.fallback_config,
      },
      ...["法律翻译", "poems", "sql", "tests"].map((name, at): GroupView => ({
        ...READING,
        name,
        echelons: [rung(1, MANY_MODELS.slice(at, at + 3))],
      })),
    ],
    pools: [
      ...routes.pools,
      {
        name: "ring of eight",
        description: null,
        task_groups: [long, "coding", "everyday", "long reading", "法律翻译", "poems", "sql", "tests"],
        rotation_strategy: "least_busy",
        weights: {},
        health_check_interval: 0,
        failure_threshold: null,
        recovery_time: null,
        fallback_config: null,
      },
    ],
  };
}
