import type { Page } from "@playwright/test";
import { expect, open, test } from "./support";

async function openSettings(page: Page, scene: string, more = ""): Promise<void> {
  await open(page, scene, more);
  await expect(page.getByRole("textbox").first()).toBeVisible();
  await page.keyboard.press("Control+,");
  await expect(page.locator("#settings-providers")).toBeVisible();
}

const section = (page: Page, id: string) => page.locator(`section[aria-labelledby=settings-${id}]`);

test("one of five hundred models is found, gets an own price, and the list price again", async ({ page }) => {
  await openSettings(page, "market");
  const prices = section(page, "prices");
  await expect(prices.getByText("514 models")).toBeVisible();
  expect(await prices.locator("[data-row]").count(), "only what is in view is in the page").toBeLessThan(40);
  await prices.getByPlaceholder("Search models").fill("juniper 5.3");
  await expect(prices.getByText("1 model", { exact: true })).toBeVisible();
  await prices.getByRole("button", { name: /Juniper 5\.3/ }).click();
  const dialog = page.getByRole("dialog", { name: "Juniper 5.3" });
  await expect(dialog).toContainText("Costs already booked stay as they are.");
  await dialog.getByLabel("Prompt", { exact: true }).fill("0,5");
  await expect(dialog).toContainText("Write it like 1.75.");
  await dialog.getByLabel("Prompt", { exact: true }).fill("0.5");
  await dialog.getByRole("button", { name: "Set the price" }).click();
  await expect(dialog).toContainText("Say a price; 0 is free.");
  await dialog.getByLabel("Answer", { exact: true }).fill("2.25");
  await dialog.getByRole("button", { name: "Set the price" }).click();
  await expect(dialog).toContainText("$0.50 / $2.25 per million tokens");
  await expect(dialog).toContainText("your own");
  await page.keyboard.press("Escape");
  const row = prices.getByRole("button", { name: /Juniper 5\.3/ });
  await expect(row).toContainText("$0.50 / $2.25");
  await expect(row).toBeFocused();
  await prices.getByLabel("Show").selectOption("Your own prices");
  await expect(prices.getByText("1 model", { exact: true })).toBeVisible();
  await row.click();
  await dialog.getByRole("button", { name: "Back to the list price" }).click();
  await expect(dialog).toContainText("$0.44 / $2.20 per million tokens");
  await page.keyboard.press("Escape");
  await expect(prices).toContainText("No model matches.");
  await prices.getByRole("button", { name: "Show all models" }).click();
  await expect(prices.getByText("514 models")).toBeVisible();
});

test("the keys walk through the whole list, and the page holds only what is in view", async ({ page }) => {
  await openSettings(page, "market");
  const rows = section(page, "prices").locator("[data-row]");
  await rows.first().focus();
  await page.keyboard.press("ArrowDown");
  await expect(rows.nth(1)).toBeFocused();
  await page.keyboard.press("End");
  const last = section(page, "prices").locator('[data-row="513"]');
  await expect(last).toBeFocused();
  await expect(last).toBeInViewport();
  await page.keyboard.press("PageUp");
  await expect(last).not.toBeFocused();
  expect(await rows.count()).toBeLessThan(40);
  await page.keyboard.press("Home");
  await expect(section(page, "prices").locator('[data-row="0"]')).toBeFocused();
});

test("the price list is fetched, and what looks wrong waits for a word", async ({ page }) => {
  await openSettings(page, "many");
  const prices = section(page, "prices");
  await expect(prices).toContainText("Prices this old may be wrong.");
  await prices.getByRole("button", { name: "Fetch the public price list" }).click();
  await expect(prices).toContainText("37 models changed");
  await expect(prices).not.toContainText("Prices this old may be wrong.");
  const held = prices.getByRole("region", { name: "3 models were held back" });
  await expect(held).toContainText("A hundredth of the known price.");
  const row = prices.getByRole("button", { name: /^GPT-5\.6 OpenAI/ });
  await expect(row).toContainText("$1.75 / $14");
  await held.getByRole("button", { name: "Accept the prices of openai/gpt-5.6" }).click();
  await expect(row).toContainText("$0.0175 / $14");
  await expect(row).toContainText("update");
  await prices.getByRole("button", { name: "Accept all" }).click();
  await expect(prices.getByRole("region")).toHaveCount(0);
});

