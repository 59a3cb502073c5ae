import { describe, expect, it, vi } from "vitest";
import type { InvoiceRow } from "../../backend/bindings/InvoiceRow";
import type { InvoiceView } from "../../backend/bindings/InvoiceView";
import { createFakeBackend, type FakeBackend } from "../../backend/fake/backend";
import { fakeProvider } from "../../backend/fake/catalogue";
import { speak } from "../../shared/i18n/language.svelte";
import { sayIt } from "../../shared/i18n/messages/sayings";
import { toasts } from "../../shared/ui/toasts.svelte";
import { csvName, csvOf } from "./csv";
import { Invoices } from "./invoices.svelte";
import { canCorrect, correctionOf, daysOf, differs, isStory, keyOf, waysOf } from "./rows";
import { amount, comparisonWords, signed } from "./words";

const row = (change: Partial<InvoiceRow> = {}): InvoiceRow => ({
  day: "2026-11-12",
  model: "gpt-5.6",
  whole_day: false,
  agreement: "price_differs",
  invoiced_usd: "1.25",
  booked_usd: "1",
  difference_usd: "0.25",
  corrected_usd: null,
  invoiced_requests: 3,
  booked_requests: 3,
  unpriced: 0,
  invoiced_tokens: [100, 20],
  booked_tokens: [100, 20],
  sure: true,
  ...change,
});

const AGREES = row({ model: "o3", agreement: "agrees", difference_usd: "0.0001", sure: false });
const CREDIT = row({
  model: null,
  agreement: "only_invoiced",
  invoiced_usd: "-2",
  booked_usd: null,
  difference_usd: "-2",
  sure: false,
});
const UNNAMED = row({
  model: "o4",
  agreement: "tokens_agree",
  invoiced_usd: null,
  difference_usd: null,
  sure: false,
});

const view = (rows: InvoiceRow[], change: Partial<InvoiceView> = {}): InvoiceView => ({
  head: { id: "i", name: "costs.csv", issuer: "openai", provider: "openai", imported_at: 0 },
  first_day: "2026-11-12",
  last_day: "2026-11-13",
  has_more: false,
  whole_days: false,
  invoiced_usd: "2.5",
  booked_usd: "2.25",
  difference_usd: "0.25",
  rounding_usd: "0.01",
  differing: rows.filter(differs).length,
  corrected_usd: null,
  rows,
  ...change,
});

describe("rows", () => {
  it("can be corrected where there is an amount that differs and is not made up for elsewhere", () => {
    expect(canCorrect(row())).toBe(true);
    expect(canCorrect(CREDIT)).toBe(true);
    expect(canCorrect(UNNAMED), "the invoice names no amount").toBe(false);
    expect(canCorrect(AGREES), "rounding").toBe(false);
    expect(canCorrect(row({ agreement: "next_day" })), "the day after makes up for it").toBe(false);
    expect(canCorrect(row({ difference_usd: "0.000000000000" })), "other usage, the same amount").toBe(false);
  });

  it("sum what is chosen exactly, and know what is not sure of it", () => {
    const rows = [row({ difference_usd: "0.100000000001" }), CREDIT, AGREES];
    const all = new Set(rows.map(keyOf));
    const { rows: those, usd, unsure } = correctionOf(rows, all);
    expect([those.length, usd, unsure]).toEqual([2, "-1.899999999999", 1]);
    expect(correctionOf(rows, new Set()).usd).toBe("0");
  });

  it("fall into days whose sums are of all their rows, not only of those that are shown", () => {
    const days = daysOf(
      [row(), AGREES, row({ day: "2026-11-13", agreement: "agrees", sure: false })],
      isStory,
    );
    expect(days).toHaveLength(1);
    expect(days[0]).toMatchObject({
      shown: [row()],
      of: 2,
      invoiced: "2.5",
      booked: "2",
      difference: "0.2501",
    });
    expect(daysOf([UNNAMED], () => true)[0], "no amount is not nothing").toMatchObject({ invoiced: null });
  });

  it("stay in the story once they were corrected", () => {
    expect(isStory(row({ agreement: "agrees", corrected_usd: "0.25", sure: false }))).toBe(true);
    expect(isStory(AGREES)).toBe(false);
  });

  it("are counted way by way, what agrees left out", () => {
    expect(waysOf([row(), row({ day: "2026-11-13" }), CREDIT, AGREES])).toEqual([
      { way: "price_differs", count: 2, difference: "0.5", sure: true },
      { way: "only_invoiced", count: 1, difference: "-2", sure: false },
    ]);
  });
});

