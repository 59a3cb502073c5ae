import type {} from "../src/backend/fake/scenes";
import type { Locator, Page } from "@playwright/test";
import { command, expect, open, test } from "./support";

// As in the real window (tauri.conf.json): what is shown has to get by with it.
test.beforeEach(async ({ page }) => {
  await page.addInitScript(() => Object.freeze(Object.prototype));
});

const OPENROUTER =
  "generation_id,created_at,cost_total,tokens_prompt,tokens_completion,model_permaslug\n" +
  "gen-1,2026-11-12 10:00:00,0.00012345,12,34,openai/gpt-5.6\n";

async function openInvoices(page: Page, scene = "invoices"): Promise<void> {
  await open(page, scene);
  await expect(page.getByRole("textbox", { name: "Prompt" })).toBeVisible();
  await command(page, "Invoices");
  await expect(page.getByRole("heading", { name: "Imported invoices" })).toBeVisible();
}

async function choose(page: Page, name: string, text: string): Promise<void> {
  const file = { name, mimeType: "text/csv", buffer: Buffer.from(text) };
  await page.getByLabel("Choose a file").setInputFiles(file);
}

const table = (page: Page): Locator => page.getByRole("table", { name: /^The invoice beside the books/ });
const correct = (page: Page): Locator => page.getByRole("button", { name: /^Correct the books/ });

test("a file is chosen, its differences are read, and the books are corrected by what is sure", async ({
  page,
}) => {
  await openInvoices(page);
  await choose(page, "activity.csv", OPENROUTER);
  await expect(page.getByRole("heading", { name: "activity.csv" })).toBeFocused();
  await expect(page.locator(".comparison")).toContainText("compared with OpenRouter");
  await expect(page.locator(".comparison")).toContainText(/the invoice is \$0\.\d+ higher/);
  await expect(page.locator(".comparison")).toContainText("charged at another price than the books used");

  // Everything that is sure is chosen, and nothing else.
  const row = (way: string) => table(page).getByRole("row").filter({ hasText: way }).first();
  await expect(row("Another price").getByRole("checkbox")).toBeChecked();
  await expect(row("Other usage").getByRole("checkbox")).not.toBeChecked();
  await expect(correct(page)).toHaveText(/Correct the books by 3 entries \(\+\$0\.\d+\)/);

  await row("Other usage").getByRole("checkbox").check();
  await correct(page).click();
  const asked = page.getByRole("dialog", { name: "Book 4 corrections?" });
  await expect(asked).toContainText("4 new entries");
  await expect(asked).toContainText("Nothing that stands in your books is changed or removed.");
  await expect(asked).toContainText("1 row is not sure");
  await expect(asked.getByRole("row")).toHaveCount(4);
  await asked.getByRole("button", { name: "Book 4 entries" }).click();

  await expect(page.getByText("4 corrections were booked.")).toBeVisible();
  await expect(table(page).getByText(/^Corrected by/)).toHaveCount(4);
  await expect(correct(page)).toBeDisabled();

  await page.getByRole("button", { name: "Take the corrections back" }).click();
  const back = page.getByRole("dialog", { name: "Take the corrections back?" });
  await back.getByRole("button", { name: "Take the corrections back" }).click();
  await expect(page.getByText("4 opposite entries were booked.")).toBeVisible();
  await expect(table(page).getByText(/^Corrected by/)).toHaveCount(0);
});

test("an export without models is compared day by day, and a page says that others follow", async ({
  page,
}) => {
  await openInvoices(page);
  await expect(page.getByRole("listitem").filter({ hasText: "costs_2026" })).toContainText(/Invoice \$\d/);
  await page.getByRole("button", { name: /^Open costs_2026/ }).click();
  await expect(page.locator(".comparison")).toContainText("This export names no models");
  await expect(page.locator(".comparison")).toContainText("This file is one page of several");
  await expect(table(page).getByText("Whole day").first()).toBeVisible();
});

test("only what differs is shown at first, days fold, and everything is one press away", async ({ page }) => {
  await openInvoices(page);
  await page.getByRole("button", { name: "Open claude_api_cost_2026_10.csv" }).click();
  await expect(table(page).getByText("Agrees")).toHaveCount(0);
  await page.getByText(/^All rows \(\d+\)$/).click();
  await expect(table(page).getByText("Agrees").first()).toBeVisible();
  const day = table(page)
    .getByRole("button", { name: /^Rows of/ })
    .first();
  const rows = await table(page).getByRole("row").count();
  await day.focus();
  await page.keyboard.press("Enter");
  await expect(day).toHaveAttribute("aria-expanded", "false");
  expect(await table(page).getByRole("row").count()).toBeLessThan(rows);
  await page.getByRole("button", { name: "Fold all days" }).click();
  await expect(table(page).getByRole("checkbox", { name: /^Correct .* on / })).toHaveCount(0);
  await page.getByRole("button", { name: "Unfold all days" }).click();
  await expect(
    table(page)
      .getByRole("checkbox", { name: /^Correct .* on / })
      .first(),
  ).toBeVisible();
});

