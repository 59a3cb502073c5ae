import type { AppError } from "./bindings/AppError";

/** What a rejected call says, whatever was thrown: the host sends an `AppError`, a broken bridge a plain error. */
export function asAppError(thrown: unknown): AppError {
  if (typeof thrown === "object" && thrown !== null && "code" in thrown && "message" in thrown) {
    return thrown as AppError;
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { code: "window", message, action: null, retryable: false, over_budget: null };
}
