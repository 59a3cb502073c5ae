import type { Backend } from "../backend/backend";

/** One that comes with every frame would fill the log. */
const MOST = 20;

/** Has the log told of what nobody catches: which kind of error and where, never what it says. Gives what ends that. */
export function watchFaults(backend: Pick<Backend, "reportFault">, page: EventTarget): () => void {
  let left = MOST;
  const report: Backend["reportFault"] = async (fault) => {
    if (left <= 0) return;
    left -= 1;
    try {
      await backend.reportFault(fault);
    } catch {
      // There is nobody left to tell.
    }
  };
  const onerror = (event: Event) => {
    if (!(event instanceof ErrorEvent)) return;
    const { filename, lineno, colno } = event;
    const thrown: unknown = event.error;
    void report({
      kind: "error",
      name: nameOf(thrown),
      source: fileOf(filename),
      line: lineno,
      column: colno,
    });
  };
  const onrejection = (event: Event) => {
    const reason: unknown = "reason" in event ? event.reason : undefined;
    void report({ kind: "rejection", name: nameOf(reason), source: "", line: 0, column: 0 });
  };
  page.addEventListener("error", onerror);
  page.addEventListener("unhandledrejection", onrejection);
  return () => {
    page.removeEventListener("error", onerror);
    page.removeEventListener("unhandledrejection", onrejection);
  };
}

function nameOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.constructor.name : typeof thrown;
}

function fileOf(address: string): string {
  return address.split(/[?#]/)[0]?.split("/").at(-1) ?? "";
}
