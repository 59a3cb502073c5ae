import type { Page } from "@playwright/test";
import { expect, open, test } from "./support";

async function openRouting(page: Page, scene: string): Promise<void> {
  await open(page, scene);
  await expect(page.getByRole("textbox").first()).toBeVisible();
  await page.keyboard.press("Control+Shift+G");
  await expect(page.getByRole("heading", { name: "Routing", level: 1 })).toBeVisible();
}

test("a wrong routing file is put right at the line of its mistake", async ({ page }) => {
  await openRouting(page, "routingErrors");
  await page.getByRole("button", { name: "Open groups/long reading.yaml at line 5" }).click();
  const text = page.getByRole("textbox", { name: "Text of groups/long reading.yaml" });
  await expect(text).toBeFocused();
  const caret = () => text.evaluate((area: HTMLTextAreaElement) => area.value.slice(area.selectionStart));
  expect(await caret()).toMatch(/^sixty/);
  const save = page.getByRole("dialog").getByRole("button", { name: "Save" });
  await expect(save).toBeDisabled();

  // A wrong text is refused, and stays.
  await text.fill((await text.inputValue()).replace("sixty", "many"));
  await save.click();
  await expect(page.getByText("Not written. Put these right first:")).toBeVisible();
  await page.getByRole("button", { name: /^Go to line 5/ }).click();
  expect(await caret()).toMatch(/^many/);

  await text.fill((await text.inputValue()).replace("many", "60"));
  await save.click();
  await expect(page.getByText("Saved groups/long reading.yaml.")).toBeVisible();
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(page.getByRole("button", { name: /^Open groups\/long reading/ })).toHaveCount(0);
});

test("how to choose where no rule says so is set beside the rules", async ({ page }) => {
  await openRouting(page, "routing");
  await page
    .getByRole("navigation", { name: "Parts of routing" })
    .getByRole("button", { name: "Rules" })
    .click();
  const part = page.getByRole("region", { name: "Where no rule says so" });
  await part.getByText("Speed and reliability").click();
  await part.getByLabel("Own weights").check();
  await part.getByLabel("Price of the prompt, 30 %").fill("130");
  await expect(part.getByLabel("Price of the prompt, 65 %")).toHaveValue("130");
  await part.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Saved choice.yaml.")).toBeVisible();
  await expect(part.getByRole("button", { name: "Save" })).toHaveCount(0);
});
