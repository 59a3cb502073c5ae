import { answers, ask, composer, expect, open, test } from "./support";

test("the meter follows the draft and the lanes asked, and its room is there before its figures", async ({
  page,
}) => {
  await open(page, "many");
  const meter = page.getByRole("button", { name: "Expected cost" });
  await expect(meter).toContainText(/3 lanes.*about \$[\d.]+–[\d.]+/s);
  const place = await composer(page).boundingBox();
  const before = await meter.innerText();
  await composer(page).pressSequentially(
    "Compare B-trees and LSM-trees for a ledger, at length, with examples.",
  );
  await expect.poll(() => meter.innerText()).not.toBe(before);
  expect(await composer(page).boundingBox()).toEqual(place);
  await page.getByRole("button", { name: "Ask GPT-5.6 in this turn" }).click();
  await expect(meter).toContainText("2 lanes");
  await meter.click();
  const table = page.getByRole("dialog");
  await expect(table.getByRole("row")).toHaveCount(4);
  await expect(table).toContainText("Together");
  await table.getByRole("button", { name: "Count exactly" }).click();
  await expect(table).toContainText("Counted by the providers that offer it.");
  // Invented money stands beside real money, not in it.
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Add a model" }).click();
  await page.getByPlaceholder("Search models").fill("poet");
  await page.keyboard.press("Enter");
  await expect(meter).toContainText("+ 1 demo");
});

test("the meter warns when a context is nearly full, and when it does not fit", async ({ page }) => {
  await open(page, "demo");
  const meter = page.getByRole("button", { name: "Expected cost" });
  await expect(meter).toContainText("(invented)");
  await composer(page).fill("word ".repeat(22_000));
  await expect(meter).toContainText("Swift: context 85 % full");
  await composer(page).fill("word ".repeat(25_500));
  await expect(meter).toContainText("Swift: does not fit");
  await composer(page).fill("short");
  await expect(meter).not.toContainText("Swift");
});

test("a tool a model asks for is a card, its arguments laid out and never run", async ({ page }) => {
  await open(page, "demo");
  await ask(page, "What will the weather be?");
  const cards = answers(page).first().getByRole("list", { name: "Tools it asks for" }).getByRole("listitem");
  await expect(cards).toHaveCount(2);
  await expect(cards.first()).toContainText("get_weather");
  await expect(cards.first().locator("pre")).toContainText('\n  "station_id": 12345678901234567890\n');
  await expect(cards.nth(1)).toContainText("Not whole JSON");
  await expect(cards.nth(1).locator("pre")).toContainText("<img src=x onerror=");
  await expect(answers(page).locator("img")).toHaveCount(0);
  expect(await page.evaluate(() => "__ran" in window)).toBe(false);
});

test("every parameter says where its value comes from, what is allowed, and what is wrong", async ({
  page,
}) => {
  await open(page, "values");
  await page.getByRole("button", { name: "Parameters of Claude Sonnet 5" }).click();
  const panel = page.getByRole("dialog", { name: "Parameters of Claude Sonnet 5" });
  const row = (name: string) => panel.locator(`[data-parameter=${name}]`);
  await expect(row("temperature")).toContainText("1.2 from LLM_DEFAULT_TEMPERATURE · 0 to 1");
  await expect(row("temperature")).toContainText("1.2 is not sent");
  await expect(row("max_tokens")).toContainText("1,024 from profile Draft");
  await expect(row("reasoning_effort")).toContainText("Low from profile Draft");
  await row("temperature").getByRole("textbox").fill("3");
  await expect(row("temperature")).toContainText("This model takes 0 to 1.");
  await row("temperature").getByRole("textbox").fill("0.4");
  await expect(row("temperature")).not.toContainText("LLM_DEFAULT_TEMPERATURE");
  await row("temperature").getByRole("button", { name: "Do not set here: Temperature" }).click();
  await expect(row("temperature")).toContainText("1.2 from LLM_DEFAULT_TEMPERATURE");
  await panel.getByRole("button", { name: "More" }).click();
  await row("response_format").getByRole("combobox").selectOption("JSON Schema");
  await panel.getByLabel("Schema", { exact: true }).fill("[1]");
  await panel.getByLabel("Schema", { exact: true }).blur();
  await expect(row("response_format")).toContainText("A schema is an object");
  await panel.getByLabel("Schema", { exact: true }).fill('{"type": "object"}');
  await row("reasoning_effort").getByRole("combobox").selectOption("Off");
  await page.keyboard.press("Escape");
  await expect(panel).toHaveCount(0);
  // What was written is kept, also by the way the panel was closed.
  await page.getByRole("button", { name: "Parameters of Claude Sonnet 5" }).click();
  await expect(row("reasoning_effort").getByRole("combobox")).toHaveValue("off");
  await expect(row("response_format").getByRole("combobox")).toHaveValue("json_schema");
  await panel.getByRole("button", { name: "Reset all" }).click();
  await expect(row("reasoning_effort")).toContainText("Low from profile Draft");
});

test("a model is found among five hundred by what it can do", async ({ page }) => {
  await open(page, "market");
  await page.getByRole("button", { name: "Add a model" }).click();
  const options = page.getByRole("option");
  await expect(options.first()).toBeVisible();
  expect(await options.count()).toBeLessThan(100);
  await page.keyboard.press("End");
  await expect(page.getByRole("option", { selected: true })).toBeInViewport();
  await expect(page.getByRole("option", { selected: true })).toContainText("Poet");
  await page.getByPlaceholder("Search models").fill("4.1");
  await expect(page.getByRole("option", { name: /GPT-4.1/ })).toContainText("retires 2026-12-15");
  await page.getByRole("button", { name: "Reasons" }).click();
  await expect(page.getByRole("option", { name: /GPT-4.1/ })).toHaveCount(0);
  await page.getByPlaceholder("Search models").fill("elm");
  await expect(options.first().getByRole("img", { name: "Reasons" })).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(page.locator(".lane-head").last()).toContainText("Elm");
});
