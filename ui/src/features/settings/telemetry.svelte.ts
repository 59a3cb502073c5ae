import type { AppError } from "../../backend/bindings/AppError";
import type { TelemetrySettings } from "../../backend/bindings/TelemetrySettings";
import type { TelemetryView } from "../../backend/bindings/TelemetryView";
import { asAppError } from "../../backend/errors";
import type { App } from "../../shared/app.svelte";
import { sayIt } from "../../shared/i18n/messages/sayings";
import { telemetryWords } from "../../shared/i18n/messages/telemetry";

const USUAL_PORT = "9464";
/** What a collector says comes seconds after a call has ended. */
const AGAIN_MS = 5_000;

/** A port as it is written; `null`: it is none. */
export function portOf(written: string): number | null {
  const text = written.trim();
  const port = Number(text);
  return /^\d{1,5}$/.test(text) && port >= 1 && port <= 65_535 ? port : null;
}

/** An address as it is written; `null`: nothing could be sent there. */
export function endpointOf(written: string): string | null {
  const text = written.trim();
  return /^https?:\/\/[^\s/]+/i.test(text) && URL.canParse(text) ? text : null;
}

/** What other programs may learn: what is set, what is written, and how it stands. */
export class Telemetry {
  /** `null` until the host has answered. */
  status = $state.raw<TelemetryView | null>(null);
  error = $state.raw<AppError | null>(null);
  /** Wanted, also while what is written cannot be kept. */
  page = $state(false);
  export = $state(false);
  port = $state("");
  endpoint = $state("");
  portProblem = $state<string | undefined>(undefined);
  endpointProblem = $state<string | undefined>(undefined);

  constructor(readonly app: App) {
    const { metrics_port, otlp_endpoint } = app.settings.telemetry;
    this.page = metrics_port !== null;
    this.export = otlp_endpoint !== null;
    this.port = metrics_port === null ? USUAL_PORT : String(metrics_port);
    this.endpoint = otlp_endpoint ?? "";
  }

  /** Looks now and again while somebody looks. */
  watch(): () => void {
    void this.load();
    const timer = setInterval(() => {
      if (!document.hidden) void this.load();
    }, AGAIN_MS);
    return () => clearInterval(timer);
  }

  async load(): Promise<void> {
    try {
      this.status = await this.app.backend.telemetryStatus();
      this.error = null;
    } catch (thrown) {
      this.error = asAppError(thrown);
    }
  }

  async wantPage(wanted: boolean): Promise<void> {
    this.page = wanted;
    this.portProblem = undefined;
    if (wanted) await this.keepPort();
    else await this.#keep({ metrics_port: null });
  }

  async keepPort(): Promise<void> {
    const port = portOf(this.port);
    this.portProblem = port === null ? telemetryWords().badPort : undefined;
    if (port === null) return;
    this.portProblem = await this.#keep({ metrics_port: port });
  }

  async wantExport(wanted: boolean): Promise<void> {
    this.export = wanted;
    this.endpointProblem = undefined;
    // Nothing is sent until somebody has said where to.
    if (!wanted) await this.#keep({ otlp_endpoint: null });
    else if (this.endpoint.trim() !== "") await this.keepEndpoint();
  }

  async keepEndpoint(): Promise<void> {
    const endpoint = endpointOf(this.endpoint);
    this.endpointProblem = endpoint === null ? telemetryWords().badEndpoint : undefined;
    if (endpoint === null) return;
    this.endpointProblem = await this.#keep({ otlp_endpoint: endpoint });
  }

  /** Gives what the host says against it. */
  async #keep(change: Partial<TelemetrySettings>): Promise<string | undefined> {
    try {
      await this.app.trySettings({ telemetry: { ...this.app.settings.telemetry, ...change } });
      return undefined;
    } catch (thrown) {
      const { saying, message } = asAppError(thrown);
      return sayIt(saying ?? null, message);
    } finally {
      await this.load();
    }
  }
}
