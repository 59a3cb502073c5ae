import type {} from "../src/backend/fake/scenes";
import type { Locator, Page } from "@playwright/test";
import { command, expect, open, test } from "./support";

// As in the real window (tauri.conf.json): what is shown has to get by with it.
test.beforeEach(async ({ page }) => {
  await page.addInitScript(() => Object.freeze(Object.prototype));
});

async function openAnalysis(page: Page, scene = "analysis", more = ""): Promise<void> {
  await open(page, scene, more);
  await expect(page.getByRole("navigation").first()).toBeVisible();
  await page.keyboard.press("Control+Shift+E");
  await page.getByRole("navigation", { name: "Parts of the room" }).getByText("Analysis").click();
}

const panel = (page: Page, name: string): Locator => page.getByRole("region", { name, exact: true });
const advice = (page: Page): Locator => panel(page, "What could be better");
const models = (page: Page): Locator => panel(page, "Models");
const made = (page: Page): Locator => panel(page, "Changes made");
const names = (page: Page): Promise<string[]> => models(page).locator("tbody th .name").allInnerTexts();
const toast = (page: Page): Locator => page.locator(".toast");

const TIMEOUT = "Give DeepSeek 45 s before it is given up";

test("models are compared at a glance, sorted by the keyboard, and opened", async ({ page }) => {
  await openAnalysis(page);
  await expect(models(page)).toContainText("3 models are below 99 %: DeepSeek V4 the furthest with 83.7 %.");
  const row = models(page).getByRole("row", { name: /DeepSeek V4/ });
  await expect(row).toContainText("below target");
  await expect(row).toContainText("41 % slower");
  await expect(row).toContainText("29 × took too long");
  await expect(models(page).getByRole("row", { name: /Claude Haiku/ })).toContainText("may be chance");
  await expect(models(page).getByRole("row", { name: /Kestrel/ })).toContainText("unpriced");
  await expect(models(page).getByRole("row", { name: /qwen3/ })).toContainText("free");

  const success = models(page).getByRole("columnheader", { name: "Success" });
  await success.getByRole("button").focus();
  await page.keyboard.press("Enter");
  await expect(success).toHaveAttribute("aria-sort", "ascending");
  expect((await names(page))[0]).toBe("DeepSeek V4");
  await page.keyboard.press("Enter");
  await expect(success).toHaveAttribute("aria-sort", "descending");
  expect((await names(page)).at(-1)).toBe("Scholar");

  await row.getByRole("button", { name: "More of DeepSeek V4" }).press("Enter");
  await expect(models(page)).toContainText("201 of 240 answered");
  await expect(models(page)).toContainText("broke off");
  await expect(models(page)).toContainText("No answer within 20 s.");
});

test("another window is another look, and the models are written as the host has them", async ({ page }) => {
  await openAnalysis(page);
  const calls = models(page)
    .getByRole("row", { name: /Claude Sonnet 5/ })
    .locator("[data-column=calls]");
  await expect(calls).toHaveText("930");
  await page.getByText("7 days").click();
  await expect(calls).toHaveText("217");
  await models(page).getByRole("button", { name: "Save the models as CSV" }).click();
  await expect(toast(page)).toContainText("Saved to ~/Downloads/roundtable-analysis.csv.");
  const lines = await page.evaluate(() =>
    new TextDecoder().decode(window.fakeHost?.saved.get("roundtable-analysis.csv")).split("\n"),
  );
  expect(lines[0]).toMatch(/^model,name,simulated,calls/);
  expect(lines[1]).toMatch(/^anthropic\/claude-sonnet-5,Claude Sonnet 5,false,217,/);
});

test("what is recommended says why and what it changes; it is applied, and taken back", async ({ page }) => {
  await openAnalysis(page);
  await expect(advice(page)).toContainText("4 changes can be made here; 3 are for you to do.");
  const card = page.getByRole("article", { name: TIMEOUT });
  await expect(card).toContainText("Urgent");
  await expect(card).toContainText("29 of 240 calls were given up after 20 s.");
  await expect(card).toContainText("have until 45 s to come");
  await expect(card.getByText("20 s becomes 45 s").or(card.getByLabel("20 s becomes 45 s"))).toBeVisible();
  await card.getByRole("button", { name: /^Apply/ }).click();
  await expect(card).toHaveCount(0);
  await expect(advice(page)).toContainText("3 changes can be made here");
  await expect(advice(page).getByRole("heading", { name: "What could be better" })).toBeFocused();
  await expect(toast(page)).toContainText(`Done: ${TIMEOUT}`);
  await expect(made(page)).toContainText("3 changes are in force; one was taken back.");
  await made(page)
    .getByRole("button", { name: `Undo: ${TIMEOUT}` })
    .click();
  await expect(made(page)).toContainText("2 changes are in force; 2 were taken back.");
  await expect(made(page).getByRole("heading", { name: "Changes made" })).toBeFocused();
  await expect(card).toBeVisible();
});

