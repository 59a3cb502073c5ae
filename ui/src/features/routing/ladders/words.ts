import type { EchelonView } from "../../../backend/bindings/EchelonView";
import type { GroupView } from "../../../backend/bindings/GroupView";
import { formatCount } from "../../../shared/format";
import { routing } from "../../../shared/i18n/messages/routing";

/** What a rung says of itself, limits first. */
export function rungWords(echelon: EchelonView): string[] {
  const words = routing();
  const say = <T>(value: T | null, inWords: (value: T) => string) => (value === null ? [] : [inWords(value)]);
  return [
    ...say(echelon.rpm_limit, (limit) => words.perMinute(formatCount(limit))),
    ...say(echelon.tpm_limit, (limit) => words.tokensPerMinute(formatCount(limit))),
    ...say(echelon.concurrency_limit, (limit) => words.atOnce(formatCount(limit))),
    ...say(echelon.timeout, (seconds) => words.timeoutOf(String(seconds))),
    ...say(echelon.max_retries, (retries) => words.retriesOf(retries)),
    ...say(echelon.priority, (priority) => words.priorityOf(priority)),
    ...say(echelon.temperature, (value) => words.temperatureOf(value)),
    ...say(echelon.max_tokens, (tokens) => words.maxTokensOf(formatCount(tokens))),
  ];
}

const STRATEGIES = ["echelon_down", "task_group_switch", "provider_failover"] as const;
const COMMITS = ["ask", "continue", "regenerate"] as const;

/** What happens when a call fails, in words. */
export function fallbackWords({ echelons, fallback_config }: GroupView): string[] {
  const words = routing();
  const strategy = STRATEGIES.find((one) => one === fallback_config?.strategy) ?? "echelon_down";
  const commit = COMMITS.find((one) => one === fallback_config?.after_commit);
  const groups = fallback_config?.fallback_groups ?? [];
  const most = fallback_config?.max_attempts ?? null;
  const alone = echelons.length === 1 && groups.length === 0;
  return [
    alone && strategy !== "provider_failover" ? words.fallsNowhere : words[`falls_${strategy}`],
    groups.length === 0 ? "" : words.thenGroups(groups.join(", ")),
    most === null ? "" : words.mostCalls(most),
    commit === undefined || commit === "ask" ? "" : words[`commit_${commit}`],
    (fallback_config?.last_resort ?? null) === null ? "" : words.hasLastResort,
  ].filter((said) => said !== "");
}
