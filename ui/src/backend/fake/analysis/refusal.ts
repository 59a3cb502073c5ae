import type { AdviceRefusal } from "../../bindings/AdviceRefusal";
import type { CannotUndo } from "../../bindings/CannotUndo";
import type { Said } from "../../bindings/Said";
import { refused } from "../state";

/** What is in the way. */
type Refusal =
  | { kind: "advice_unknown"; advice: string }
  | { kind: "advice_by_hand" }
  | { kind: "change_unknown"; change: string }
  | { kind: "change_taken_back" }
  | { kind: "change_overtaken"; why: CannotUndo };

/** Why advice is not followed or a change not taken back, with all the host sends. */
export function refusal(refusal: Refusal): Error {
  const { code, message, values } = told(refusal);
  const kind: AdviceRefusal = refusal.kind;
  return refused(code, message, { code: kind, values });
}

function told(refusal: Refusal): { code: string; message: string; values: Record<string, string> } {
  switch (refusal.kind) {
    case "advice_unknown": {
      const message = `There is no advice “${refusal.advice}” at present; what was seen since may speak against it.`;
      return { code: "not_found", message, values: {} };
    }
    case "advice_by_hand": {
      const message = "This advice changes nothing by itself; do as it says, where it says.";
      return { code: "advice", message, values: {} };
    }
    case "change_unknown": {
      const message = `There is no change “${refusal.change}” here.`;
      return { code: "not_found", message, values: { change: refusal.change } };
    }
    case "change_taken_back":
      return { code: "cannot_undo", message: "This change was taken back already.", values: {} };
    case "change_overtaken": {
      const { text, place, found } = refusal.why;
      const values = { ...partOf("place", place), ...(found === null ? {} : partOf("found", found)) };
      return { code: "cannot_undo", message: `${text}.`, values };
    }
  }
}

/** A part with a code of its own, as the host puts it among the values. */
function partOf(name: string, { text, saying }: Said): Record<string, string> {
  const values: Record<string, string> = { [name]: text, [`${name}_code`]: saying.code };
  for (const [of, value] of Object.entries(saying.values)) values[`${name}_${of}`] = value;
  return values;
}
