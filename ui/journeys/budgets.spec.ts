import type { Locator, Page } from "@playwright/test";
import { answers, command, composer, expect, open, QUESTION, test } from "./support";

const stopDialog = (page: Page): Locator => page.getByRole("dialog", { name: /does not fit your budget/ });

async function refused(page: Page): Promise<Locator> {
  await open(page, "budgetStop");
  await composer(page).fill(QUESTION);
  await composer(page).press("Enter");
  const dialog = stopDialog(page);
  await expect(dialog).toBeVisible();
  return dialog;
}

const toBudgets = async (page: Page): Promise<void> => {
  await page.getByRole("button", { name: "Spend" }).first().click();
  await page.getByRole("navigation", { name: "Parts of the room" }).getByText("Budgets").click();
  await expect(page.getByRole("heading", { name: "Budgets", exact: true })).toBeVisible();
};

test("a first budget is one press away, is shown at once, and stands at the head of the chat", async ({
  page,
}) => {
  await open(page, "many");
  await expect(page.getByRole("button", { name: /left today/ })).toHaveCount(0);
  await toBudgets(page);
  await page.getByRole("button", { name: /\$2\.00 a day/ }).click();
  const editor = page.getByRole("dialog", { name: "New budget" });
  await expect(editor.getByLabel("Limit in dollars")).toHaveValue("2");
  await editor.getByRole("button", { name: "Set the budget" }).click();
  await expect(editor).toHaveCount(0);
  const card = page.getByRole("article", { name: "Everything, daily" });
  await expect(card).toContainText("$2.00 left today");
  await expect(card).toContainText("then stops");
  await page.getByRole("button", { name: "Chat" }).first().click();
  await expect(page.getByRole("button", { name: "$2.00 left today" })).toBeVisible();
});

test("what is wrong in a budget is said at its field, and nothing is saved until it is mended", async ({
  page,
}) => {
  await open(page, "many");
  await toBudgets(page);
  await page.getByRole("button", { name: "Set one of your own" }).click();
  const editor = page.getByRole("dialog", { name: "New budget" });
  await editor.getByLabel("Counts").selectOption("conversation");
  await editor.getByLabel("Alerts at").fill("80, none");
  await editor.getByRole("button", { name: "Set the budget" }).click();
  await expect(editor).toContainText("Write how much, in dollars.");
  await expect(editor).toContainText("Choose what it counts.");
  await expect(editor).toContainText("Whole numbers from 1 to 1000");
  await expect(editor.getByLabel("Limit in dollars")).toBeFocused();
  await editor.getByLabel("Limit in dollars").fill("0.75");
  await editor.getByLabel("Alerts at").fill("80");
  await editor.getByLabel("Which").click();
  await page.getByRole("combobox", { name: "Search" }).fill("thesis");
  await page.keyboard.press("Enter");
  await editor.getByRole("button", { name: "Set the budget" }).click();
  await expect(page.getByRole("article", { name: "Thesis outline" })).toContainText("$0.75 left this month");
});

test("a budget is paused, changed and removed from its card", async ({ page }) => {
  await open(page, "budgets");
  await toBudgets(page);
  const card = page.getByRole("article", { name: "Daily" });
  await card.getByRole("button", { name: "Actions for Daily" }).click();
  await page.getByRole("menuitem", { name: "Pause" }).click();
  await expect(card).toContainText("Paused");
  await card.getByRole("button", { name: "Actions for Daily" }).click();
  await page.getByRole("menuitem", { name: "Edit" }).click();
  const editor = page.getByRole("dialog", { name: "Edit budget" });
  await editor.getByLabel("Limit in dollars").fill("9");
  await editor.getByRole("button", { name: "Save" }).click();
  await expect(card).toContainText("of $9.00");
  await card.getByRole("button", { name: "Actions for Daily" }).click();
  await page.getByRole("menuitem", { name: "Remove" }).click();
  const asked = page.getByRole("dialog", { name: "Remove the budget “Daily”?" });
  await expect(asked).toContainText("stays in the books");
  await asked.getByRole("button", { name: "Remove" }).click();
  await expect(card).toHaveCount(0);
});

test("what stops sending is said beside the button before it is pressed, and leads to the ways out", async ({
  page,
}) => {
  await open(page, "budgetStop");
  await composer(page).fill(QUESTION);
  const line = page.getByRole("button", { name: /over “Daily”\. Show the ways out/ });
  await expect(line).toBeVisible();
  const meter = page.getByRole("button", { name: "Expected cost" });
  await expect(meter).toContainText("$0.38 left");
  await expect(meter).toContainText(/Claude Sonnet 5 is \d+ %/);
  await line.click();
  const dialog = stopDialog(page);
  await expect(dialog).toContainText("$1.62 of $2.00 spent");
  await expect(dialog).toContainText("Nothing was sent and nothing was spent.");
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  await expect(composer(page)).toHaveValue(QUESTION);
});

