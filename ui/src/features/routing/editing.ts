import type { AppError } from "../../backend/bindings/AppError";

/** What an editor of a group or a pool can do with what is written in it. */
export interface RouteEditing<View> {
  /** Writes it; what the host has against it, or `null`. */
  onsave: (view: View) => Promise<AppError | null>;
  onclose: () => void;
  /** Reads the file again and gives the changes up. */
  onreload: () => void;
}
