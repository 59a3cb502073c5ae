import type { Backend } from "../backend";
import type { TelemetryFailure } from "../bindings/TelemetryFailure";
import type { TelemetrySettings } from "../bindings/TelemetrySettings";
import type { TelemetryView } from "../bindings/TelemetryView";
import { refused, type FakeState } from "./state";

type Part = Pick<Backend, "telemetryStatus">;

/** What the machine around the fake host is like. */
export interface FakeTelemetry {
  /** Ports of other programs. */
  taken: Set<number>;
  /** What the environment asks for; it goes before the settings. */
  environment: TelemetrySettings;
  sentAt: number | null;
  /** Why the collector took nothing last, in English. */
  refusedBy: string | null;
}

export const quietTelemetry = (): FakeTelemetry => ({
  taken: new Set([9_100]),
  environment: { metrics_port: null, otlp_endpoint: null },
  sentAt: null,
  refusedBy: null,
});

const takenText = (port: number): string =>
  `Port ${port} is taken by another program. Choose another port, or end that program and save again.`;

export function fakeTelemetry(state: FakeState, delay: () => Promise<void>): Part {
  return {
    async telemetryStatus() {
      await delay();
      return viewOf(state);
    },
  };
}

/** Refuses settings that cannot be followed; nothing has changed then. */
export function followTelemetry(state: FakeState, after: TelemetrySettings): void {
  const before = state.settings.telemetry;
  const { metrics_port: port, otlp_endpoint: endpoint } = after;
  if (port !== null && port !== before.metrics_port && state.telemetry.taken.has(port))
    throw saying(refused("bad_metrics_port", takenText(port)), "telemetry_port_taken", {
      port: String(port),
    });
  if (endpoint !== null && endpoint !== before.otlp_endpoint && /[@?]/.test(endpoint))
    throw saying(
      refused(
        "bad_otlp_endpoint",
        "An address with a password or a question mark in it would be kept readable on the disk. Write it without, and give secrets in OTEL_EXPORTER_OTLP_HEADERS.",
      ),
      "telemetry_endpoint_with_secrets",
      {},
    );
}

const saying = (error: Error, code: string, values: Record<string, string>): Error =>
  Object.assign(error, { saying: { code, values } });

function viewOf({ settings, telemetry }: FakeState): TelemetryView {
  const from = (environment: unknown, own: unknown) =>
    environment !== null ? "environment" : own !== null ? "settings" : "nobody";
  const port = telemetry.environment.metrics_port ?? settings.telemetry.metrics_port;
  const endpoint = telemetry.environment.otlp_endpoint ?? settings.telemetry.otlp_endpoint;
  const isTaken = port !== null && telemetry.taken.has(port);
  const failed = (code: string, values: Record<string, string>, text: string): TelemetryFailure => ({
    at: Date.now() - 90_000,
    what: { text, saying: { code, values } },
  });
  const { refusedBy } = telemetry;
  return {
    page: {
      from: from(telemetry.environment.metrics_port, settings.telemetry.metrics_port),
      variable: "ROUNDTABLE_METRICS_PORT",
      port,
      address: port === null || isTaken ? null : `http://127.0.0.1:${port}/metrics`,
      failure: isTaken ? failed("telemetry_port_taken", { port: String(port) }, takenText(port)) : null,
    },
    export: {
      from: from(telemetry.environment.otlp_endpoint, settings.telemetry.otlp_endpoint),
      variable: "OTEL_EXPORTER_OTLP_ENDPOINT",
      endpoint,
      sent_at: endpoint === null ? null : telemetry.sentAt,
      failure:
        endpoint === null || refusedBy === null
          ? null
          : failed(
              "telemetry_not_sent",
              { reason: refusedBy },
              `The collector did not take what was sent last: ${refusedBy}.`,
            ),
    },
  };
}
