/** Numbers for people. Pure, and the same in every locale. */

/** `950`, `12.3k`, `1.2M`. */
export function tokens(count: number): string {
  if (count < 1000) return String(Math.round(count));
  if (count < 999_950) return `${trim((count / 1000).toFixed(count < 99_950 ? 1 : 0))}k`;
  return `${trim((count / 1_000_000).toFixed(1))}M`;
}

/** `$0`, `$0.0042`, `$1.20`. */
export function usd(amount: number): string {
  if (amount === 0) return '$0';
  if (amount < 0.0001) return '<$0.0001';
  return amount < 0.1 ? `$${trim(amount.toFixed(4))}` : `$${amount.toFixed(2)}`;
}

/** `0.4 s`, `42 s`, `3 min 5 s`, `2 h 10 min`. */
export function seconds(value: number): string {
  if (value < 9.95) return `${value.toFixed(1)} s`;
  const whole = Math.round(value);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return whole % 60 === 0 ? `${whole / 60} min` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(whole / 60);
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `850 B`, `1.1 GB`, in decimal units. */
export function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = count;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 99.5 ? Math.round(value) : trim(value.toFixed(1))} ${units[unit]}`;
}

/** `1 call`, `3 calls`. */
export const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;

/** `███████░░░`: a share from 0 to 1 on so many columns. */
export function bar(share: number, columns: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * columns);
  return '█'.repeat(full) + '░'.repeat(columns - full);
}

const trim = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);
