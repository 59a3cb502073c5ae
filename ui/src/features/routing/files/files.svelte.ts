import type { Backend } from "../../../backend/backend";
import type { RoutesView } from "../../../backend/bindings/RoutesView";
import { routeForms } from "../../../shared/i18n/messages/routeForms";
import { routeTexts } from "../../../shared/i18n/messages/routeTexts";
import { toasts } from "../../../shared/ui/toasts.svelte";
import { FileText } from "./fileText.svelte";

/** The routing file that is open as text, one at a time. What is not saved is there when the sheet is opened again. */
export class Files {
  file = $state.raw<FileText | null>(null);
  open = $state(false);

  constructor(
    readonly backend: Backend,
    /** Told of the folder as it is after a save. */
    readonly saved: (routes: RoutesView) => void,
  ) {}

  show(name: string, line = 1, column = 1): void {
    const { file } = this;
    if (file?.changed === true && file.name !== name) toasts.say(routeForms().saveFirst(file.name));
    else if (file?.changed !== true) {
      this.file = new FileText(this.backend, name, line, column);
      void this.file.load();
    }
    this.open = true;
  }

  async save(): Promise<void> {
    const { file } = this;
    const routes = await file?.save();
    if (file === null || routes === null || routes === undefined) return;
    this.saved(routes);
    const warnings = file.mistakes.length;
    const { name } = file;
    toasts.say(warnings === 0 ? routeTexts().saved(name) : routeTexts().savedWarnings(name, warnings));
    this.open = false;
    this.closed();
  }

  discard(): void {
    this.file = null;
    this.open = false;
  }

  /** The sheet was closed; only what is not saved is kept. */
  closed(): void {
    if (this.file?.changed !== true) this.file = null;
  }
}
