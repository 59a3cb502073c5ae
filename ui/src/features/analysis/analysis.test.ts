import { beforeEach, expect, it, vi } from "vitest";
import { someAnalysis } from "../../backend/fake/analysis/seeds";
import { createFakeBackend, type FakeBackend } from "../../backend/fake/backend";
import type { AnalysisView } from "../../backend/bindings/AnalysisView";
import { toasts } from "../../shared/ui/toasts.svelte";
import { Analysis } from "./analysis.svelte";
import { speak } from "../../shared/i18n/language.svelte";
import { sayCannotUndo } from "./sayings";

const TIMEOUT = "adjust_timeout:deepseek:total_ms";

let backend: FakeBackend;
let analysis: Analysis;

beforeEach(async () => {
  toasts.shown = [];
  backend = createFakeBackend();
  someAnalysis(backend.state);
  analysis = new Analysis(backend);
  await analysis.load();
});

const advised = () => analysis.view?.recommendations.map(({ id }) => id) ?? [];
const changeFor = (id: string) => analysis.view?.changes.find(({ recommendation }) => recommendation === id);

it("moves what was applied to the changes, and back when it is undone", async () => {
  expect(advised()).toContain(TIMEOUT);
  expect(await analysis.apply(TIMEOUT)).toBe(true);
  expect(advised()).not.toContain(TIMEOUT);
  const change = changeFor(TIMEOUT);
  expect(change?.change.map(({ place, before, after }) => [place.text, before.text, after.text])).toEqual([
    ["Time for a whole call of deepseek", "20 s", "45 s"],
  ]);
  expect(await analysis.undo(change?.id ?? "")).toBe(true);
  expect(changeFor(TIMEOUT)?.undone_at).not.toBeNull();
  expect(advised()).toContain(TIMEOUT);
});

it("says a refusal, shows what holds, and lets go of the buttons", async () => {
  expect(await analysis.apply("check_key:env:OPENROUTER_API_KEY")).toBe(false);
  expect(toasts.shown.map(({ text }) => text)).toEqual([
    "This advice changes nothing by itself; do as it says, where it says.",
  ]);
  expect(analysis.busy).toBeNull();
  expect(analysis.error).toBeNull();
  expect(analysis.view?.changes).toHaveLength(3);
});

it("cannot put back what somebody has changed since", async () => {
  const change = analysis.view?.changes.find(({ cannot_undo }) => cannot_undo !== null);
  const why = change?.cannot_undo ?? null;
  expect(why === null ? null : sayCannotUndo(why)).toBe(
    "“everyday.echelon1 in groups/everyday.yaml: how often the same model is asked again” was changed since: it is “5” now.",
  );
  speak("zh");
  expect(why === null ? null : sayCannotUndo(why)).toBe(
    "“groups/everyday.yaml 中 everyday.echelon1 再问同一模型的次数”后来被更改，现在为“5 次”。",
  );
  expect(await analysis.undo(change?.id ?? "")).toBe(false);
  speak("en");
  expect(toasts.shown.at(-1)?.text).toBe(
    "“groups/everyday.yaml 中 everyday.echelon1 再问同一模型的次数”后来被更改，现在为“5 次”。",
  );
});

it("keeps what was turned down, last and marked, until it is wanted again", async () => {
  await analysis.dismiss(TIMEOUT, true);
  expect(advised().at(-1)).not.toBe(advised()[0]);
  expect(analysis.view?.recommendations.find(({ id }) => id === TIMEOUT)?.dismissed).toBe(true);
  await analysis.dismiss(TIMEOUT, false);
  expect(analysis.view?.recommendations.find(({ id }) => id === TIMEOUT)?.dismissed).toBe(false);
});

it("keeps whether safe changes are made by themselves, and changes nothing by the press alone", async () => {
  expect(analysis.view?.automatic).toBe(false);
  const advisedBefore = advised();
  expect(await analysis.setAutomatic(true)).toBe(true);
  expect(analysis.view?.automatic).toBe(true);
  expect(advised()).toEqual(advisedBefore);
  await analysis.setAutomatic(false);
  expect(analysis.view?.automatic).toBe(false);
});

it("shows the answer to the latest question, however late an earlier one comes", async () => {
  const answers: ((view: AnalysisView) => void)[] = [];
  vi.spyOn(backend, "analysis").mockImplementation(() => new Promise((answer) => answers.push(answer)));
  const asked = analysis.view;
  analysis.show(7);
  analysis.show(90);
  const [first, second] = answers;
  if (asked === null || first === undefined || second === undefined) throw new Error("not asked twice");
  second({ ...asked, since: 90 });
  await vi.waitFor(() => expect(analysis.loading).toBe(false));
  first({ ...asked, since: 7 });
  await Promise.resolve();
  expect([analysis.shown, analysis.view?.since]).toEqual([90, 90]);
});

it("says a refusal that comes after another look was asked for", async () => {
  const refusals: ((why: unknown) => void)[] = [];
  vi.spyOn(backend, "applyRecommendation").mockReturnValue(new Promise((_, reject) => refusals.push(reject)));
  const applied = analysis.apply(TIMEOUT);
  analysis.show(7);
  await vi.waitFor(() => expect(analysis.shown).toBe(7));
  refusals[0]?.({ code: "changed", message: "The rule was changed since.", action: null, retryable: false });
  expect(await applied).toBe(false);
  expect(toasts.shown.map(({ text }) => text)).toEqual(["The rule was changed since."]);
  expect(analysis.error).toBeNull();
});

it("shows what was done after another look was answered first", async () => {
  const real = backend.applyRecommendation.bind(backend);
  let go = (): void => undefined;
  const gate = new Promise<void>((open) => (go = open));
  vi.spyOn(backend, "applyRecommendation").mockImplementation(async (id, days) => {
    await gate;
    return real(id, days);
  });
  const applied = analysis.apply(TIMEOUT);
  analysis.show(7);
  await vi.waitFor(() => expect(analysis.shown).toBe(7));
  expect(advised()).toContain(TIMEOUT);
  go();
  expect(await applied).toBe(true);
  await vi.waitFor(() => expect(advised()).not.toContain(TIMEOUT));
  expect(analysis.shown).toBe(7);
});

it("keeps the figures it has when they cannot be read again, and says so", async () => {
  backend.state.booksFail = "The database is busy.";
  await analysis.load();
  expect(analysis.error?.message).toBe("The database is busy.");
  expect(analysis.view?.models.length).toBeGreaterThan(0);
  backend.state.booksFail = null;
  await analysis.load();
  expect(analysis.error).toBeNull();
});

it("saves the models as the host writes them", async () => {
  const asked = vi.spyOn(backend, "analysisCsv");
  await analysis.saveCsv();
  expect(asked).toHaveBeenCalledWith(30);
  const text = new TextDecoder().decode(backend.saved.get("roundtable-analysis.csv"));
  expect(text).toBe(await backend.analysisCsv(30));
  expect(toasts.shown[0]?.text).toBe("Saved to ~/Downloads/roundtable-analysis.csv.");
});