test("leaving lanes out asks the others alone", async ({ page }) => {
  const dialog = await refused(page);
  // The first way has the focus: one key takes it.
  await expect(dialog.getByRole("button", { name: /Ask only Gemini 3\.6 Flash/ })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(dialog).toHaveCount(0);
  await expect(answers(page)).toHaveCount(1);
  await expect(composer(page)).toHaveValue("");
  await expect(composer(page)).toBeFocused();
});

test("capped answers are asked of every lane", async ({ page }) => {
  const dialog = await refused(page);
  await dialog.getByRole("button", { name: /Cap the answers at [\d,]+ tokens/ }).click();
  await expect(dialog).toHaveCount(0);
  await expect(answers(page)).toHaveCount(3);
});

test("going cheaper asks the models that were named, and the lanes keep theirs", async ({ page }) => {
  const dialog = await refused(page);
  await expect(dialog).toContainText("→ DeepSeek");
  await dialog.getByRole("button", { name: /Go cheaper/ }).click();
  await expect(answers(page)).toHaveCount(3);
  await expect(page.getByRole("button", { name: /Claude Sonnet 5/ }).first()).toBeVisible();
});

test("letting one prompt through is said plainly and written down, and the next is stopped again", async ({
  page,
}) => {
  const dialog = await refused(page);
  await expect(dialog).toContainText(/Up to \$0\.\d+ beyond the limit of “Daily”\. This is written down\./);
  await dialog.getByRole("button", { name: /Send it anyway, this once/ }).click();
  await expect(answers(page)).toHaveCount(3);
  await toBudgets(page);
  await expect(page.getByRole("article", { name: "Daily" })).toContainText(
    "let through beyond the limit by hand",
  );
  await page.getByRole("button", { name: "Chat" }).first().click();
  await composer(page).fill("And once more.");
  await expect(page.getByRole("button", { name: /Show the ways out/ })).toBeVisible({ timeout: 20_000 });
});

test("an answer asked anew that does not fit brings the same ways out", async ({ page }) => {
  await open(page, "budgetStop");
  await answers(page).first().hover();
  await page
    .locator(".turn")
    .last()
    .getByRole("button", { name: /Retry all|Ask all again/ })
    .click();
  const dialog = stopDialog(page);
  await expect(dialog).toBeVisible();
  await dialog.getByRole("button", { name: /Cap the answers/ }).click();
  await expect(dialog).toHaveCount(0);
  await expect(answers(page).first()).toContainText("2 / 2");
});

test("amounts are shown in another currency everywhere, and a rate that is no number is refused", async ({
  page,
}) => {
  await open(page, "budgets");
  await page.getByRole("button", { name: "Settings" }).click();
  const section = page.getByRole("region", { name: "Money and time" });
  await section.getByText("Another currency").click();
  await section.getByLabel("Currency", { exact: true }).fill("EUR");
  await section.getByLabel("For one dollar").fill("0,5");
  await section.getByLabel("For one dollar").blur();
  await expect(section).toContainText("A number such as 0.92, with a point.");
  await expect(section).toContainText("Providers charge in dollars");
  await section.getByLabel("For one dollar").fill("0.5");
  await section.getByLabel("For one dollar").blur();
  await expect(section).toContainText("$12.34 is shown as ≈€6.17.");
  await page.getByRole("button", { name: "Chat" }).first().click();
  await expect(page.getByRole("button", { name: "≈€1.40 left today" })).toBeVisible();
  await expect(answers(page).first()).toContainText("≈€");
  await toBudgets(page);
  await expect(page.getByRole("article", { name: "Daily" })).toContainText("≈€1.40 left today");
});

test("the time zone is found by its name and kept", async ({ page }) => {
  await open(page, "many");
  await page.getByRole("button", { name: "Settings" }).click();
  const section = page.getByRole("region", { name: "Money and time" });
  await section.getByRole("button", { name: /The system's/ }).click();
  await page.getByRole("combobox", { name: "Search time zones" }).fill("shang");
  await page.keyboard.press("Enter");
  await expect(section.getByRole("button", { name: "Asia/Shanghai" })).toBeVisible();
});

test("in Chinese, a prompt that does not fit is refused in the same figures", async ({ page }) => {
  await open(page, "budgetStop", "&lang=zh");
  await page.locator("[data-composer]").fill(QUESTION);
  await page.locator("[data-composer]").press("Enter");
  const dialog = page.getByRole("dialog", { name: "超出预算" });
  await expect(dialog).toContainText("$2.00 中已花费 $1.62");
  await dialog.getByRole("button", { name: /仍然发送/ }).click();
  await expect(answers(page)).toHaveCount(3);
});

test("a spent budget that asks is answered with yes, and an unknown price with consent", async ({ page }) => {
  await open(page, "budgetAsks");
  await composer(page).fill(QUESTION);
  await composer(page).press("Enter");
  const dialog = page.getByRole("dialog", { name: "Send it beyond the budget?" });
  await expect(dialog).toContainText(/no price for Qwen3/i);
  const yes = dialog.getByRole("button", { name: /Yes, send it/ });
  await expect(yes).toContainText(/Asks Qwen3.* without a price too\./i);
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Ask Claude Sonnet 5 in this turn" }).click();
  await composer(page).press("Enter");
  const consent = page.getByRole("dialog", { name: "A model without a price" });
  await consent.getByRole("button", { name: /without a price, this once/ }).click();
  await expect(consent).toHaveCount(0);
  await expect(answers(page)).toHaveCount(1);
});

test("the palette leads to the budgets", async ({ page }) => {
  await open(page, "budgets");
  await expect(composer(page)).toBeVisible();
  await command(page, "budgets");
  await expect(page.getByRole("heading", { name: "Budgets", exact: true })).toBeFocused();
});
