import Brain from "@lucide/svelte/icons/brain";
import Eye from "@lucide/svelte/icons/eye";
import FileType from "@lucide/svelte/icons/file-type";
import Wrench from "@lucide/svelte/icons/wrench";
import type { Component } from "svelte";
import { lanes } from "../../shared/i18n/messages/lanes";
import type { Capability } from "./find";

export const CAPABILITY_ICONS: Record<Capability, Component> = {
  vision: Eye,
  pdf: FileType,
  tools: Wrench,
  reasoning: Brain,
};

export function capabilityWords(capability: Capability): string {
  const words = lanes();
  return {
    vision: words.seesImages,
    pdf: words.readsPdf,
    tools: words.callsTools,
    reasoning: words.reasons,
  }[capability];
}
