import type { Backend } from "../backend";
import { refused, type FakeState, type StoredConversation } from "./state";

type Part = Pick<
  Backend,
  | "listConversations"
  | "createConversation"
  | "openConversation"
  | "renameConversation"
  | "pinConversation"
  | "setConversationFolder"
  | "renameFolder"
  | "setConversationTags"
  | "deleteConversation"
  | "saveDraft"
  | "addLane"
  | "removeLane"
  | "setLaneTarget"
  | "setLaneParams"
  | "moveLane"
>;

/** Conversations and their lanes. `delay` stands for the way to the host and back. */
export function fakeConversations(
  state: FakeState,
  delay: () => Promise<void>,
  liveTurns: (conversation: StoredConversation) => string[],
): Part {
  const order = (a: StoredConversation, b: StoredConversation) =>
    Number(b.pinned) - Number(a.pinned) || b.updated_at - a.updated_at;

  function renumber(conversation: StoredConversation) {
    state.countHistory(conversation);
    return conversation.lanes;
  }

  function change(laneId: string, apply: (conversation: StoredConversation, at: number) => void) {
    const conversation = state.conversationOfLane(laneId);
    apply(
      conversation,
      conversation.lanes.findIndex((lane) => lane.id === laneId),
    );
    const lane = renumber(conversation).find((candidate) => candidate.id === laneId);
    if (lane === undefined) throw refused("unknown_lane", "This lane is gone.");
    return lane;
  }

  return {
    async listConversations() {
      await delay();
      return [...state.conversations.values()].sort(order).map((conversation) => state.summary(conversation));
    },
    async createConversation(targets) {
      await delay();
      const last = [...state.conversations.values()].sort((a, b) => b.updated_at - a.updated_at)[0];
      const fallback =
        last?.lanes.map((lane) => lane.target) ??
        state
          .models()
          .slice(0, 3)
          .map((m) => m.target);
      const defaults = state.settings.default_lanes.length > 0 ? state.settings.default_lanes : fallback;
      const now = Date.now();
      const conversation: StoredConversation = {
        id: state.id("conversation"),
        title: "",
        created_at: now,
        updated_at: now,
        pinned: false,
        folder: null,
        tags: [],
        draft: "",
        draftFiles: [],
        lanes: (targets.length > 0 ? targets : defaults).map((target, at) => state.lane(target, at)),
        turns: [],
      };
      state.conversations.set(conversation.id, conversation);
      return state.snapshot(conversation, []);
    },
    async openConversation(id) {
      await delay();
      const conversation = state.conversation(id);
      return state.snapshot(conversation, liveTurns(conversation));
    },
    async renameConversation(id, title) {
      await delay();
      const conversation = state.conversation(id);
      conversation.title = title.trim();
      return state.summary(conversation);
    },
    async pinConversation(id, pinned) {
      await delay();
      const conversation = state.conversation(id);
      conversation.pinned = pinned;
      return state.summary(conversation);
    },
    async setConversationFolder(id, folder) {
      await delay();
      const conversation = state.conversation(id);
      const name = folderName(folder);
      state.keepPlaces(conversation);
      conversation.folder = name === "" ? null : name;
      return state.summary(conversation);
    },
    async renameFolder(old, name) {
      await delay();
      const folder = folderName(name);
      if (folder === "") throw refused("bad_folder", "A folder needs a name.");
      const moved = [...state.conversations.values()].filter((one) => one.folder === old);
      if (moved.length === 0) throw refused("not_found", `This folder does not exist any more (${old}).`);
      for (const one of moved) {
        state.keepPlaces(one);
        one.folder = folder;
      }
      return moved.map((one) => state.summary(one));
    },
    async setConversationTags(id, tags) {
      await delay();
      const conversation = state.conversation(id);
      const tidy = tags.map((tag) => tag.trim()).filter((tag) => tag !== "");
      if (tidy.some((tag) => Array.from(tag).length > 40))
        throw refused("bad_tag", "A tag has at most 40 characters.");
      const once = new Map(tidy.toReversed().map((tag) => [tag.toLocaleLowerCase(), tag]));
      if (once.size > 20) throw refused("too_many_tags", "A conversation has at most 20 tags.");
      conversation.tags = [...once.values()].reverse();
      return state.summary(conversation);
    },
    async deleteConversation(id) {
      await delay();
      state.conversations.delete(id);
    },
    async saveDraft(id, text, attachments) {
      await delay();
      const conversation = state.conversation(id);
      conversation.draft = text;
      conversation.draftFiles = attachments.filter((file) => state.files.has(file));
    },
    async addLane(id, target) {
      await delay();
      const conversation = state.conversation(id);
      if (conversation.lanes.length >= 8)
        throw refused("too_many_lanes", "A conversation has at most 8 lanes.");
      const lane = state.lane(target, conversation.lanes.length);
      conversation.lanes = [...conversation.lanes, lane];
      return lane;
    },
    async removeLane(laneId) {
      await delay();
      const conversation = state.conversationOfLane(laneId);
      conversation.lanes = conversation.lanes.filter((lane) => lane.id !== laneId);
      renumber(conversation);
    },
    async setLaneTarget(laneId, target) {
      await delay();
      return change(laneId, (conversation, at) => {
        const lane = conversation.lanes[at];
        const resolved = state.resolve(target);
        if (lane !== undefined)
          conversation.lanes = conversation.lanes.with(at, { ...lane, target, resolved });
      });
    },
    async setLaneParams(laneId, params) {
      await delay();
      return change(laneId, (conversation, at) => {
        const lane = conversation.lanes[at];
        if (lane !== undefined) conversation.lanes = conversation.lanes.with(at, { ...lane, params });
      });
    },
    async moveLane(laneId, position) {
      await delay();
      const conversation = state.conversationOfLane(laneId);
      const moved = conversation.lanes.filter((lane) => lane.id === laneId);
      const others = conversation.lanes.filter((lane) => lane.id !== laneId);
      conversation.lanes = others.toSpliced(position, 0, ...moved);
      return renumber(conversation);
    },
  };
}

function folderName(typed: string | null): string {
  const name = typed?.trim() ?? "";
  if (Array.from(name).length > 80) throw refused("bad_folder", "A folder's name has at most 80 characters.");
  return name;
}
