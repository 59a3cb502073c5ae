import type { Backend } from "../backend";
import type { AttachmentView } from "../bindings/AttachmentView";
import type { LanePreview } from "../bindings/LanePreview";
import type { LaneView } from "../bindings/LaneView";
import type { ModelView } from "../bindings/ModelView";
import type { Notice } from "../bindings/Notice";
import { factsOf, stopOf, tightestOf, type Need } from "./admission";
import { costOf, picoOf, usdOf } from "./money";
import { reach } from "./reach";
import { tokensIn } from "./run";
import type { FakeState, StoredConversation } from "./state";

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
      const asked = conversation.lanes.filter((lane) => laneIds.length === 0 || laneIds.includes(lane.id));
      const lanes = withShares(asked.map((lane) => lanePreview(state, lane, text, files, exact)));
      const real = lanes.filter((lane) => !lane.simulated);
      const invented = lanes.filter((lane) => lane.simulated);
      const needs = asked.map((lane) => needOf(state, conversation, lane, text, files));
      return {
        lanes,
        tightest: tightestOf(state, needs),
        stop: stopOf(state, needs),
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

/** What a lane's call would set aside money for. */
export function needOf(
  state: FakeState,
  conversation: StoredConversation,
  lane: Pick<LaneView, "id" | "target" | "params" | "history_tokens">,
  text: string,
  files: AttachmentView[],
): Need {
  const { model } = reach(state, lane.target);
  return {
    laneId: lane.id,
    target: model.target,
    input: lane.history_tokens + tokensOfPrompt(model, text, files),
    longest: longestOf(lane, model),
    facts: factsOf(conversation),
  };
}

const longestOf = ({ params }: Pick<LaneView, "params">, model: ModelView) =>
  params.max_tokens ?? model.max_output ?? 4_096;

/** Each lane's part of the worst case of all that are paid in the same money, in whole per cent. */
function withShares(lanes: LanePreview[]): LanePreview[] {
  return lanes.map((lane) => {
    const alike = lanes.filter(({ simulated }) => simulated === lane.simulated);
    const all = picoOf(sum(alike, ({ worst_usd }) => worst_usd));
    const share = lane.worst_usd === null || all === 0n ? null : (picoOf(lane.worst_usd) * 100n) / all;
    return { ...lane, share_percent: share === null ? null : Number(share) };
  });
}

function lanePreview(
  state: FakeState,
  lane: LaneView,
  text: string,
  files: AttachmentView[],
  exact: boolean,
): LanePreview {
  const { model } = reach(state, lane.target);
  const longest = longestOf(lane, model);
  const tokens = lane.history_tokens + tokensOfPrompt(model, text, files);
  const usual = Math.min(USUAL_ANSWER_TOKENS, longest);
  const room = model.context_window;
  const notices = leftOut(model, files);
  if (lane.resolved.unavailable !== null)
    notices.push({ text: lane.resolved.unavailable.message, saying: null });
  return {
    lane_id: lane.id,
    tokens,
    source: exact && COUNTING.has(model.provider) ? "provider" : (SOURCES[model.provider] ?? "estimate"),
    context_window: room,
    fits: room === null || tokens + Math.min(longest, 1_024) <= room,
    expected_usd: costOf(model, tokens, usual, true).usd,
    worst_usd: costOf(model, tokens, longest, true).usd,
    expected_tokens: usual,
    share_percent: null,
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

/** What this model will not be shown, as the host tells it. */
export function leftOut(model: ModelView, files: AttachmentView[]): Notice[] {
  const blind = [
    {
      kind: "image",
      can: model.vision !== false,
      code: "pictures_unseen",
      verb: "see pictures",
      one: "picture",
    },
    {
      kind: "document",
      can: model.pdf === true,
      code: "documents_unread",
      verb: "read PDF files",
      one: "file",
    },
    { kind: "audio", can: model.audio === true, code: "sound_unheard", verb: "hear sound", one: "recording" },
  ] as const;
  return blind.flatMap(({ kind, can, code, verb, one }) => {
    const count = can ? 0 : files.filter((file) => file.kind === kind).length;
    if (count === 0) return [];
    const which = count === 1 ? `one ${one} is` : `${count} ${one}s are`;
    const text = `${model.name} does not ${verb}: ${which} left out.`;
    return [{ text, saying: { code, model: model.name, count } }];
  });
}
