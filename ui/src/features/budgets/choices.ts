import type { BudgetScopeKind } from "../../backend/bindings/BudgetScopeKind";
import type { ConversationSummary } from "../../backend/bindings/ConversationSummary";
import type { ModelView } from "../../backend/bindings/ModelView";
import type { ProviderView } from "../../backend/bindings/ProviderView";
import { budgets } from "../../shared/i18n/messages/budgets";

export interface Choosable {
  value: string;
  label: string;
}

/** What calls are made for. */
const SOURCES = ["chat", "cli", "batch", "title", "judge", "gateway", "embedding"];

/** What a budget of this kind can count, and of purposes, which are `used` so far; `null` where there are too many for a plain list: models and conversations. */
export function choicesOf(
  kind: BudgetScopeKind,
  providers: readonly ProviderView[],
  conversations: readonly ConversationSummary[],
  used: ReadonlySet<string> | null,
): Choosable[] | null {
  switch (kind) {
    case "everything":
      return [];
    case "provider":
      return providers.map(({ id, name }) => ({ value: id, label: name }));
    case "key":
      return providers.flatMap(({ name, keys }) =>
        keys.map(({ spend_id, label, variable, mask }) => ({
          value: spend_id,
          label: `${name} · ${variable ?? (label === "" ? mask : label)}`,
        })),
      );
    case "folder":
      return plain(conversations.flatMap(({ folder }) => (folder === null ? [] : [folder])));
    case "tag":
      return plain(conversations.flatMap(({ tags }) => tags));
    case "source":
      return SOURCES.map((value) => {
        const label = budgets().sourceName(value);
        return { value, label: used === null || used.has(value) ? label : budgets().notUsedYet(label) };
      });
    case "model":
    case "conversation":
      return null;
  }
}

/** What people call the thing that is counted; `null` before it is chosen. */
export function chosenLabel(
  kind: BudgetScopeKind,
  which: string | null,
  providers: readonly ProviderView[],
  models: readonly ModelView[],
  conversations: readonly ConversationSummary[],
): string | null {
  if (which === null) return null;
  if (kind === "model") return models.find(({ target }) => target === which)?.name ?? which;
  if (kind === "conversation") {
    const title = conversations.find(({ id }) => id === which)?.title ?? which;
    return title === "" ? budgets().untitled : title;
  }
  return (
    choicesOf(kind, providers, conversations, null)?.find(({ value }) => value === which)?.label ?? which
  );
}

const plain = (names: string[]): Choosable[] =>
  [...new Set(names)].toSorted((a, b) => a.localeCompare(b)).map((name) => ({ value: name, label: name }));
