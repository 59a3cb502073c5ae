import type { CannotUndo } from "../../backend/bindings/CannotUndo";
import type { ModelAnalysis } from "../../backend/bindings/ModelAnalysis";
import type { Recommendation } from "../../backend/bindings/Recommendation";
import type { Said } from "../../backend/bindings/Said";
import { formatUsd, isFree } from "../../shared/format";
import { analysisWords } from "../../shared/i18n/messages/analysis";
import { sayIt } from "../../shared/i18n/messages/sayings";
import { sumOf } from "../../shared/exact";
import { ratePercent } from "./figures";

/** A sentence of the host in the window's language. */
export const said = ({ text, saying }: Said): string => sayIt(saying, text);

/** Why a change cannot be taken back. */
export function sayCannotUndo({ place, found }: CannotUndo): string {
  const words = analysisWords();
  return found === null ? words.placeGone(said(place)) : words.changedSince(said(place), said(found));
}

/** The sentence above the models: who is below the target. Invented calls speak only where there are no others. */
export function sayModels(models: readonly ModelAnalysis[], successTarget: number): string {
  const words = analysisWords();
  const real = models.filter(({ simulated }) => !simulated);
  const judged = (real.length > 0 ? real : models).filter(({ success }) => success.verdict !== "unknown");
  if (judged.length === 0) return words.sayNoTarget;
  const target = ratePercent(successTarget);
  const missed = judged
    .filter(({ success }) => success.verdict === "missed")
    .sort((one, other) => (one.success.rate ?? 0) - (other.success.rate ?? 0));
  const [worst] = missed;
  if (worst !== undefined) {
    const rate = ratePercent(worst.success.rate ?? 0);
    if (missed.length === 1) return words.sayMissed(worst.label, rate, target);
    return words.sayMissedMost(worst.label, rate, target, missed.length);
  }
  const unsure = judged.filter(({ success }) => success.verdict === "unsure").length;
  if (unsure > 0) return words.sayUnsure(unsure, target);
  const [only] = judged;
  if (judged.length > 1 || only === undefined) return words.sayAllMet(judged.length, target);
  return words.sayMet(only.label, ratePercent(only.success.rate ?? 0), target);
}

/** A person has to follow it: nothing is changed by a press. */
export const isOwn = ({ change }: Recommendation): boolean => change.length === 0;

/** The sentence above what is recommended; `open` are those nobody has turned down. */
export function sayAdvice(open: readonly Recommendation[]): string {
  const words = analysisWords();
  const own = open.filter(isOwn).length;
  const saves = sumOf(open.map(({ saves_usd }) => saves_usd));
  const count = words.sayAdvice(open.length - own, own);
  // Some of them save the same money: together it is no more than their sum.
  return saves === null || isFree(saves) ? count : `${count}${words.saySaving(formatUsd(saves))}`;
}
