import { describe, expect, it } from "vitest";
import type { ConversationSummary } from "../../backend/bindings/ConversationSummary";
import { FakeState, type StoredConversation } from "../../backend/fake/state";
import { plant } from "../../backend/fake/seed";
import { isFound, openTag, readSearch, tagsOf, toggleTag, withTag } from "./filing";
import { groupByDay, groupByFolder } from "./groups";

const state = new FakeState();

function row(title: string, change: Partial<StoredConversation> = {}): ConversationSummary {
  return state.summary({ ...plant(state, { title, targets: [], age: 1, prompts: [] }), ...change });
}

describe("what is searched for", () => {
  it.each([
    ["thesis", { words: "thesis", tags: [] }],
    ["#work thesis", { words: "thesis", tags: ["work"] }],
    ["thesis  #Work  outline #db", { words: "thesis outline", tags: ["work", "db"] }],
    ['#"two words" x', { words: "x", tags: ["two words"] }],
    ["＃数据库", { words: "", tags: ["数据库"] }],
    ["C# or F#", { words: "c# or f#", tags: [] }],
    ["#", { words: "", tags: [""] }],
  ])("reads %s", (text, wanted) => {
    expect(readSearch(text)).toEqual(wanted);
  });

  it("adds a tag that was clicked and takes it out again", () => {
    expect(toggleTag("", "two words")).toBe('#"two words" ');
    expect(toggleTag("thesis", "db")).toBe("#db thesis ");
    expect(toggleTag("#DB thesis", "db")).toBe("thesis ");
    expect(toggleTag("#d", "db")).toBe("#d #db ");
  });

  it("knows the tag that is being typed", () => {
    expect(openTag("thesis #wo")).toBe("wo");
    expect(openTag("#")).toBe("");
    expect(openTag("#work ")).toBeNull();
    expect(openTag("C#")).toBeNull();
  });
});

describe("what is found", () => {
  const workshop = row("Chairs", { tags: ["workshop"] });
  const work = row("Thesis", { tags: ["Work", "db"] });
  const inUse = tagsOf([workshop, work]);
  const found = (text: string) =>
    [workshop, work].filter((one) => isFound(one, readSearch(text), inUse)).map(({ title }) => title);

  it("meets a tag in use whole and one that is being typed by its beginning", () => {
    expect(found("#work")).toEqual(["Thesis"]);
    expect(found("#wor")).toEqual(["Chairs", "Thesis"]);
    expect(found("#db")).toEqual(["Thesis"]);
    expect(found("#")).toEqual(["Chairs", "Thesis"]);
  });

  it("asks for every tag and the words at once", () => {
    expect(found("#work #db the")).toEqual(["Thesis"]);
    expect(found("#work chairs")).toEqual([]);
  });
});

it("offers the most used tags first", () => {
  const rows = [["b", "a"], ["b"], ["c", "a", "b"]].map((tags) => row("", { tags }));
  expect(tagsOf(rows)).toEqual(["b", "a", "c"]);
});

it("keeps a tag once, however it was typed", () => {
  expect(withTag(["Work"], " #work ")).toEqual(["Work"]);
  expect(withTag(["Work"], "  two   words ")).toEqual(["Work", "two words"]);
  expect(withTag([], "#")).toEqual([]);
});

describe("the list", () => {
  const now = Date.now();
  const rows = [
    row("Loose", { updated_at: now }),
    row("Filed", { updated_at: now, folder: "Work" }),
    row("Pinned and filed", { updated_at: now - 1, folder: "Work", pinned: true }),
  ];
  const titles = (all: { name: string; rows: ConversationSummary[] }[]) =>
    all.map((group) => [group.name, group.rows.map(({ title }) => title)]);

  it("shows what lies in a folder there and not under its day", () => {
    expect(titles(groupByDay(rows, now))).toEqual([
      ["pinned", ["Pinned and filed"]],
      ["today", ["Loose"]],
    ]);
    expect(titles(groupByFolder(rows))).toEqual([["Work", ["Filed", "Pinned and filed"]]]);
  });
});
