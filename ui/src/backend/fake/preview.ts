import type { Backend } from "../backend";
import type { AttachmentView } from "../bindings/AttachmentView";
import type { LanePreview } from "../bindings/LanePreview";
import type { LaneView } from "../bindings/LaneView";
import type { ModelView } from "../bindings/ModelView";
import { costOf, picoOf, usdOf } from "./money";
import { reach } from "./reach";
import { tokensIn } from "./run";
import type { FakeState } from "./state";

type Part = Pick<Backend, "previewTurn">;

const USUAL_ANSWER_TOKENS = 600;
const IMAGE_TOKENS = 1_105;
const PDF_BYTES_PER_TOKEN = 40;

/** What sending would mean. Counts as the answers' figures do, so that the two can be compared. */
export function fakePreview(state: FakeState, delay: () => Promise<void>): Part {
  return {
    async previewTurn(conversationId, text, attachments, laneIds, exact) {
      await delay();
      const files = attachments.map((id) => state.file(id).view);
      const conversation = state.conversation(conversationId);
      state.countHistory(conversation);
      const lanes = conversation.lanes
        .filter((lane) => laneIds.length === 0 || laneIds.includes(lane.id))
        .map((lane) => lanePreview(state, lane, text, files, exact));
      const real = lanes.filter((lane) => !lane.simulated);
      const invented = lanes.filter((lane) => lane.simulated);
      return {
        lanes,
        expected_usd: sum(real, (lane) => lane.expected_usd),
        worst_usd: sum(real, (lane) => lane.worst_usd),
        simulated_expected_usd: sum(invented, (lane) => lane.expected_usd),
        simulated_worst_usd: sum(invented, (lane) => lane.worst_usd),
        unpriced: real.filter((lane) => lane.expected_usd === null).length,
      };
    },
  };
}

function sum(lanes: LanePreview[], amount: (lane: LanePreview) => string | null): string {
  return usdOf(lanes.reduce((total, lane) => total + picoOf(amount(lane) ?? "0"), 0n));
}

function lanePreview(
  state: FakeState,
  lane: LaneView,
  text: string,
  files: AttachmentView[],
  exact: boolean,
): LanePreview {
  const { model } = reach(state, lane.target);
  const longest = lane.params.max_tokens ?? model.max_output ?? 4_096;
  const tokens = lane.history_tokens + tokensOfPrompt(model, text, files);
  const usual = Math.min(USUAL_ANSWER_TOKENS, longest);
  const room = model.context_window;
  const notices = leftOut(model, files);
  if (lane.resolved.unavailable !== null) notices.push(lane.resolved.unavailable.message);
  return {
    lane_id: lane.id,
    tokens,
    source: exact && COUNTING.has(model.provider) ? "provider" : (SOURCES[model.provider] ?? "estimate"),
    context_window: room,
    fits: room === null || tokens + Math.min(longest, 1_024) <= room,
    expected_usd: costOf(model, tokens, usual, true).usd,
    worst_usd: costOf(model, tokens, longest, true).usd,
    simulated: model.simulated,
    notices,
  };
}

const COUNTING = new Set(["anthropic", "gemini"]);
const SOURCES: Record<string, LanePreview["source"]> = { openai: "tokenizer", anthropic: "learned" };

export function tokensOfPrompt(model: ModelView, text: string, files: AttachmentView[]): number {
  return files.reduce((sum, file) => sum + tokensOfFile(model, file), tokensIn(text));
}

function tokensOfFile(model: ModelView, file: AttachmentView): number {
  if (file.kind === "image") return model.vision === false ? 0 : IMAGE_TOKENS;
  if (file.kind === "document") return model.pdf === true ? Math.ceil(file.bytes / PDF_BYTES_PER_TOKEN) : 0;
  return file.kind === "audio" ? 0 : Math.ceil(file.bytes / 4);
}

/** What this model will not be shown, in the host's words. */
export function leftOut(model: ModelView, files: AttachmentView[]): string[] {
  const notices = files.flatMap((file) => {
    if (file.kind === "image" && model.vision === false)
      return [`Left out: ${file.name}. ${model.name} does not see images.`];
    if (file.kind === "document" && model.pdf !== true)
      return [`Left out: ${file.name}. ${model.name} does not read PDF files.`];
    if (file.kind === "audio" && model.audio !== true)
      return [`Left out: ${file.name}. ${model.name} does not hear sound.`];
    return [];
  });
  return [...new Set(notices)];
}
