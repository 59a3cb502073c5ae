import type { RunView } from "../../backend/bindings/RunView";
import type { SegmentView } from "../../backend/bindings/SegmentView";

/** A part of an answer that one model wrote. */
export interface AnswerPart {
  /** `null` where one model wrote it all, so that nothing has to be said. */
  by: SegmentView | null;
  text: string;
  reasoning: string;
}

/** An answer in the parts its models wrote, in order. There is always one. */
export function partsOf({
  text,
  reasoning,
  segments,
}: Pick<RunView, "text" | "reasoning" | "segments">): AnswerPart[] {
  if (segments.length === 0) return [{ by: null, text, reasoning }];
  return segments.map((by, at) => {
    const next = segments[at + 1];
    return {
      by,
      text: text.slice(by.text_start, next?.text_start),
      reasoning: reasoning.slice(by.reasoning_start, next?.reasoning_start),
    };
  });
}
