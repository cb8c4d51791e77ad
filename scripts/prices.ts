/**
 * Writes src/models/prices.json from `@pydantic/genai-prices`: chat models only, USD per million tokens. Run it after updating the
 * package: `node scripts/prices.ts`.
 *
 * Prices that depend on the time of day are taken at their highest, those from a date on when the date has passed; prices in tiers at
 * their base.
 */
import { writeFileSync } from 'node:fs';
import { type MatchLogic, type ModelInfo, type ModelPrice, type Provider, waitForUpdate } from '@pydantic/genai-prices';
import type { PriceTable } from '../src/models/prices.ts';

const day = new Date().toISOString().slice(0, 10);

function applicable(prices: ModelInfo['prices']): ModelPrice {
  if (!Array.isArray(prices)) return prices;
  const dated = prices.filter(({ constraint }) => constraint?.type === 'start_date' && constraint.start_date <= day);
  const latest = dated.at(-1);
  if (latest !== undefined) return latest.prices;
  const always = prices.filter(({ constraint }) => constraint?.type !== 'start_date');
  const names = new Set(always.flatMap((entry) => Object.keys(entry.prices)));
  return Object.fromEntries([...names].map((name) => [name, Math.max(...always.map((entry) => base(entry.prices[name]) ?? 0))]));
}

const base = (price: ModelPrice[string]): number | undefined => (typeof price === 'object' ? price.base : price);

/** `=exact ^start $end *part ~pattern`, separated by blanks; any one of them matches. */
function compact(match: MatchLogic): string {
  if ('or' in match) return match.or.map(compact).join(' ');
  if ('and' in match) return match.and.map(compact)[0] ?? '';
  if ('equals' in match) return `=${match.equals.toLowerCase()}`;
  if ('starts_with' in match) return `^${match.starts_with.toLowerCase()}`;
  if ('ends_with' in match) return `$${match.ends_with.toLowerCase()}`;
  if ('contains' in match) return `*${match.contains.toLowerCase()}`;
  return `~${match.regex}`;
}

const round = (usd: number): number => Number(usd.toPrecision(6));

function rows(provider: Provider): PriceTable['providers'][string]['models'] {
  return provider.models.flatMap((model) => {
    const prices = applicable(model.prices);
    const input = base(prices.input_mtok);
    const output = base(prices.output_mtok);
    const match = compact(model.match);
    if (input === undefined || output === undefined || match === '') return [];
    const cached = base(prices.cache_read_mtok);
    return [cached === undefined ? [match, round(input), round(output)] : [match, round(input), round(output), round(cached)]];
  });
}

const all = await waitForUpdate();
if (all === null) throw new Error('the price package holds no data');
const providers: Record<string, PriceTable['providers'][string]> = {};
for (const provider of all) {
  const models = rows(provider);
  if (models.length === 0) continue;
  const fallback = provider.fallback_model_providers;
  providers[provider.id] = { address: provider.api_pattern, ...(fallback?.length ? { fallback } : {}), models };
}
const lines = Object.entries(providers).map(([id, provider]) => `${JSON.stringify(id)}:${JSON.stringify(provider)}`);
writeFileSync(new URL('../src/models/prices.json', import.meta.url), `{"day":"${day}","providers":{\n${lines.join(',\n')}\n}}\n`);
console.log(`${lines.length} providers, ${Object.values(providers).reduce((sum, { models }) => sum + models.length, 0)} models`);