test("what is wrong with a provider's network stands at its field, and the rest is kept", async ({
  page,
}) => {
  await openSettings(page, "many");
  const card = page.getByRole("article", { name: "OpenAI" });
  const more = card.getByRole("button", { name: "Parameters, headers and network" });
  await more.click();
  await card.getByText("This one", { exact: true }).click();
  const proxy = card.getByLabel("Address of the proxy");
  await proxy.fill("proxy:8080");
  await proxy.press("Enter");
  await expect(proxy).toHaveAttribute("aria-invalid", "true");
  await expect(proxy).toHaveAccessibleDescription(/socks5h:\/\/ and a host/);
  await card.getByLabel("Certificate authority").fill("not one");
  await card.getByLabel("Certificate authority").blur();
  await expect(card.getByLabel("Certificate authority")).toHaveAccessibleDescription(/not a certificate/);
  await card.getByRole("button", { name: "Add a header" }).click();
  await expect(card.getByLabel("Name of the header")).toBeFocused();
  await page.keyboard.type("Authorization");
  await page.keyboard.press("Tab");
  await page.keyboard.type("Bearer x");
  await page.keyboard.press("Enter");
  await expect(card.getByLabel("Name of the header")).toHaveAccessibleDescription(
    /Keys belong into the keyring/,
  );
  await card.getByLabel("Name of the header").fill("X-Team");
  await card.getByLabel("Name of the header").press("Enter");
  await expect(card.getByText("Keys belong into the keyring")).toHaveCount(0);
  await card.getByRole("textbox", { name: "For the connection" }).fill("3");
  await card.getByRole("textbox", { name: "For the connection" }).press("Enter");
  await proxy.fill("socks5h://127.0.0.1:1080");
  await proxy.press("Enter");
  await expect(proxy).toHaveAttribute("aria-invalid", "false");
  // Closed and opened again it shows what is kept: not the certificate.
  await more.click();
  await more.click();
  await expect(proxy).toHaveValue("socks5h://127.0.0.1:1080");
  await expect(card.getByLabel("Name of the header")).toHaveValue("X-Team");
  await expect(card.getByRole("textbox", { name: "For the connection" })).toHaveValue("3");
  await expect(card.getByLabel("Certificate authority")).toHaveValue("");
  const values = section(page, "values");
  await values.getByText("2. GPT-5.6", { exact: true }).click();
  await expect(values.locator("[data-setting=connect_ms]")).toContainText("3.0 s Provider OpenAI");
});

test("another profile changes what is in force, and a broken variable is pointed out", async ({ page }) => {
  await openSettings(page, "values");
  const values = section(page, "values");
  const value = (name: string) => values.locator(`[data-setting=${name}]`);
  await expect(values).toContainText("2 values need a look");
  await expect(value("top_p")).toContainText("LLM_TOP_P is “warm”");
  await expect(value("temperature")).toContainText("Environment LLM_DEFAULT_TEMPERATURE");
  await expect(value("reasoning_effort")).toContainText("Low Profile Draft");
  const profiles = section(page, "profiles");
  await profiles.getByRole("radio", { name: /^Careful/ }).check();
  await expect(value("reasoning_effort")).toContainText("High Profile Careful");
  await expect(value("max_tokens")).toContainText("the provider decides");
  await profiles.getByRole("button", { name: "Add a profile" }).click();
  await profiles.getByLabel("Name of the new profile").fill("Poems");
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Edit Poems" });
  await expect(dialog.getByLabel("Name", { exact: true })).toBeFocused();
  await dialog.locator("[data-parameter=max_tokens]").getByRole("textbox").fill("300");
  await dialog.getByRole("textbox", { name: "For the whole answer" }).fill("90");
  await page.keyboard.press("Escape");
  await expect(profiles.getByRole("radio", { name: /^Poems.*Longest answer 300/ })).not.toBeChecked();
  await profiles.getByRole("radio", { name: /^Poems/ }).check();
  await expect(value("max_tokens")).toContainText("300 Profile Poems");
  await expect(value("total_ms")).toContainText("1 min 30 s Profile Poems");
  await profiles.getByRole("button", { name: "Remove Poems" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await expect(profiles.getByRole("radio", { name: /^Balanced/ })).toBeChecked();
});

test("a model's own parameters say what goes before them", async ({ page }) => {
  await openSettings(page, "values");
  await section(page, "prices")
    .getByRole("button", { name: /^Claude Sonnet 5/ })
    .click();
  const dialog = page.getByRole("dialog", { name: "Claude Sonnet 5" });
  const row = (name: string) => dialog.locator(`[data-parameter=${name}]`);
  await row("temperature").getByRole("textbox").fill("0.3");
  await expect(row("temperature")).toContainText("Not used: 1.2 from LLM_DEFAULT_TEMPERATURE goes before");
  await row("max_tokens").getByRole("textbox").fill("99999");
  await expect(row("max_tokens")).toContainText("This model takes 1 to 32,000.");
  await row("max_tokens").getByRole("textbox").fill("500");
  await page.keyboard.press("Escape");
  await expect(section(page, "values").locator("[data-setting=max_tokens]")).toContainText(
    "500 Model Claude Sonnet 5",
  );
});

test("the embedding cache is emptied after a question", async ({ page }) => {
  await openSettings(page, "many");
  const data = section(page, "data");
  await expect(data).toContainText("76 % without a call");
  await expect(data).toContainText("8,190 vectors, 50 MB");
  await data.getByRole("button", { name: "Empty the cache" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Empty the cache" }).click();
  await expect(data).toContainText("nothing");
  await expect(data.getByRole("button", { name: "Empty the cache" })).toBeDisabled();
});
