import type { PriceOrigin } from "../../backend/bindings/PriceOrigin";
import { prices } from "../../shared/i18n/messages/prices";

/** Where a price stands, in words. */
export function originOf(origin: PriceOrigin): string {
  const words = prices();
  switch (origin) {
    case "listed":
      return words.originListed;
    case "built_in":
      return words.originBuiltIn;
    case "update":
      return words.originUpdate;
    case "own":
      return words.originOwn;
    case "simulated":
      return words.originSimulated;
  }
}
