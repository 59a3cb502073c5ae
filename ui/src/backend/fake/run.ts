import type { FaultView } from "../bindings/FaultView";
import type { ModelView } from "../bindings/ModelView";
import type { Notice } from "../bindings/Notice";
import type { OfferView } from "../bindings/OfferView";
import type { RunEvent } from "../bindings/RunEvent";
import type { RunState } from "../bindings/RunState";
import type { RunView } from "../bindings/RunView";
import type { ToolCallView } from "../bindings/ToolCallView";
import { costOf } from "./money";
import type { Voice } from "./voices";

/** How one fake answer goes. */
export interface Script {
  voice: Voice;
  /** Milliseconds to the first delta. */
  ttftMs: number;
  tokensPerSecond: number;
  /** What breaks it, and after which share of the text (0: before the first delta). */
  fault: FaultView | null;
  faultAfter: number;
  /** A failed first attempt that is repeated before anything was shown. */
  retryWaitMs: number | null;
  /** What it waits for before it is sent. */
  wait: { reason: string; ms: number; text: string } | null;
  /** What is offered when it breaks. */
  offers: OfferView[];
  /** The name the provider says it served with. */
  served: string;
  /** Tools it asks for once it has spoken. */
  toolCalls: ToolCallView[];
}

export const CHARACTERS_PER_TOKEN = 4;

export function tokensIn(text: string): number {
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN);
}

export function newRun(part: {
  id: string;
  turnId: string;
  laneId: string;
  version: number;
  model: ModelView;
  startedAt: number;
  notices?: Notice[];
}): RunView {
  return {
    id: part.id,
    turn_id: part.turnId,
    lane_id: part.laneId,
    version: part.version,
    versions: part.version,
    target: part.model.target,
    state: "connecting",
    text: "",
    reasoning: "",
    refusal: "",
    tool_calls: [],
    notices: part.notices ?? [],
    provider: part.model.provider,
    provider_name: part.model.provider_name,
    model_requested: part.model.model,
    model_served: null,
    simulated: part.model.simulated,
    finish_reason: null,
    usage: null,
    cost: null,
    ttft_ms: null,
    total_ms: null,
    tokens_per_second: null,
    started_at: part.startedAt,
    finished_at: null,
    fault: null,
    attempts: 1,
    picked: false,
    route: null,
    source: "model",
    segments: [],
    offers: [],
    waiting: null,
    saved_usd: null,
  };
}

/** What every answer is like unless a scene says otherwise. */
export const PLAIN: Omit<Script, "voice" | "ttftMs" | "tokensPerSecond" | "served"> = {
  fault: null,
  faultAfter: 1,
  retryWaitMs: null,
  wait: null,
  offers: [],
  toolCalls: [],
};

/** A fake answer in flight: told the time, it says what has happened since it was last asked. */
export class FakeRun {
  #retried = false;
  /** What another has written before. */
  #before = { text: "", reasoning: "" };

  constructor(
    public view: RunView,
    readonly model: ModelView,
    readonly script: Script,
    readonly inputTokens: number,
  ) {}

