import { expect, open, test } from "./support";

test("sums tell their exact amounts to the keyboard, and lead to what it would have cost elsewhere", async ({
  page,
}) => {
  await open(page, "many");
  const list = page.getByRole("navigation", { name: "Conversations" });

  // A folder: what its conversations have cost, and what is booked under its name.
  const folder = list.getByRole("button", { name: /^What the folder .* has cost/ }).first();
  await folder.focus();
  await page.keyboard.press("Enter");
  const panel = page.getByRole("dialog", { name: /^What the folder/ });
  await expect(panel).toContainText("which is what budgets of the folder count");
  await expect(panel).toContainText(/\$0\.\d{4,}/);
  await page.keyboard.press("Escape");
  await expect(folder).toBeFocused();
  await page.keyboard.press("Enter");
  await panel.getByRole("button", { name: "On other models" }).click();
  const sheet = page.getByRole("dialog", { name: "What this would have cost elsewhere" });
  await expect(sheet).toContainText(/Booked under the folder \w+/);
  await page.keyboard.press("Escape");
  await expect(sheet).toHaveCount(0);

  // A conversation, from its head.
  const head = page.getByRole("button", { name: /^What this conversation has cost/ });
  await head.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "On other models" }).click();
  await expect(sheet).toBeVisible();
  await page.keyboard.press("Escape");

  // An answer, from its figures.
  await page
    .getByRole("button", { name: /^Figures/ })
    .first()
    .click();
  await expect(page.getByRole("dialog", { name: "Figures" })).toContainText("Exactly");
});