describe("the comparison in a sentence", () => {
  it("says which of the two is higher, and by how much", () => {
    expect(comparisonWords(view([row()]))).toBe(
      "OpenAI charged $2.50, your books hold $2.25: the invoice is $0.25 higher. 1 of 1 row of a day and model differs.",
    );
    expect(comparisonWords(view([row()], { difference_usd: "-0.25" }))).toContain(
      "the invoice is $0.25 lower",
    );
  });

  it("names no difference where only usage was exported, or where the two agree", () => {
    expect(comparisonWords(view([UNNAMED], { invoiced_usd: null, difference_usd: null }))).toBe(
      "This export of OpenAI names no amounts, only usage; your books hold $2.25. Nothing differs in 1 row of a day and model.",
    );
    expect(comparisonWords(view([AGREES]))).toContain("and your books hold the same");
  });

  it("says what of the books is not in the difference", () => {
    expect(comparisonWords(view([row(), UNNAMED]))).toContain(
      "Of $1.00 in your books the invoice names no amount",
    );
  });

  it("calls sums the same that only rounding lies between", () => {
    const within = { difference_usd: "-0.01", rounding_usd: "0.01" };
    expect(comparisonWords(view([row()], within))).toContain("your books hold the same");
    expect(comparisonWords(view([row()], { ...within, difference_usd: "0.010000000001" }))).toContain(
      "higher",
    );
  });

  it("speaks of days where the export names no models", () => {
    const day = row({ model: null, whole_day: true, sure: false });
    expect(comparisonWords(view([day], { whole_days: true }))).toContain("1 of 1 day differs.");
  });

  it("writes amounts with their sign", () => {
    expect([signed("0.25"), signed("-0.25"), signed("0"), signed(null)]).toEqual([
      "+$0.25",
      "−$0.25",
      "–",
      "–",
    ]);
    expect([amount("-2"), amount("2"), amount("0")]).toEqual(["−$2.00", "$2.00", "nothing"]);
  });
});

describe("the table as a file", () => {
  it("is exact, with nothing where nothing is known", () => {
    const [head, first, second] = csvOf(view([row({ corrected_usd: "0.1" }), UNNAMED])).split("\n");
    expect(head).toContain("day,model,agreement,invoiced_usd,booked_usd,difference_usd,corrected_usd");
    expect(first).toBe("2026-11-12,gpt-5.6,price_differs,1.25,1,0.25,0.1,3,3,0,100,100,20,20,true");
    expect(second).toBe("2026-11-12,o4,tokens_agree,,1,,,3,3,0,100,100,20,20,false");
    expect(csvName(view([]))).toBe("roundtable-invoice-openai-2026-11-12-2026-11-13.csv");
  });

  it("runs nothing in a spreadsheet, and keeps amounts below zero as numbers", () => {
    const text = csvOf(view([{ ...CREDIT, model: '=HYPERLINK("x"),y' }]));
    expect(text).toContain(`2026-11-12,"'=HYPERLINK(""x""),y",only_invoiced,-2,`);
  });
});

const OPENAI = "start_time,amount_value,amount_currency\n1790553600,1.5,usd\n";

function room(providers = ["openai", "anthropic"]) {
  const backend = createFakeBackend();
  backend.state.providers = providers.map(fakeProvider);
  const onbooked = vi.fn();
  return { backend, onbooked, invoices: new Invoices(backend, () => backend.state.providers, onbooked) };
}

const file = (text: string, name = "costs.csv") => new File([text], name, { type: "text/csv" });

describe("why a file was refused", () => {
  it.each(["form", "row", "currency", "empty", "too_large", "damaged"])(
    "is said in Chinese for %s",
    (why) => {
      const english = "Row 3: amount_value cannot be read.";
      const saying = { code: `invoice_${why}`, values: {} };
      expect(sayIt(saying, english)).toBe(english);
      speak("zh");
      expect(sayIt(saying, english)).toMatch(/[\u4e00-\u9fff]/);
      speak("en");
    },
  );
});

