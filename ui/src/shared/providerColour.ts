/** Which of the twelve provider colours stands for a provider: fixed for the well-known, else by its slug, for ever. */
const KNOWN: Record<string, number> = {
  anthropic: 1,
  openai: 4,
  gemini: 7,
  deepseek: 8,
  mistral: 2,
  groq: 0,
  xai: 11,
  openrouter: 9,
  ollama: 11,
  qwen: 9,
  together: 6,
  moonshot: 10,
  zai: 5,
  lmstudio: 6,
  demo: 5,
};

export const PROVIDER_HUES = 12;

export function providerHue(provider: string): number {
  const known = KNOWN[provider];
  if (known !== undefined) return known;
  let hash = 7;
  for (const character of provider) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 9973;
  return hash % PROVIDER_HUES;
}
