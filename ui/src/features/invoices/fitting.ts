import type { InvoiceHead } from "../../backend/bindings/InvoiceHead";
import type { ProviderView } from "../../backend/bindings/ProviderView";

/** The providers an invoice can be about: those that speak to whoever wrote it. */
export function fittingOf(issuer: InvoiceHead["issuer"], providers: readonly ProviderView[]): ProviderView[] {
  return providers.filter(
    ({ id, dialect, simulated }) => !simulated && (id === issuer || dialect === issuer),
  );
}