describe("taking a file over", () => {
  it("shows it with all that are sure chosen, and no more", async () => {
    const { invoices } = room();
    await invoices.take([file(OPENAI)]);
    const rows = invoices.view?.rows ?? [];
    expect([...invoices.chosen].toSorted()).toEqual(
      rows
        .filter(({ sure }) => sure)
        .map(keyOf)
        .toSorted(),
    );
    expect(invoices.correction.unsure).toBe(0);
    expect(invoices.summaries).toHaveLength(1);
  });

  it("says what is wrong with one that is no export, and takes nothing over", async () => {
    const { invoices } = room();
    await invoices.take([file("a,b\n1,2\n", "notes.csv")]);
    expect(invoices.refusals).toMatchObject([{ name: "notes.csv", error: { code: "invoice_form" } }]);
    expect([invoices.view, invoices.reading]).toEqual([null, null]);
    await invoices.take([file(OPENAI)]);
    expect(invoices.refusals, "the next one is another matter").toEqual([]);
  });

  it("says of several files each that was refused, whatever came after it", async () => {
    const { invoices } = room();
    await invoices.take([file("a,b\n1,2\n", "notes.csv"), file(OPENAI), file("", "nothing.csv")]);
    expect(invoices.refusals.map(({ name }) => name)).toEqual(["notes.csv", "nothing.csv"]);
    expect(invoices.view?.head.name).toBe("costs.csv");
    const [first] = invoices.refusals;
    if (first !== undefined) invoices.forget(first);
    expect(invoices.refusals.map(({ name }) => name)).toEqual(["nothing.csv"]);
  });

  it("asks of several files one after the other, and lists none that nobody has answered for", async () => {
    const { backend, invoices } = room();
    const [openai] = backend.state.providers;
    if (openai === undefined) throw new Error("there is one");
    backend.state.providers = [...backend.state.providers, { ...openai, id: "openai-work" }];
    const other = OPENAI.replace("1.5", "2.5");
    await invoices.take([file(OPENAI, "one.csv"), file(other, "two.csv"), file(other, "again.csv")]);
    await invoices.load();
    expect(invoices.summaries).toEqual([]);
    expect(invoices.question?.name).toBe("one.csv");

    const answered = invoices.answer("openai-work");
    expect(invoices.question, "a second press answers nothing").toBeNull();
    await invoices.answer("openai");
    await answered;
    expect(invoices.question?.name).toBe("two.csv");
    await invoices.answer("openai");
    expect(invoices.question, "the same file again is no question").toBeNull();
    expect(invoices.summaries?.map(({ head }) => [head.name, head.provider]).toSorted()).toEqual([
      ["one.csv", "openai-work"],
      ["two.csv", "openai"],
    ]);
  });

  it("does not read what is larger than the host takes", async () => {
    const { backend, invoices } = room();
    const spy = vi.spyOn(backend, "importInvoice");
    const large = file(OPENAI);
    Object.defineProperty(large, "size", { value: 65 * 1024 * 1024 });
    await invoices.take([large]);
    expect(invoices.refusals[0]?.error.message).toContain("64 MiB");
    expect(spy).not.toHaveBeenCalled();
  });

  it("asks whose calls it is about where several fit, and keeps only what was answered", async () => {
    const { backend, invoices } = room();
    const [openai] = backend.state.providers;
    if (openai === undefined) throw new Error("there is one");
    backend.state.providers = [...backend.state.providers, { ...openai, id: "openai-work" }];
    await invoices.take([file(OPENAI)]);
    expect(invoices.question?.fitting.map(({ id }) => id)).toEqual(["openai", "openai-work"]);
    expect(invoices.view).toBeNull();
    await invoices.answer("openai-work");
    expect(invoices.view?.head.provider).toBe("openai-work");
    expect(invoices.summaries?.map(({ head }) => head.provider)).toEqual(["openai-work"]);

    await invoices.take([file(OPENAI)]);
    await invoices.dropQuestion();
    expect(
      invoices.summaries?.map(({ head }) => head.provider),
      "nobody has answered",
    ).toEqual(["openai-work"]);
  });

  it("keeps what was compared before with whom it was written by, whatever is answered now", async () => {
    const { backend, invoices } = room();
    await invoices.take([file(OPENAI)]);
    const [openai] = backend.state.providers;
    if (openai === undefined) throw new Error("there is one");
    backend.state.providers = [...backend.state.providers, { ...openai, id: "openai-work" }];
    await invoices.take([file(OPENAI)]);
    await invoices.answer("openai-work");
    expect(invoices.summaries?.map(({ head }) => head.provider).toSorted()).toEqual([
      "openai",
      "openai-work",
    ]);
  });

  it("compares with the only provider that fits, whatever its name", async () => {
    const { backend, invoices } = room();
    backend.state.providers = backend.state.providers.map((one) =>
      one.id === "openai" ? { ...one, id: "mine" } : one,
    );
    await invoices.take([file(OPENAI)]);
    expect(invoices.view?.head.provider).toBe("mine");
    expect(invoices.summaries).toHaveLength(1);
  });
});

