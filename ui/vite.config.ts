import { svelte } from "@sveltejs/vite-plugin-svelte";
import tailwindcss from "@tailwindcss/vite";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** The policy of the real window (tauri.conf.json), without its IPC addresses: what passes here passes there. */
const contentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'";

/**
 * The real window freezes `Object.prototype` (tauri.conf.json). ECharts assigns `constructor` to a plain object in one
 * place, which strict mode refuses there; defining it is the same and allowed. Fails the build when the place has moved.
 */
function frozenPrototype(): Plugin {
  const assigned = "target[name_1] = noop;";
  const defined =
    "Object.defineProperty(target, name_1, { value: noop, writable: true, enumerable: true, configurable: true });";
  return {
    name: "frozen-prototype",
    transform(code, id) {
      if (!id.includes("echarts/lib/core/Scheduler.js")) return undefined;
      if (!code.includes(assigned)) this.error("ECharts has changed: does it load with a frozen prototype?");
      return { code: code.replace(assigned, defined), map: null };
    },
  };
}

export default defineConfig(({ mode }) => ({
  plugins: [frozenPrototype(), tailwindcss(), svelte()],
  clearScreen: false,
  server: { port: 5173, strictPort: true, host: "127.0.0.1" },
  preview: {
    port: 4173,
    strictPort: true,
    host: "127.0.0.1",
    headers: { "content-security-policy": contentSecurityPolicy },
  },
  build: {
    target: "safari18",
    // `browser` holds the fake backend and is served to tests only: kept away from what the program embeds.
    outDir: mode === "browser" ? "node_modules/.browser-site" : "dist",
    emptyOutDir: true,
    // Fonts as files: the policy allows no data: fonts.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1200,
  },
  ...(process.env["VITEST"] === undefined ? {} : { resolve: { conditions: ["browser"] } }),
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.ts"],
    restoreMocks: true,
  },
}));
