import { expect, it } from "vitest";
import { createFakeBackend } from "../../backend/fake/backend";
import { App } from "../../shared/app.svelte";
import { factorOf } from "./factor";
import { endpointOf, portOf, Telemetry } from "./telemetry.svelte";

it("reads ports, addresses and factors, and nothing that only looks like one", () => {
  expect([" 9464 ", "1", "65535"].map(portOf)).toEqual([9464, 1, 65535]);
  expect(["0", "65536", "9464.0", "-1", "", "1e3", "port"].map(portOf)).toEqual(Array(7).fill(null));
  expect(endpointOf(" http://127.0.0.1:4318 ")).toBe("http://127.0.0.1:4318");
  expect(["ftp://host", "127.0.0.1:4318", "http://", "http:// x", "javascript:1"].map(endpointOf)).toEqual(
    Array(5).fill(null),
  );
  expect(["3", "2,5", "1.5", "1000"].map(factorOf)).toEqual([3, 2.5, 1.5, 1000]);
  expect(["1.4", "1001", "", "x", "-3", "1e2"].map(factorOf)).toEqual(Array(6).fill(null));
});

it("keeps what was in force while a port that is taken is written, and says whose port it is", async () => {
  const backend = createFakeBackend();
  const app = new App(backend);
  await app.start();
  const room = new Telemetry(app);
  await room.wantPage(true);
  expect(room.status?.page.address).toBe("http://127.0.0.1:9464/metrics");
  room.port = "9100";
  await room.keepPort();
  expect(room.portProblem).toContain("taken by another program");
  await app.changeSettings({ language: "zh" });
  await room.keepPort();
  await app.changeSettings({ language: "en" });
  expect(room.portProblem).toBe("端口 9100 已被其他程序占用。请改用其他端口，或结束该程序后再次保存。");
  expect(app.settings.telemetry.metrics_port).toBe(9464);
  expect(room.status?.page.address).toBe("http://127.0.0.1:9464/metrics");
  await room.wantPage(false);
  expect([room.portProblem, room.status?.page.address]).toEqual([undefined, null]);
});

it("sends nothing anywhere until an address is written", async () => {
  const backend = createFakeBackend();
  const app = new App(backend);
  await app.start();
  const room = new Telemetry(app);
  await room.wantExport(true);
  expect(app.settings.telemetry.otlp_endpoint).toBeNull();
  room.endpoint = "http://me:secret@host:4318";
  await room.keepEndpoint();
  expect(room.endpointProblem).toContain("OTEL_EXPORTER_OTLP_HEADERS");
  expect(app.settings.telemetry.otlp_endpoint).toBeNull();
});