test("a file that is no export says what it is, what to do, and nothing is taken over", async ({ page }) => {
  await openInvoices(page, "many");
  await choose(page, "notes.csv", "a,b\n1,2\n");
  const alert = page.getByRole("alert");
  await expect(alert).toContainText("notes.csv was not taken over");
  await expect(alert).toContainText("OpenAI's, Anthropic's and OpenRouter's are");
  await expect(alert).toContainText("Export it anew from the provider's page");
  await expect(page.getByText("No invoice yet.")).toBeVisible();
  await alert.getByRole("button", { name: "Close" }).click();
  await expect(alert).toHaveCount(0);
});

test("where several accounts fit it is asked whose calls are meant", async ({ page }) => {
  await openInvoices(page);
  await choose(page, "costs.csv", "start_time,amount_value,amount_currency\n1790553600,1.5,usd\n");
  const asked = page.getByRole("dialog", { name: "Whose calls is it compared with?" });
  await asked.getByLabel(/OpenAI, work/).check();
  await asked.getByRole("button", { name: "Compare" }).click();
  await expect(page.locator(".comparison")).toContainText("compared with OpenAI, work");
  await page.getByRole("button", { name: "All invoices" }).click();
  await expect(page.getByRole("button", { name: "Open costs.csv" })).toHaveCount(1);
});

test("of several files each is asked about by its name, and what was refused is said beside the rest", async ({
  page,
}) => {
  await openInvoices(page);
  const costs = (usd: string) => `start_time,amount_value,amount_currency\n1790553600,${usd},usd\n`;
  const files = { "notes.csv": "a,b\n1,2\n", "october.csv": costs("1.5"), "november.csv": costs("2.5") };
  await page.getByLabel("Choose a file").setInputFiles(
    Object.entries(files).map(([name, text]) => ({
      name,
      mimeType: "text/csv",
      buffer: Buffer.from(text),
    })),
  );
  const asked = page.getByRole("dialog", { name: "Whose calls is it compared with?" });
  await expect(asked).toContainText("october.csv is an export by OpenAI");
  await asked.getByLabel(/OpenAI, work/).check();
  await asked.getByRole("button", { name: "Compare" }).click();
  await expect(asked).toContainText("november.csv is an export by OpenAI");
  await expect(asked.getByLabel(/OpenAI, work/)).not.toBeChecked();
  await asked.getByRole("button", { name: "Compare" }).click();
  await expect(asked).toHaveCount(0);
  await expect(page.getByRole("heading", { name: "november.csv" })).toBeVisible();
  await expect(page.getByRole("alert")).toContainText("notes.csv was not taken over");
  await page.getByRole("button", { name: "All invoices" }).click();
  await expect(page.getByRole("button", { name: /^Open (october|november)\.csv/ })).toHaveCount(2);
});

test("the table is saved as it is, and an invoice is removed while its corrections stay", async ({
  page,
}) => {
  await openInvoices(page);
  await page.getByRole("button", { name: "Open claude_api_cost_2026_10.csv" }).click();
  await page.getByRole("button", { name: "Save the table as CSV" }).click();
  await expect(page.getByText(/^Saved to ~\/Downloads\/roundtable-invoice-anthropic-/)).toBeVisible();
  const text = await page.evaluate(() => {
    const found = [...(window.fakeHost?.saved ?? [])].find(([name]) => name.includes("invoice"));
    return found === undefined ? "" : new TextDecoder().decode(found[1]);
  });
  expect(text.split("\n")[0]).toContain("day,model,agreement,invoiced_usd");
  expect(text).toContain("price_differs");
  await page.getByRole("button", { name: "Actions for claude_api_cost_2026_10.csv" }).click();
  await page.getByRole("menuitem", { name: "Remove the invoice" }).click();
  const asked = page.getByRole("dialog", { name: /^Remove/ });
  await expect(asked).toContainText("What was corrected by it stays in the books.");
  await asked.getByRole("button", { name: "Remove the invoice" }).click();
  await expect(page.getByRole("heading", { name: "Imported invoices" })).toBeVisible();
  await expect(page.getByRole("button", { name: /claude_api_cost/ })).toHaveCount(0);
});

test("a file that is dropped is taken over", async ({ page }) => {
  await openInvoices(page);
  const data = await page.evaluateHandle((text) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], "dropped.csv", { type: "text/csv" }));
    return transfer;
  }, OPENROUTER);
  const place = page.getByRole("heading", { name: "Imported invoices" });
  await place.dispatchEvent("dragover", { dataTransfer: data });
  await expect(page.getByText("It is read on this machine and sent nowhere.").last()).toBeVisible();
  await place.dispatchEvent("drop", { dataTransfer: data });
  await expect(page.getByRole("heading", { name: "dropped.csv" })).toBeVisible();
});
