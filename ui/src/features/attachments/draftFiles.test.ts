import { beforeAll, expect, it, vi } from "vitest";
import { createFakeBackend } from "../../backend/fake/backend";
import { DraftFiles, MOST_FILES } from "./draftFiles.svelte";
import { pastedFiles } from "./transfer";

const PNG = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 1, 2, 3]);

beforeAll(() => {
  // jsdom has no addresses for bytes.
  URL.createObjectURL = () => "blob:test";
  URL.revokeObjectURL = () => undefined;
});

const text = (name: string, content = name) => new File([content], name, { type: "text/plain" });
const names = (draft: DraftFiles) => draft.files.map((file) => file.name);

it("takes files in, in order, and tells the host's kinds", async () => {
  const draft = new DraftFiles(createFakeBackend());
  await draft.add([new File([PNG], "a.bin"), text("b.md")]);
  expect(draft.files.map((file) => file.view?.kind)).toEqual(["image", "text"]);
  expect(draft.adding).toBe(false);
  expect(draft.ids).toHaveLength(2);
});

it("says in its place why a file is refused, and keeps the others", async () => {
  const draft = new DraftFiles(createFakeBackend());
  await draft.add([text("a.md"), new File([new Uint8Array([0, 1, 2, 255])], "b.xyz"), text("empty", "")]);
  expect(names(draft)).toEqual(["a.md"]);
  expect(draft.refused.map((one) => one.message)).toEqual([
    expect.stringContaining("b.xyz"),
    expect.stringContaining("empty"),
  ]);
  draft.dismiss(draft.refused[0]?.key ?? 0);
  expect(draft.refused).toHaveLength(1);
});

it("counts the same bytes once", async () => {
  const draft = new DraftFiles(createFakeBackend());
  await draft.add([text("a.md", "same")]);
  await draft.add([text("copy of a.md", "same")]);
  expect(names(draft)).toEqual(["a.md"]);
});

it("stops at the most a prompt carries, before anything is read", async () => {
  const backend = createFakeBackend();
  const asked = vi.spyOn(backend, "addAttachment");
  const draft = new DraftFiles(backend);
  await draft.add(Array.from({ length: MOST_FILES + 1 }, (_, at) => text(`${at}.md`)));
  expect(draft.files).toHaveLength(MOST_FILES);
  expect(asked).toHaveBeenCalledTimes(MOST_FILES);
  expect(draft.refused[0]?.message).toContain(`${MOST_FILES}.md`);
});

it("refuses a folder, which has no bytes", async () => {
  const draft = new DraftFiles(createFakeBackend());
  const folder = text("folder");
  folder.arrayBuffer = () => Promise.reject(new DOMException("not a file", "NotFoundError"));
  await draft.add([folder]);
  expect(draft.files).toEqual([]);
  expect(draft.refused[0]?.message).toContain("folder");
});

it("forgets what was sent and keeps what came meanwhile", async () => {
  const draft = new DraftFiles(createFakeBackend());
  await draft.add([text("a.md")]);
  const sent = draft.ids;
  await draft.add([text("later.md")]);
  draft.forget(sent);
  expect(names(draft)).toEqual(["later.md"]);
});

it("takes a paste as files only where it holds no text", () => {
  const pasted = (plain: string) =>
    pastedFiles({ files: [text("a.md")], items: [], getData: () => plain } as unknown as DataTransfer);
  expect(pasted("")).toHaveLength(1);
  // Offices put a picture of the text beside the text.
  expect(pasted("the text itself")).toEqual([]);
});