test("a change is taken back from its message too, and one that was changed since says why it cannot be", async ({
  page,
}) => {
  await openAnalysis(page);
  const card = page.getByRole("article", { name: TIMEOUT });
  await card.getByRole("button", { name: /^Apply/ }).click();
  await toast(page).getByRole("button", { name: "Undo" }).click();
  await expect(card).toBeVisible();
  const stuck = made(page).getByRole("listitem").filter({ hasText: "everyday.echelon1" });
  await expect(stuck).toContainText("Cannot be undone: “everyday.echelon1 in groups/everyday.yaml");
  await expect(stuck.getByRole("button")).toHaveCount(0);
});

test("what is turned down stays so until it is asked for again", async ({ page }) => {
  await openAnalysis(page);
  const card = page.getByRole("article", { name: TIMEOUT });
  await card.getByRole("button", { name: /^Not now/ }).click();
  await expect(card).toHaveCount(0);
  await page.getByText("90 days").click();
  await expect(card).toHaveCount(0);
  await advice(page).getByRole("button", { name: "Turned down (2)" }).click();
  await advice(page)
    .getByRole("button", { name: `Recommend again: ${TIMEOUT}` })
    .click();
  await expect(card).toBeVisible();
});

test("safe changes are made by themselves only once that is switched on, and say so", async ({ page }) => {
  await openAnalysis(page);
  const automatic = page.getByRole("switch", { name: /Apply safe changes by itself/ });
  await expect(automatic).not.toBeChecked();
  await automatic.focus();
  await page.keyboard.press("Space");
  await expect(automatic).toBeChecked();
  // The press alone changes nothing: the host does, at the next start and daily.
  await expect(advice(page)).toContainText("4 changes can be made here");
  await page.getByText("7 days").click();
  await expect(automatic).toBeChecked();
  await automatic.click();
  await expect(automatic).not.toBeChecked();
  await expect(made(page).getByRole("listitem").filter({ hasText: "Google Gemini" })).toContainText(
    "by itself",
  );
});

test("what a person has to do leads to where it is done", async ({ page }) => {
  await openAnalysis(page);
  await page.getByRole("button", { name: "Look at the key" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Settings" })).toBeVisible();
  await expect(page.locator("#provider-openrouter")).toBeInViewport();

  await command(page, "analysis");
  await advice(page).getByRole("button", { name: "Show all 7" }).click();
  await page.getByRole("button", { name: "Set a budget", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Budgets", exact: true })).toBeFocused();

  await command(page, "analysis");
  await advice(page).getByRole("button", { name: "Show all 7" }).click();
  await page.getByRole("button", { name: "Set a price", exact: true }).click();
  await expect(page.locator("#settings-prices")).toBeInViewport();
});

test("nothing to recommend says what was looked at; nothing to look at says what comes next", async ({
  page,
}) => {
  await openAnalysis(page, "analysisOne");
  await expect(advice(page)).toContainText("Nothing to recommend");
  await expect(advice(page)).toContainText("Looked at 525 calls of 1 model");
  await expect(made(page)).toHaveCount(0);
  await openAnalysis(page, "many");
  await expect(page.getByRole("heading", { name: "No calls in 30 days" })).toBeVisible();
  await page.getByRole("button", { name: "Look at 90 days" }).click();
  await expect(page.getByRole("heading", { name: "Nothing to analyse yet" })).toBeVisible();
  await page.getByRole("button", { name: "Ask something" }).click();
  await expect(page.getByRole("textbox", { name: "Prompt" })).toBeVisible();
});

test("calls that cannot be read are said, and asked for again", async ({ page }) => {
  await openAnalysis(page, "spendUnreadable");
  const alert = page.getByRole("alert");
  await expect(alert).toContainText("The database is busy");
  await page.evaluate(() => {
    if (window.fakeHost !== undefined) window.fakeHost.state.booksFail = null;
  });
  await alert.getByRole("button", { name: "Try again" }).click();
  await expect(alert).toHaveCount(0);
});

test("forty models are not shown at once, and nothing is wider than a narrow window", async ({ page }) => {
  await page.setViewportSize({ width: 420, height: 800 });
  await openAnalysis(page, "analysisMany");
  await expect(models(page).locator("[data-model]")).toHaveCount(12);
  await models(page).getByRole("button", { name: "Show all 40" }).click();
  await expect(models(page).locator("[data-model]")).toHaveCount(40);
  const over = await page.evaluate(
    () =>
      [...document.querySelectorAll("main, main .scroll")].filter(
        (one) => one.scrollWidth > one.clientWidth + 1,
      ).length,
  );
  expect(over).toBe(0);
  // What has no column there is said in the row's details.
  await models(page).getByRole("button", { name: "More of Acacia 4B" }).click();
  await expect(models(page)).toContainText("Answers for $1");
});

test("in Chinese, the host's sentences too", async ({ page }) => {
  await open(page, "analysis", "&lang=zh");
  await expect(page.getByRole("navigation").first()).toBeVisible();
  await page.keyboard.press("Control+Shift+E");
  await page.getByRole("navigation", { name: "花费的各部分" }).getByText("分析").click();
  const card = page.getByRole("article", { name: /给 DeepSeek 45\s?s/ });
  await expect(card).toContainText("240 次调用中有 29 次");
  await card.getByRole("button", { name: /^应用/ }).click();
  await expect(page.getByRole("region", { name: "已做的更改" })).toContainText(
    "3 项更改生效中；1 项已撤销。",
  );
});