describe("answers that come late", () => {
  /** Each answer is of when it was asked for, and waits until it is let go. */
  function held(backend: FakeBackend) {
    const real = backend.invoice.bind(backend);
    const waiting = new Map<string, () => void>();
    vi.spyOn(backend, "invoice").mockImplementation(async (id) => {
      const view = await real(id);
      await new Promise<void>((go) => waiting.set(id, go));
      return view;
    });
    const isWaiting = (id: string) => vi.waitFor(() => expect(waiting.has(id)).toBe(true));
    const letGo = async (id: string, look: Promise<void>) => {
      await isWaiting(id);
      waiting.get(id)?.();
      await look;
    };
    return { isWaiting, letGo };
  }

  async function two() {
    const { backend, invoices } = room();
    await invoices.take([file(OPENAI, "a.csv"), file(OPENAI.replace("1.5", "2.5"), "b.csv")]);
    invoices.close();
    const [a, b] = (await backend.listInvoices()).map(({ head }) => head.id);
    if (a === undefined || b === undefined) throw new Error("both are kept");
    return { backend, invoices, a, b };
  }

  it("do not take the place of the invoice that was opened after", async () => {
    const { backend, invoices, a, b } = await two();
    const { letGo } = held(backend);
    const [slow, quick] = [invoices.look(a), invoices.look(b)];
    await letGo(b, quick);
    await letGo(a, slow);
    expect(invoices.view?.head.id).toBe(b);
  });

  it("open nothing that was closed", async () => {
    const { backend, invoices, a } = await two();
    const { letGo } = held(backend);
    const left = invoices.look(a);
    invoices.close();
    await letGo(a, left);
    expect(invoices.view).toBeNull();
  });

  it("show no invoice as it was before it was corrected", async () => {
    const { backend, invoices, a } = await two();
    await invoices.look(a);
    const { isWaiting, letGo } = held(backend);
    const again = invoices.look(a);
    await isWaiting(a);
    await invoices.correct();
    await letGo(a, again);
    expect(invoices.view?.rows.some(({ corrected_usd }) => corrected_usd !== null)).toBe(true);
  });

  it("of a correction change nothing about the invoice that was opened meanwhile", async () => {
    const { backend, invoices, a, b } = await two();
    await invoices.look(a);
    const booking = invoices.correct();
    vi.spyOn(backend, "invoice").mockResolvedValueOnce({
      ...view([row()]),
      head: { ...view([]).head, id: b },
    });
    await invoices.look(b);
    await booking;
    expect(invoices.view?.head.id).toBe(b);
  });

  it("list nothing that was removed since", async () => {
    const { backend, invoices, a, b } = await two();
    const real = backend.listInvoices.bind(backend);
    let go = (): void => undefined;
    vi.spyOn(backend, "listInvoices").mockImplementationOnce(async () => {
      const listed = await real();
      await new Promise<void>((open) => (go = open));
      return listed;
    });
    const late = invoices.load();
    await invoices.remove(a);
    go();
    await late;
    expect(invoices.summaries?.map(({ head }) => head.id)).toEqual([b]);
  });
});

describe("correcting", () => {
  it("books what is chosen and nothing else, and marks it", async () => {
    const { backend, onbooked, invoices } = room();
    await invoices.take([file(OPENAI)]);
    const adjust = vi.spyOn(backend, "adjustToInvoice");
    const [first, ...others] = invoices.correction.rows;
    if (first === undefined || others.length === 0) throw new Error("several are sure");
    invoices.choose(others.map(keyOf), false);
    await invoices.correct();
    expect(adjust).toHaveBeenCalledExactlyOnceWith(invoices.view?.head.id, [
      { day: first.day, model: first.model },
    ]);
    const after = invoices.view?.rows.find((one) => keyOf(one) === keyOf(first));
    expect(after).toMatchObject({ corrected_usd: first.difference_usd, agreement: "agrees" });
    expect(onbooked).toHaveBeenCalledOnce();
  });

  it("says what was booked, which is nothing where another window was first", async () => {
    const { backend, onbooked, invoices } = room();
    await invoices.take([file(OPENAI)]);
    const said = vi.spyOn(toasts, "say");
    await backend.adjustToInvoice(invoices.view?.head.id ?? "", []);
    await invoices.correct();
    expect(said).toHaveBeenLastCalledWith("Nothing was left to book.");
    expect(onbooked).not.toHaveBeenCalled();
  });

  it("takes back what was corrected, once", async () => {
    const { onbooked, invoices } = room();
    await invoices.take([file(OPENAI)]);
    const said = vi.spyOn(toasts, "say");
    const before = invoices.view;
    await invoices.correct();
    const count = invoices.view?.rows.filter(({ corrected_usd }) => corrected_usd !== null).length ?? 0;
    expect(count).toBeGreaterThan(1);
    await invoices.takeBack();
    expect(said).toHaveBeenLastCalledWith(`${count} opposite entries were booked.`);
    expect(invoices.view).toEqual(before);
    expect(onbooked).toHaveBeenCalledTimes(2);
    await invoices.takeBack();
    expect(said).toHaveBeenLastCalledWith("Nothing was left to take back.");
  });

  it("asks the host for nothing while nothing is chosen: no rows would mean all that are sure", async () => {
    const { backend, invoices } = room();
    await invoices.take([file(OPENAI)]);
    const adjust = vi.spyOn(backend, "adjustToInvoice");
    invoices.choose([...invoices.chosen], false);
    await invoices.correct();
    expect(adjust).not.toHaveBeenCalled();
    invoices.chooseSure();
    expect(invoices.correction.rows.length).toBeGreaterThan(0);
  });
});
