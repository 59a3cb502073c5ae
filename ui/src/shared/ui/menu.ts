import type { Component } from "svelte";

export interface MenuItem {
  label: string;
  icon: Component;
  run: () => void;
  keys?: string;
  disabled?: boolean;
  danger?: boolean;
}

/** A command, or a line between groups of them. */
export type MenuEntry = MenuItem | "line";
