/** The words of the rules' file format that are chosen from a fixed set. */
export const TASKS = [
  "code",
  "creative",
  "analysis",
  "translation",
  "conversation",
  "long_context",
  "multimodal",
] as const;
export const COMPLEXITIES = ["simple", "moderate", "complex"] as const;
export const ATTACHMENTS = ["image", "pdf", "audio", "text", "any", "none"] as const;
export const WEEKDAYS = [
  "monday",
  "tuesday",
  "wednesday",
  "thursday",
  "friday",
  "saturday",
  "sunday",
] as const;
export const PRIORITIES = ["cost", "speed", "quality"] as const;
export const STRATEGIES = ["task_based", "cost_optimised", "performance_optimised", "balanced"] as const;
