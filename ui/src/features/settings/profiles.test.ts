import { expect, it, vi } from "vitest";
import { createFakeBackend } from "../../backend/fake/backend";
import { fakeProvider } from "../../backend/fake/catalogue";
import { valueChanges } from "./changes.svelte";
import { ProfileForm, Profiles } from "./profiles.svelte";
import { setBy } from "./settingNames";

async function opened() {
  const backend = createFakeBackend();
  backend.state.providers = [fakeProvider("openai")];
  const room = new Profiles(backend);
  await room.load();
  const profile = (id: string) => {
    const found = room.find(id);
    if (found === undefined) throw new Error(`there is a profile ${id}`);
    return found;
  };
  return { backend, room, profile };
}

it("puts a profile in use, and tells those who show what holds", async () => {
  const { backend, room, profile } = await opened();
  const before = valueChanges.count;
  await room.activate(profile("careful"));
  expect(room.all?.filter((one) => one.active).map((one) => one.id)).toEqual(["careful"]);
  expect(valueChanges.count).toBeGreaterThan(before);
  const values = await backend.modelValues("openai/gpt-5.6");
  expect(values.find((value) => value.name === "temperature")).toMatchObject({
    value: "0.2",
    layer: "profile",
    origin: "Careful",
  });
});

it("says in words what a profile sets, waiting times among them", async () => {
  const { profile } = await opened();
  const shown = (of: ReturnType<typeof profile>) => setBy(of).map(({ name, value }) => `${name} ${value}`);
  expect(shown({ ...profile("draft"), timeouts: { total_ms: 180_000 } })).toEqual([
    "Temperature 0.7",
    "Longest answer 1,024",
    "Reasoning effort Low",
    "For the whole answer 3 min",
  ]);
  expect(shown(profile("balanced"))).toEqual([]);
});

it("adds one by its name, and keeps each field that the host takes", async () => {
  const { backend, room } = await opened();
  expect(await room.add("  ")).toBeNull();
  expect(room.error?.message).toBe("Give the profile a name.");
  const added = await room.add("Poems");
  if (added === null) throw new Error("it was added");
  const form = new ProfileForm(room, added);
  form.description = "Verses.";
  form.name = "";
  await Promise.all([form.writeName(), form.writeDescription(), form.setTimeout("idle_ms", 1_000)]);
  expect(form.problems).toEqual({ name: "Give the profile a name." });
  form.parameters.set("temperature", 1.5);
  await vi.waitFor(() =>
    expect(backend.state.profiles.find((one) => one.id === added.id)).toMatchObject({
      name: "Poems",
      description: "Verses.",
      params: { temperature: 1.5 },
      timeouts: { idle_ms: 1_000 },
    }),
  );
});

it("gives a built-in one its first form back, and removes others", async () => {
  const { room, profile } = await opened();
  const form = new ProfileForm(room, profile("draft"));
  form.name = "Sketch";
  await form.writeName();
  expect(form.profile.name).toBe("Sketch");
  await room.remove("draft");
  expect(profile("draft").name).toBe("Draft");
  const added = await room.add("Mine");
  await room.remove(added?.id ?? "");
  expect(room.all?.map((one) => one.id)).toEqual(["draft", "balanced", "careful"]);
});
