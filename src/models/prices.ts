/**
 * What a call costs. The table is a snapshot (scripts/prices.ts), a file of data beside the code and beside the bundles; the user's overrides
 * come first, this machine is free.
 */
import { readFileSync } from 'node:fs';
import type { Price, Usage } from './types.ts';

export interface PriceTable {
  /** When the snapshot was taken. */
  readonly day: string;
  readonly providers: Readonly<
    Record<
      string,
      {
        /** Regular expression on the base URL. */
        readonly address: string;
        /** Providers whose models this one sells too. */
        readonly fallback?: readonly string[];
        /** `[match, input, output, cached input]`, USD per million tokens. */
        readonly models: readonly (readonly [string, number, number, number?] | readonly (string | number)[])[];
      }
    >
  >;
}

/** USD per million tokens, by model name (exact, or a beginning followed by `*`). */
export type PriceOverrides = Readonly<Record<string, { readonly input: number; readonly output: number; readonly cachedInput?: number }>>;

const free: Price = { input: 0, cachedInput: 0, output: 0, known: true };
const unknown: Price = { ...free, known: false };

/** Names of endpoints that run on this machine, for callers that have no address. */
const localNames = new Set(['embedded', 'ollama', 'lm-studio', 'llama-server', 'vllm', 'recorded']);

/**
 * The price of a model at an endpoint (its base URL, or the name of a local server). Loopback is free, unless an override says that a
 * paid proxy stands there. Zero with `known: false` when nobody knows.
 */
export function priceOf(endpoint: string, model: string, overrides: PriceOverrides = {}, table?: PriceTable): Price {
  const own = overrideOf(model, overrides);
  if (own !== undefined) return { input: own.input, output: own.output, cachedInput: own.cachedInput ?? own.input, known: true };
  if (isLocal(endpoint)) return free;
  const { providers } = table ?? snapshot();
  const provider = Object.values(providers).find(({ address }) => new RegExp(`^(?:${address})`).test(endpoint));
  if (provider === undefined) return unknown;
  for (const candidate of [provider, ...(provider.fallback ?? []).map((id) => providers[id])]) {
    const row = candidate?.models.find(([match]) => matches(String(match), model.toLowerCase()));
    if (row === undefined) continue;
    const [, input, output, cached] = row as [string, number, number, number?];
    return { input, output, cachedInput: cached ?? input, known: true };
  }
  return unknown;
}

let read: PriceTable | undefined;
function snapshot(): PriceTable {
  read ??= JSON.parse(readFileSync(new URL('./prices.json', import.meta.url), 'utf8')) as PriceTable;
  return read;
}

/** USD. Cached input is part of the input and has its own price. */
export function costOf(usage: Usage, price: Price): number {
  const cached = Math.min(usage.cachedInputTokens, usage.inputTokens);
  return ((usage.inputTokens - cached) * price.input + cached * price.cachedInput + usage.outputTokens * price.output) / 1_000_000;
}

function overrideOf(model: string, overrides: PriceOverrides): PriceOverrides[string] | undefined {
  if (Object.hasOwn(overrides, model)) return overrides[model];
  const beginnings = Object.keys(overrides).filter((name) => name.endsWith('*') && model.startsWith(name.slice(0, -1)));
  const longest = beginnings.sort((a, b) => b.length - a.length)[0];
  return longest === undefined ? undefined : overrides[longest];
}

/** Whether an endpoint (base URL or name) runs on this machine. */
export function isLocal(endpoint: string): boolean {
  if (localNames.has(endpoint)) return true;
  return URL.canParse(endpoint) && isLoopbackHost(new URL(endpoint).hostname);
}

export function isLoopbackHost(hostname: string): boolean {
  return hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

function matches(match: string, model: string): boolean {
  return match.split(' ').some((part) => {
    const text = part.slice(1);
    switch (part[0]) {
      case '=':
        return model === text;
      case '^':
        return model.startsWith(text);
      case '$':
        return model.endsWith(text);
      case '*':
        return model.includes(text);
      default:
        return new RegExp(text, 'i').test(model);
    }
  });
}
