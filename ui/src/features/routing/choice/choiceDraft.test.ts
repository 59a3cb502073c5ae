import { expect, it } from "vitest";
import { createFakeBackend } from "../../../backend/fake/backend";
import { RoutingRoom } from "../room.svelte";
import { sharesOf } from "./choiceDraft.svelte";

async function opened() {
  const backend = createFakeBackend();
  const room = new RoutingRoom(backend);
  await room.routes.load();
  const kept = room.routes.view?.choice;
  if (kept === undefined) throw new Error("the folder says how to choose");
  room.choice.take(kept);
  return { backend, room, draft: room.choice };
}

it("writes strategy, priority and weights together", async () => {
  const { backend, draft } = await opened();
  draft.change({ strategy: "cost_optimised", priority: "cost" });
  draft.weigh(true);
  draft.setWeight("cost", 50);
  expect(draft.changed).toBe(true);
  expect(await draft.save()).toBe(true);
  expect(draft.changed).toBe(false);
  expect((await backend.routes()).choice).toEqual({
    strategy: "cost_optimised",
    priority: "cost",
    weights: { performance: 40, cost: 50, load: 20, capability: 10 },
  });
});

it("does not save what is no number or where nothing would count", async () => {
  const { draft } = await opened();
  draft.weigh(true);
  draft.setWeight("load", Number.NaN);
  expect(draft.readable).toBe(false);
  for (const name of ["performance", "cost", "load", "capability"] as const) draft.setWeight(name, null);
  expect([draft.readable, draft.nothingCounts]).toEqual([true, true]);
  draft.weigh(false);
  expect([draft.nothingCounts, draft.changed]).toEqual([false, false]);
});

it("keeps what is not saved when the file is read again", async () => {
  const { room, draft } = await opened();
  draft.change({ priority: "speed" });
  await room.routes.load();
  draft.take({ strategy: "task_based", priority: "cost", weights: null });
  expect(draft.choice?.priority).toBe("speed");
});

it("shares are of all that counts", () => {
  expect(sharesOf({ performance: 2, cost: 1, load: 1, capability: 0 })).toEqual({
    performance: 50,
    cost: 25,
    load: 25,
    capability: 0,
  });
  expect(sharesOf({ performance: 0, cost: 0, load: 0, capability: 0 }).cost).toBe(0);
});
