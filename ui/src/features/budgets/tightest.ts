import type { BudgetView } from "../../backend/bindings/BudgetView";
import type { ConversationSummary } from "../../backend/bindings/ConversationSummary";
import type { LaneView } from "../../backend/bindings/LaneView";
import { partsOf } from "../../shared/exact";

/** What of a conversation decides which budgets it comes under. */
export interface Place {
  summary: Pick<ConversationSummary, "id" | "folder" | "tags"> | undefined;
  lanes: readonly Pick<LaneView, "resolved">[];
}

/** Whether a prompt in this conversation comes under this budget. A key is chosen when it is sent: nobody knows it here. */
export function isUnder({ draft }: BudgetView, { summary, lanes }: Place): boolean {
  const { kind, name } = draft.scope;
  const paid = lanes.filter(({ resolved }) => resolved.simulated === draft.simulated);
  if (paid.length === 0 || draft.paused) return false;
  switch (kind) {
    case "everything":
      return true;
    case "provider":
      return paid.some(({ resolved }) => resolved.provider === name);
    case "model":
      return paid.some(({ resolved }) => `${resolved.provider}/${resolved.model}` === name);
    case "conversation":
      return summary?.id === name;
    case "folder":
      return summary !== undefined && summary.folder === name;
    case "tag":
      return summary?.tags.includes(name ?? "") ?? false;
    case "source":
      return name === "chat";
    case "key":
      return false;
  }
}

/** The budget with the least left of those a prompt here comes under; `null`: it comes under none. */
export function tightestFor(views: readonly BudgetView[], place: Place): BudgetView | null {
  const left = (view: BudgetView) => partsOf(view.left_usd);
  return views
    .filter((view) => isUnder(view, place))
    .reduce<BudgetView | null>(
      (least, view) => (least === null || left(view) < left(least) ? view : least),
      null,
    );
}
