/** Exact secret values (API keys) that must never reach the disk. */
import { formsOf } from '../redaction/index.ts';

/** Shorter values are placeholders such as `none` or `ollama`: replacing them would only damage the trace. */
export const shortestSecret = 8;

const mark = '[redacted]';

const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);

/** The forms in which a value can stand in a text: as it is or encoded, inside JSON, and inside JSON inside JSON. */
function formsInText(secret: string): string[] {
  const once = inJson(secret);
  return [...formsOf(secret), once, inJson(once)];
}

export interface Redactor {
  text(text: string): string;
  /** Whether the JSON text of a value holds a secret in one of its strings. */
  finds(json: string): boolean;
  /** Redacts every string inside a plain JSON value, keys included. */
  value<T>(value: T): T;
}

export function createRedactor(secrets: readonly string[]): Redactor {
  const forms = [...new Set(secrets.filter((secret) => secret.length >= shortestSecret).flatMap(formsInText))];
  // Longest first, so that a secret which contains another one leaves no rest.
  forms.sort((a, b) => b.length - a.length);
  const formsInJson = [...new Set(forms.map(inJson))];

  const text = (input: string): string => {
    let output = input;
    for (const form of forms) if (output.includes(form)) output = output.replaceAll(form, mark);
    return output;
  };
  const deep = (value: unknown): unknown => {
    if (typeof value === 'string') return text(value);
    if (Array.isArray(value)) return value.map(deep);
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [text(key), deep(item)]));
    return value;
  };

  return {
    text,
    finds: (json) => formsInJson.some((form) => json.includes(form)),
    value: (value) => deep(value) as typeof value,
  };
}
