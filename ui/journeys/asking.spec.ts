import { answers, ask, composer, expect, open, QUESTION, test } from "./support";

test("three lanes answer side by side, each with its figures", async ({ page }) => {
  await open(page, "demo");
  await ask(page, QUESTION);
  await expect(answers(page)).toHaveCount(3);
  const tops = await answers(page).evaluateAll((all) => all.map((one) => one.getBoundingClientRect().top));
  expect(new Set(tops).size).toBe(1);
  await expect(answers(page).nth(0)).toHaveAttribute("data-state", "complete");
  await expect(answers(page).nth(0)).toContainText(/0\.\d s.*tok\/s.*tok.*\$/s);
  await expect(answers(page).nth(1)).toHaveAttribute("data-state", "complete", { timeout: 20_000 });
  await expect(answers(page).nth(1)).toContainText("Thought for");
  await expect(page.getByLabel("Title", { exact: true })).toHaveValue(QUESTION);
  await expect(page.locator(".lane-head").first()).toContainText("sees 2 messages");
});

test("one answer is stopped, the others go on, and what had come stays", async ({ page }) => {
  await open(page, "demo");
  await ask(page, QUESTION);
  const poet = answers(page).nth(2);
  await expect(poet).toHaveAttribute("data-state", "streaming");
  // The one in the head of the lane: the one under the text moves as the text grows.
  await page.locator(".lane-head").nth(2).getByRole("button", { name: "Stop this answer" }).click();
  await expect(poet).toHaveAttribute("data-state", "stopped");
  await expect(poet).toContainText("Think of two");
  await expect(answers(page).nth(1)).toHaveAttribute("data-state", /thinking|streaming/);
  await expect(page.getByRole("button", { name: "Stop all" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(answers(page).nth(1)).toHaveAttribute("data-state", "stopped");
  await expect(page.getByRole("button", { name: "Send" })).toBeVisible();
});

test("a failed answer says why in its place, and retrying makes a second version", async ({ page }) => {
  await open(page, "faults");
  await page.getByRole("button", { name: "New conversation" }).first().click();
  await ask(page, QUESTION);
  const swift = answers(page).first();
  await expect(answers(page).nth(2)).toContainText("Asking again in");
  await expect(swift).toContainText("has a fault or is overloaded");
  await expect(swift).toContainText("Not charged.");
  await swift.getByText("What the provider said").click();
  await expect(swift).toContainText("The model is overloaded. Please try again later.");
  await swift.getByRole("button", { name: "Retry" }).first().click();
  await expect(swift).toHaveAttribute("data-state", "complete");
  await expect(swift).toContainText("2 / 2");
  await swift.getByRole("button", { name: "Earlier version" }).click();
  await expect(swift).toHaveAttribute("data-state", "failed");
  await swift.getByRole("button", { name: "Later version" }).click();
  await expect(swift).toContainText("keeps the ledger sorted");
});

test("a lane left out of a turn is not asked", async ({ page }) => {
  await open(page, "demo");
  await page.getByRole("button", { name: "Ask Scholar in this turn" }).click();
  await ask(page, QUESTION);
  await expect(answers(page)).toHaveCount(2);
  await expect(page.getByText("Not asked in this turn")).toBeVisible();
});

test("an empty prompt is not sent, and the window says why", async ({ page }) => {
  await open(page, "demo");
  await composer(page).fill("  ");
  await composer(page).press("Enter");
  await expect(page.getByText("Write something to ask.")).toBeVisible();
  await expect(page.locator(".turn")).toHaveCount(0);
});

test("lanes are added, swapped, moved and removed", async ({ page }) => {
  await open(page, "many");
  const heads = page.locator(".lane-head");
  await page.getByRole("button", { name: "Add a model" }).click();
  await page.getByPlaceholder("Search models").fill("deepseek reasoner");
  await page.keyboard.press("Enter");
  await expect(heads).toHaveCount(4);
  await heads
    .nth(0)
    .getByRole("button", { name: /Claude Sonnet 5/ })
    .first()
    .click();
  await page.getByPlaceholder("Search models").fill("haiku");
  await page.keyboard.press("Enter");
  await expect(heads.nth(0)).toContainText("Claude Haiku 4.5");
  await heads.nth(0).getByRole("button", { name: "Menu of Claude Haiku 4.5" }).click();
  await page.getByRole("menuitem", { name: "Move right" }).click();
  await expect(heads.nth(1)).toContainText("Claude Haiku 4.5");
  await heads.nth(1).getByRole("button", { name: "Menu of Claude Haiku 4.5" }).click();
  await page.getByRole("menuitem", { name: "Remove lane" }).click();
  await expect(heads).toHaveCount(3);
  await expect(page.getByText("1 answer from a removed lane").first()).toBeAttached();
});

test("the reader who scrolled up is left alone while answers grow", async ({ page }) => {
  await open(page, "steady");
  await ask(page, QUESTION);
  const scroller = page.getByRole("region", { name: "Answers" });
  const toEnd = () => scroller.evaluate((one) => one.scrollHeight - one.clientHeight - one.scrollTop);
  await expect
    .poll(() => scroller.evaluate((one) => one.scrollHeight), { timeout: 15_000 })
    .toBeGreaterThan(1_600);
  expect(await toEnd()).toBeLessThan(60);
  await scroller.hover();
  await page.mouse.wheel(0, -400);
  await expect(page.getByRole("button", { name: "Go to the end" })).toBeVisible();
  const top = await scroller.evaluate((one) => one.scrollTop);
  const height = await scroller.evaluate((one) => one.scrollHeight);
  await expect.poll(() => scroller.evaluate((one) => one.scrollHeight)).toBeGreaterThan(height + 100);
  expect(await scroller.evaluate((one) => one.scrollTop)).toBe(top);
  await page.getByRole("button", { name: "Go to the end" }).click();
  await expect.poll(toEnd).toBeLessThan(60);
});
