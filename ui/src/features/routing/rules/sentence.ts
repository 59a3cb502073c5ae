import type { ActionView } from "../../../backend/bindings/ActionView";
import type { ConditionsView } from "../../../backend/bindings/ConditionsView";
import type { RuleView } from "../../../backend/bindings/RuleView";
import { formatCount, formatUsd } from "../../../shared/format";
import { routeRules } from "../../../shared/i18n/messages/routeRules";
import { trace } from "../../../shared/i18n/messages/trace";

/** A rule as one sentence. */
export function ruleSentence(rule: RuleView): string {
  const words = routeRules();
  const when = conditionWords(rule.when);
  const unless = conditionWords(rule.unless);
  const begin = when.length === 0 ? words.always : words.when(when.join(words.and));
  const except = unless.length === 0 ? "" : words.unless(unless.join(words.and));
  return `${begin}${except}${words.then(actionWords(rule.then).join(words.and))}`;
}

export function conditionWords(conditions: ConditionsView): string[] {
  const words = routeRules();
  const list = (items: string[], inWords: (joined: string) => string, name = (item: string) => item) =>
    items.length === 0 ? [] : [inWords(items.map(name).join(words.or))];
  const one = <T>(value: T | null, inWords: (value: T) => string) => (value === null ? [] : [inWords(value)]);
  const cost = conditions.cost_so_far;
  return [
    ...list(conditions.task, words.isTask, trace().task),
    ...list(conditions.complexity, words.isComplexity, trace().complexity),
    ...list(conditions.language, words.isLanguage),
    ...one(conditions.min_tokens, (least) => words.hasTokens(formatCount(least))),
    ...one(conditions.max_tokens, (most) => words.atMostTokens(formatCount(most))),
    ...list(conditions.attachments, words.brings, words.attachment),
    ...list(conditions.keywords, words.says, (word) => `“${word}”`),
    ...one(conditions.regex, (regex) => words.matches(`/${regex}/`)),
    ...list(conditions.tags, words.tagged),
    ...one(conditions.time, ({ from, to }) => words.between(from, to)),
    ...list(conditions.weekdays, words.isDay, words.weekday),
    ...one(cost?.conversation_over ?? null, (usd) => words.spentConversation(formatUsd(usd))),
    ...one(cost?.day_over ?? null, (usd) => words.spentDay(formatUsd(usd))),
    ...one(cost?.month_over ?? null, (usd) => words.spentMonth(formatUsd(usd))),
  ];
}

function actionWords(action: ActionView): string[] {
  const words = routeRules();
  const said = [
    action.to === null ? "" : words.doTo(action.to),
    action.only.length === 0 ? "" : words.doOnly(action.only.join(words.or)),
    action.never.length === 0 ? "" : words.doNever(action.never.join(words.or)),
    action.local_only ? words.doLocal : "",
    action.priority === null ? "" : words.doPriority(trace().priority(action.priority)),
    action.strategy === null ? "" : words.doStrategy(trace().strategy(action.strategy)),
    action.stop && action.to === null ? words.doStop : "",
  ].filter((words) => words !== "");
  return said.length === 0 ? [words.doNothing] : said;
}
