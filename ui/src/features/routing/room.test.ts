import { expect, it, vi } from "vitest";
import { createFakeBackend } from "../../backend/fake/backend";
import { someRoutes } from "../../backend/fake/routeSeeds";
import { toasts } from "../../shared/ui/toasts.svelte";
import { GroupDraft } from "./ladders/groupDraft.svelte";
import { RoutingRoom } from "./room.svelte";
import { CHANGED } from "./routes.svelte";

async function opened() {
  const backend = createFakeBackend();
  backend.state.routing = someRoutes();
  const seen = vi.fn();
  const room = new RoutingRoom(backend, seen);
  await room.routes.load();
  toasts.shown = [];
  const group = room.folder.groups[0];
  if (group === undefined) throw new Error("there is a group");
  return { backend, room, group, seen };
}

it("takes a saved change back to the group as it was, and its name", async () => {
  const { backend, room, group } = await opened();
  const changed = { ...group, name: "reviews", description: "Changed" };
  expect(await room.saveGroup(changed, group.name, group)).toBeNull();
  expect(backend.state.routing.groups.map(({ name }) => name)).toEqual([
    "everyday",
    "long reading",
    "reviews",
  ]);
  toasts.shown[0]?.action?.run();
  await vi.waitFor(() => expect(backend.state.routing.groups[0]).toEqual(group));
});

it("writes a removed pool again when that is taken back", async () => {
  const { backend, room } = await opened();
  const before = backend.state.routing.pools;
  room.askToRemove("pool", "rotation");
  await room.remove();
  expect(backend.state.routing.pools).toEqual([]);
  toasts.shown[0]?.action?.run();
  await vi.waitFor(() => expect(backend.state.routing.pools).toEqual(before));
});

it("gives back what the host has against a change, and goes on editing", async () => {
  const { backend, room, group } = await opened();
  const draft = new GroupDraft(group, group.name);
  room.edit({ kind: "group", draft });
  backend.state.routesFail = "It has changed on disk.";
  const error = await room.saveGroup({ ...group, description: "x" }, group.name, group);
  expect(error?.message).toBe("It has changed on disk.");
  expect(room.editing?.draft).toBe(draft);
  expect(room.folder.groups[0]).toEqual(group);
});

it("does not write over what somebody else has changed meanwhile, also where it was read for other reasons", async () => {
  const { backend, room, group } = await opened();
  const theirs = { ...group, description: "Theirs" };
  backend.state.routing = { ...someRoutes(), groups: [theirs, ...someRoutes().groups.slice(1)], revision: 8 };
  // For instance for the list of models to choose from.
  await room.routes.load();
  const error = await room.saveGroup({ ...group, description: "Mine" }, group.name, group);
  expect(error?.code).toBe(CHANGED);
  expect(error?.message).toContain("groups/coding.yaml");
  expect(backend.state.routing.groups[0]).toEqual(theirs);
  expect((await room.routes.saveAliases([], [{ name: "gone", model: "a/b" }]))?.code).toBe(CHANGED);
  expect((await room.routes.saveRules([], []))?.code).toBe(CHANGED);
});

it("does not begin another edit over one that is not saved", async () => {
  const { room, group } = await opened();
  const first = new GroupDraft(group, group.name);
  room.edit({ kind: "group", draft: first });
  first.addRung();
  room.edit({ kind: "group", draft: new GroupDraft(group, group.name) });
  expect(room.editing?.draft).toBe(first);
  expect(toasts.shown.at(-1)?.text).toContain("coding");
  room.stopEditing();
  room.edit({ kind: "group", draft: new GroupDraft(group, group.name) });
  expect(room.editing?.draft).not.toBe(first);
});

it("tells those outside of every change, and of none that is none", async () => {
  const { room, group, seen } = await opened();
  await room.routes.load();
  expect(seen).toHaveBeenCalledTimes(1);
  await room.saveGroup({ ...group, description: "x" }, group.name, group);
  expect(seen).toHaveBeenCalledTimes(2);
});
