import { defineConfig } from "@playwright/test";

/** Debian's and Ubuntu's Chromium; CHROMIUM names another. */
const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
const PORT = 4173;

export default defineConfig({
  testDir: "journeys",
  outputDir: "test-results",
  timeout: 30_000,
  fullyParallel: true,
  workers: 2,
  forbidOnly: process.env["CI"] !== undefined,
  // Two browsers on two busy cores: a journey that fails by its clock alone gets a second chance there.
  retries: process.env["CI"] === undefined ? 0 : 1,
  reporter: [["list"]],
  use: {
    baseURL: `http://127.0.0.1:${PORT}`,
    viewport: { width: 1440, height: 900 },
    screenshot: "only-on-failure",
    trace: "retain-on-failure",
    launchOptions: {
      executablePath,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
  // The built page under the policy of the real window, with the fake host in it.
  webServer: {
    command: `npx vite build --mode browser --logLevel warn && npx vite preview --mode browser --port ${PORT}`,
    url: `http://127.0.0.1:${PORT}`,
    reuseExistingServer: false,
    timeout: 120_000,
  },
});
