import { expect, test as base, type Locator, type Page } from "@playwright/test";

export const QUESTION = "Compare B-trees and LSM-trees for a ledger on one desktop machine.";

/** Every journey also fails on what a person would not see: script errors, broken policies, requests to elsewhere. */
export const test = base.extend<{ quiet: undefined }>({
  quiet: [
    async ({ page, baseURL }, use) => {
      const complaints: string[] = [];
      page.on("pageerror", (error) => complaints.push(`script error: ${error.message}`));
      page.on("console", (message) => {
        if (message.type() === "error") complaints.push(`console: ${message.text()}`);
      });
      page.on("request", (request) => {
        const url = request.url();
        const own = url.startsWith(baseURL ?? "") || url.startsWith("data:") || url.startsWith("blob:");
        if (!own) complaints.push(`request to ${url}`);
      });
      await use(undefined);
      expect(complaints).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

export const composer = (page: Page): Locator => page.getByRole("textbox", { name: "Prompt" });

/** The answers of the newest turn, from the left. */
export const answers = (page: Page): Locator => page.locator(".turn").last().locator("article");

export async function ask(page: Page, prompt: string): Promise<void> {
  await composer(page).fill(prompt);
  await composer(page).press("Enter");
  await expect(answers(page).first()).toBeVisible();
}

export async function open(page: Page, scene: string, more = ""): Promise<void> {
  await page.goto(`/?scene=${scene}${more}`);
}

/** Opens the palette and types into it once it has the focus: letters typed earlier belong to what had it before. */
export async function command(page: Page, words: string): Promise<void> {
  await page.keyboard.press("Control+k");
  await expect(page.locator(".palette input")).toBeFocused();
  await page.keyboard.type(words);
  await page.keyboard.press("Enter");
}
