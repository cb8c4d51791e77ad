/** How strong a model probably is, from its name alone. A guess that decides the form of the prompts; users can override it. */

/** Up to this many billion parameters a model gets the one-shot form. */
const weakUpTo = 8;
/** Families that are large wherever they are served and whose names carry no size. */
const largeFamilies =
  /^(gpt-[3-9]|chatgpt|codex|o[134]\b|claude|gemini|grok|deepseek-(chat|reasoner|coder-v2|v\d|r\d)|mistral-(large|medium)|codestral|devstral|magistral|command-[ar]|kimi|glm-\d|minimax|qwen-?(max|plus|\d*-?coder-plus)|llama-?4|composer)/;
const smallHints = /(^|[-_:.])(nano|tiny|mini-?lm|smol\w*|lite)([-_:.]|$)/;

export function strengthOf(model: string): 'weak' | 'strong' {
  const billions = parametersOf(model);
  if (billions !== undefined) return billions <= weakUpTo ? 'weak' : 'strong';
  const name = baseName(model);
  if (smallHints.test(name)) return 'weak';
  return largeFamilies.test(name) ? 'strong' : 'weak';
}

/** Billions of parameters named in a model's name: `qwen2.5-coder-1.5b`, `mixtral-8x7b` (56), `qwen3:30b-a3b` (30, the total). */
export function parametersOf(model: string): number | undefined {
  const sizes = [...baseName(model).matchAll(/(?<![a-z0-9.])(?:(\d{1,2})x)?(\d{1,4}(?:\.\d{1,3})?)([bm])(?![a-z0-9])/g)];
  if (sizes.length === 0) return undefined;
  return Math.max(...sizes.map(([, times, number, unit]) => (Number(times ?? 1) * Number(number)) / (unit === 'm' ? 1000 : 1)));
}

/** `org/Model-Name.gguf` and `models/x` are about the last part. */
const baseName = (model: string): string => (model.toLowerCase().split(/[/\\]/).at(-1) ?? '').replace(/\.gguf$/, '');
