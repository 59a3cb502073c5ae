import { expect, it, vi } from "vitest";
import { createFakeBackend } from "../../backend/fake/backend";
import { fakeProvider } from "../../backend/fake/catalogue";
import type { PairRow, Pairs } from "./pairs.svelte";
import { ProviderMore } from "./providerMore.svelte";
import { readSeconds, writeSeconds } from "./timeouts";

async function opened() {
  const backend = createFakeBackend();
  backend.state.providers = [fakeProvider("openai")];
  const room = await ProviderMore.open(backend, "openai", () => "openai/gpt-5.6");
  const stored = () => backend.state.providerSettings.get("openai");
  return { backend, room, stored };
}

function row(pairs: Pairs, name: string, value: string): PairRow {
  const id = pairs.add(name, value);
  const added = pairs.rows.find((one) => one.id === id);
  if (added === undefined) throw new Error("a row was added");
  return added;
}

it("says at the proxy what is wrong with it, and keeps everything else", async () => {
  const { room, stored } = await opened();
  room.chooseProxy("url");
  room.proxyUrl = "proxy:8080";
  room.writeProxy();
  room.setTimeout("connect_ms", 5_000);
  await vi.waitFor(() => expect(stored()?.network.timeouts).toEqual({ connect_ms: 5_000 }));
  expect(room.problems.proxy).toMatch(/socks5h/);
  expect(stored()?.network.proxy).toEqual({ type: "system" });
  room.proxyUrl = "socks5h://127.0.0.1:1080";
  room.writeProxy();
  await vi.waitFor(() => expect(room.problems.proxy).toBeUndefined());
  expect(stored()?.network).toMatchObject({
    proxy: { type: "url", url: "socks5h://127.0.0.1:1080" },
    timeouts: { connect_ms: 5_000 },
  });
});

it("refuses a header that holds a key in its row, and saves the others without it", async () => {
  const { room, stored } = await opened();
  const secret = row(room.headers, "Authorization", "Bearer x");
  await room.headers.written(secret);
  expect(secret.problem).toMatch(/keyring/);
  await room.headers.written(row(room.headers, " X-Team ", "ledger"));
  expect(stored()?.extra_headers).toEqual([["X-Team", "ledger"]]);
  await room.headers.remove(secret);
  expect(room.headers.rows.map(({ name }) => name)).toEqual([" X-Team "]);
  expect(stored()?.extra_headers).toEqual([["X-Team", "ledger"]]);
});

it("does not save half a header, and keeps the last good form of one that is changed badly", async () => {
  const { backend, room, stored } = await opened();
  const save = vi.spyOn(backend, "saveProviderSettings");
  const half = row(room.headers, "X-Team", "");
  await room.headers.written(half);
  expect(save).not.toHaveBeenCalled();
  expect(room.headers.isUnfinished(half)).toBe(true);
  half.value = "ledger";
  await room.headers.written(half);
  half.name = "x-api-key";
  await room.headers.written(half);
  expect(half.problem).not.toBeNull();
  await room.headers.written(row(room.headers, "X-Other", "1"));
  expect(stored()?.extra_headers).toEqual([
    ["X-Team", "ledger"],
    ["X-Other", "1"],
  ]);
});

it("takes certificates from a file, and gives them up again", async () => {
  const { room, stored } = await opened();
  const pem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
  await room.loadAuthority(new File(["nothing"], "a.pem"), "too large");
  expect(room.problems.authority).toMatch(/PEM/);
  await room.loadAuthority(new File([pem], "a.pem"), "too large");
  expect([room.problems.authority, stored()?.network.certificate_authority]).toEqual([undefined, pem]);
  await room.loadAuthority(new File([new Uint8Array(1_000_001)], "b.pem"), "too large");
  expect(room.problems.authority).toBe("too large");
  await room.removeAuthority();
  expect(stored()?.network).not.toHaveProperty("certificate_authority");
});

it("hints at the timeout that holds, and where it is from, as long as none is set here", async () => {
  const { room } = await opened();
  await vi.waitFor(() =>
    expect(room.effective.get("connect_ms")).toMatchObject({ value: "10000", layer: "default" }),
  );
  room.setTimeout("connect_ms", 2_000);
  await vi.waitFor(() =>
    expect(room.effective.get("connect_ms")).toMatchObject({ value: "2000", layer: "provider" }),
  );
});

it("reads and writes seconds", () => {
  expect(readSeconds("2,5")).toEqual({ ms: 2_500 });
  expect(readSeconds("0.0001")).toEqual({ ms: 1 });
  expect(readSeconds(" ")).toEqual({ ms: undefined });
  for (const wrong of ["0", "-1", "soon", "Infinity"]) expect(readSeconds(wrong)).toHaveProperty("problem");
  expect([writeSeconds(90_000), writeSeconds(250), writeSeconds(undefined)]).toEqual(["90", "0.25", ""]);
});

it("sets how many calls a server takes at once, and leaves it to the kind of server again", async () => {
  const { room, stored } = await opened();
  room.calls = "2.5";
  await room.writeCalls("no number");
  expect([room.problems.calls, stored()]).toEqual(["no number", undefined]);
  room.calls = " 3 ";
  await room.writeCalls("no number");
  expect([room.problems.calls, stored()?.calls_at_once]).toEqual([undefined, 3]);
  room.calls = "";
  await room.writeCalls("no number");
  expect(stored()).not.toHaveProperty("calls_at_once");
});
