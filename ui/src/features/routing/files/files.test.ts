import { expect, it, vi } from "vitest";
import { createFakeBackend } from "../../../backend/fake/backend";
import { wrongRoutes } from "../../../backend/fake/routeSeeds";
import { RoutingRoom } from "../room.svelte";
import { offsetOf } from "./fileText.svelte";

const NAME = "groups/long reading.yaml";

async function opened() {
  const backend = createFakeBackend();
  backend.state.routing = wrongRoutes();
  const room = new RoutingRoom(backend);
  await room.routes.load();
  room.files.show(NAME, 5, 14);
  await vi.waitFor(() => expect(room.files.file?.before).toBeTypeOf("string"));
  const file = room.files.file;
  if (file === null) throw new Error("a file is open");
  return { backend, room, file };
}

it("keeps a wrong text in the editor with its mistakes, and takes the folder over once it is right", async () => {
  const { room, file } = await opened();
  expect(file.mistakes[0]?.line).toBe(5);
  file.text = file.text.replace("sixty", "many");
  await room.files.save();
  expect([room.files.open, file.refused, file.changed]).toEqual([true, true, true]);
  expect(file.mistakes[0]?.reason).toContain('"many"');
  file.text = file.text.replace("many", "60");
  await room.files.save();
  expect(room.files.open).toBe(false);
  expect(room.mistakesOf(NAME)).toEqual([]);
});

it("keeps what is not saved over closing the sheet, and does not open another file over it", async () => {
  const { room, file } = await opened();
  file.text += "# more\n";
  room.files.open = false;
  room.files.closed();
  room.files.show("rules.yaml");
  expect([room.files.file, room.files.open]).toEqual([file, true]);
  room.files.discard();
  expect(room.files.file).toBeNull();
});

it("says so when the file has changed meanwhile, and reads it again", async () => {
  const { backend, room, file } = await opened();
  const before = file.text;
  file.text = before.replace("sixty", "60");
  await backend.saveRoutingFile(NAME, before.replace("sixty", "61"), before);
  await room.files.save();
  expect(file.error?.code).toBe("routes_changed");
  await file.load();
  expect([file.error, file.text.includes("61")]).toEqual([null, true]);
});

it.each([
  ["a\nbc\n", 2, 2, 3],
  ["a\nbc\n", 2, 9, 4],
  ["a\nbc\n", 9, 1, 5],
  ["x: 😀y", 1, 5, 5],
  ["", 1, 1, 0],
])("finds a place in %j", (text, line, column, offset) => {
  expect(offsetOf(text, line, column)).toBe(offset);
});