  /** Goes on where another broke off: its text stands before this one's, and both are told apart. */
  continueFrom(before: RunView): void {
    const begun = {
      provider: before.provider,
      provider_name: before.provider_name,
      model: before.model_served ?? before.model_requested,
      text_start: 0,
      reasoning_start: 0,
      usd: before.cost?.usd ?? null,
    };
    const { provider, provider_name, model_requested: model } = this.view;
    const starts = { text_start: before.text.length, reasoning_start: before.reasoning.length };
    const segments = [begun, { provider, provider_name, model, ...starts, usd: null }];
    this.#before = { text: before.text, reasoning: before.reasoning };
    this.view = { ...this.view, ...this.#before, segments };
  }

  get ended(): boolean {
    return this.view.finished_at !== null;
  }

  advance(now: number): RunEvent[] {
    if (this.ended) return [];
    const events = this.#wait(now);
    if (this.view.waiting !== null) return events;
    const wait = this.script.retryWaitMs;
    if (wait !== null && !this.#retried) {
      this.#retried = true;
      this.view = { ...this.view, attempts: 2 };
      events.push({ type: "retrying", run_id: this.view.id, attempt: 2, wait_ms: wait, reason: "HTTP 503" });
    }
    const elapsed = now - this.view.started_at - (wait ?? 0) - (this.script.wait?.ms ?? 0);
    if (this.view.state === "connecting" && elapsed > this.script.ttftMs * 0.4)
      events.push(this.#enter("preamble"));
    if (elapsed < this.script.ttftMs) return events;
    if (this.script.fault !== null && this.script.faultAfter === 0)
      return [...events, this.end(now, "failed")];
    if (this.view.ttft_ms === null) {
      this.view = { ...this.view, ttft_ms: Math.round(this.script.ttftMs), model_served: this.script.served };
      events.push(this.#enter("committed"));
    }
    return [...events, ...this.#speak(now, elapsed - this.script.ttftMs)];
  }

  /** Begins to wait, or has waited long enough. */
  #wait(now: number): RunEvent[] {
    const { wait } = this.script;
    if (wait === null) return [];
    const until = this.view.started_at + wait.ms;
    const waiting = now < until ? { reason: wait.reason, text: wait.text, until, saying: null } : null;
    if ((waiting === null) === (this.view.waiting === null)) return [];
    this.view = { ...this.view, waiting };
    return [{ type: "waiting", run_id: this.view.id, waiting }];
  }

  /** The end, whatever the reason; the text so far stays. */
  end(now: number, state: RunState): RunEvent {
    const output = tokensIn(this.view.text + this.view.reasoning);
    const total = now - this.view.started_at;
    const spoken = total - (this.view.ttft_ms ?? total);
    const asked = state !== "failed" || output > 0;
    this.view = {
      ...this.view,
      state,
      finished_at: now,
      total_ms: total,
      tool_calls: state === "complete" ? this.script.toolCalls : this.view.tool_calls,
      finish_reason: state === "truncated" ? "length" : state === "complete" ? this.#reason() : null,
      tokens_per_second: spoken > 0 && output > 0 ? (output * 1000) / spoken : null,
      usage: asked
        ? {
            input: this.inputTokens,
            output,
            cached_input: null,
            cache_write: null,
            reasoning: tokensIn(this.view.reasoning),
          }
        : null,
      cost: asked ? costOf(this.model, this.inputTokens, output, state === "complete") : null,
      fault: state === "failed" || state === "truncated" ? this.script.fault : null,
      offers: state === "failed" || state === "truncated" ? this.script.offers : [],
      waiting: null,
    };
    return { type: "finished", run: this.view };
  }

  #reason(): string {
    return this.script.toolCalls.length > 0 ? "tool_calls" : "stop";
  }

  #enter(state: RunState): RunEvent {
    this.view = { ...this.view, state };
    const { id, model_served, ttft_ms } = this.view;
    return { type: "state", run_id: id, state, model_served, ttft_ms };
  }

  #speak(now: number, spokenMs: number): RunEvent[] {
    const text = this.#before.text + this.script.voice.text;
    const reasoning = this.#before.reasoning + this.script.voice.reasoning;
    const written = this.#before.text.length + this.#before.reasoning.length;
    const events: RunEvent[] = [];
    const breaks = this.script.fault !== null && this.script.faultAfter < 1;
    const limit = breaks ? Math.floor(text.length * this.script.faultAfter) : text.length;
    const due = written + Math.floor((spokenMs / 1000) * this.script.tokensPerSecond * CHARACTERS_PER_TOKEN);
    const thought = whole(reasoning, Math.min(due, reasoning.length));
    const said = whole(text, Math.min(Math.max(due - reasoning.length, 0), limit));
    const run_id = this.view.id;
    if (thought > this.view.reasoning.length) {
      const offset = this.view.reasoning.length;
      events.push({ type: "reasoning", run_id, offset, delta: reasoning.slice(offset, thought) });
    }
    if (said > this.view.text.length) {
      const offset = this.view.text.length;
      events.push({ type: "text", run_id, offset, delta: text.slice(offset, said) });
    }
    const asked = toolCallsUpTo(this.script.toolCalls, breaks ? 0 : due - reasoning.length - limit);
    if (JSON.stringify(asked) !== JSON.stringify(this.view.tool_calls)) {
      events.push({ type: "tool_calls", run_id, tool_calls: asked });
      this.view = { ...this.view, tool_calls: asked };
    }
    if (events.length > 0) {
      this.view = { ...this.view, reasoning: reasoning.slice(0, thought), text: text.slice(0, said) };
    }
    const asking = breaks ? 0 : this.script.toolCalls.reduce((sum, call) => sum + call.arguments.length, 0);
    if (due - reasoning.length >= limit + asking) {
      const cutShort = this.script.fault?.category === "truncated";
      events.push(this.end(now, this.script.fault === null ? "complete" : cutShort ? "truncated" : "failed"));
    }
    return events;
  }
}

/** The calls as far as so many characters of their arguments tell them, one after the other. */
function toolCallsUpTo(calls: ToolCallView[], characters: number): ToolCallView[] {
  let left = characters;
  return calls.flatMap((call) => {
    if (left <= 0) return [];
    const shown = {
      ...call,
      arguments: call.arguments.slice(0, whole(call.arguments, Math.min(left, call.arguments.length))),
    };
    left -= call.arguments.length;
    return [shown];
  });
}

/** Never between the halves of one character. */
function whole(text: string, length: number): number {
  const last = text.charCodeAt(length - 1);
  return length < text.length && last >= 0xd800 && last < 0xdc00 ? length - 1 : length;
}
