import { answers, ask, command, expect, open, QUESTION, test } from "./support";

test("an answer by a route names who wrote it, and says why on focus and in full", async ({ page }) => {
  await open(page, "routed");
  const fallback = page.locator(".turn").first().locator("article").nth(2);
  await expect(fallback).toContainText("gemini-3.6-flash");
  const chip = fallback.getByRole("button", { name: "Through everyday.echelon1: why this model" });
  await expect(chip).toContainText("fallback");
  // The keyboard alone gets to the reason.
  await chip.scrollIntoViewIfNeeded();
  await page.locator("[data-composer]").focus();
  await chip.focus();
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Tab");
  await expect(page.getByText("Fell back to gemini/gemini-3.6-flash because")).toBeVisible();
  await page.keyboard.press("Enter");
  const sheet = page.getByRole("dialog", { name: "Why this model" });
  await expect(sheet.getByRole("table")).toContainText("chosen");
  await expect(sheet.getByRole("row", { name: /deepseek-v4/ })).toHaveCount(0);
  await expect(sheet.getByRole("listitem")).toHaveCount(3);
  await expect(sheet).toContainText("The same facts lead to the same choice.");
  await page.keyboard.press("Escape");
  await expect(sheet).toHaveCount(0);
  await expect(chip).toBeFocused();
});

test("what no model wrote just now is marked by word: kept, shared, nobody's", async ({ page }) => {
  await open(page, "routed");
  const first = page.locator(".turn").nth(0).locator("article");
  const second = page.locator(".turn").nth(1).locator("article");
  await expect(first.nth(1)).toContainText(/From cache.*saved \$/s);
  await expect(second.nth(1)).toContainText("Shared");
  await expect(second.nth(2)).toContainText("Not from a model");
  await expect(second.nth(2).getByRole("button", { name: "Pick as best" })).toHaveCount(0);
  await first.nth(1).hover();
  await first.nth(1).getByRole("button", { name: "Forget this kept answer" }).click();
  await expect(page.getByText("Forgotten. The same request will be sent next time.")).toBeVisible();
});

test("another model goes on with a broken answer, in a labelled part", async ({ page }) => {
  await open(page, "routed");
  const broken = answers(page).first();
  await expect(broken).toContainText("Another model can go on from here");
  await broken.getByRole("button", { name: "Others" }).click();
  await expect(page.getByRole("menuitem")).toHaveCount(4);
  await page.keyboard.press("Escape");
  await broken.getByRole("button", { name: "Continue with GPT-5.6" }).click();
  await expect(broken).toHaveAttribute("data-state", "complete");
  await expect(broken.locator("[data-segment]")).toHaveText([/claude-sonnet-5 begins/, /gpt-5.6 goes on/]);
  await expect(broken).toContainText("2 / 2");
  await expect(broken).toContainText("Yes, with one reservation");
});

test("a request that waits for a place says so and counts down, and can be stopped", async ({ page }) => {
  await open(page, "routed");
  await ask(page, QUESTION);
  const waiting = answers(page).first();
  await expect(waiting.locator("[data-waiting='place']")).toContainText(
    /4 of 4 calls are under way\.\s*[1-4]\ss/,
  );
  await expect(waiting).toHaveAttribute("data-state", /thinking|streaming/, { timeout: 8_000 });
});

test("a lane takes a group, one of its rungs, or auto from the list, by search", async ({ page }) => {
  await open(page, "routed");
  const head = page.locator(".lane-head").first();
  await head.locator(".model").click();
  const list = page.getByRole("listbox", { name: "Search models and routes" });
  await expect(list.getByRole("option", { selected: true })).toContainText("auto");
  await page.keyboard.type("echelon2 deepseek");
  await expect(list.getByRole("option")).toHaveCount(1);
  await page.keyboard.press("Enter");
  await expect(head.locator(".model")).toContainText("coding.echelon2");
  await expect(head).toContainText("DeepSeek V4");
  await command(page, "lane that chooses the model itself");
  await expect(page.locator(".lane-head").nth(3).locator(".model")).toContainText("auto");
});

test("the tip of a control gives way to the panel it opens", async ({ page }) => {
  await open(page, "demo");
  const sliders = page.getByRole("button", { name: "Parameters of Swift" });
  await sliders.hover();
  await expect(page.locator(".tip")).toHaveText("Parameters");
  await sliders.click();
  await expect(page.getByRole("dialog", { name: "Parameters of Swift" })).toBeVisible();
  await expect(page.locator(".tip")).toHaveCount(0);
  await page.getByRole("dialog").getByLabel("Temperature").hover();
  await sliders.hover();
  await expect(page.getByRole("dialog", { name: "Parameters of Swift" })).toBeVisible();
  expect(
    await page.locator(".conversation [title]").count(),
    "native tooltips come up over what is open",
  ).toBe(0);
});

test("a second key is added with a name and the first is removed", async ({ page }) => {
  await open(page, "many");
  await page.getByRole("button", { name: "Settings" }).click();
  const card = page.getByRole("article", { name: "OpenAI" });
  await card.getByRole("button", { name: "More for OpenAI" }).click();
  await page.getByRole("menuitem", { name: "Add another key" }).click();
  await card.getByLabel("What you call it").fill("Lab");
  await card.getByLabel("Another key for OpenAI").fill("sk-good-2222");
  await page.keyboard.press("Enter");
  const keys = card.getByRole("list", { name: /^Keys of OpenAI/ }).getByRole("listitem");
  await expect(keys).toHaveCount(2);
  await expect(keys.nth(1)).toContainText(/Lab.*Works/s);
  await keys
    .first()
    .getByRole("button", { name: /Remove the key/ })
    .click();
  await page.getByRole("button", { name: "Remove", exact: true }).click();
  await expect(card).toContainText("Lab");
  await expect(keys).toHaveCount(0);
});
