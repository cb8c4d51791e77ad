/** How amounts are said to people: one set of rules for every screen, in the user's language. */

export interface Numbers {
  /** `950`, `12.3K`, `1.2M`, `∞`: tokens, calls and other counts. */
  readonly count: (value: number) => string;
  /** `1,234,567`: every digit. */
  readonly whole: (value: number) => string;
  /** US dollars; small sums keep the digits that say something: `$0`, `$0.0042`, `$1.20`. */
  readonly money: (usd: number) => string;
  /** From milliseconds: `350 ms`, `4.2 sec`, `3 min 20 sec`, `2 hr 5 min`. */
  readonly span: (ms: number) => string;
  /** `850 byte`, `1.1 GB`: a kilobyte is 1,000 bytes. */
  readonly bytes: (count: number) => string;
  /** From a share: `42%`. */
  readonly percent: (share: number) => string;
  /** With at most two digits after the point; never `-0`. */
  readonly score: (value: number) => string;
}

const byteUnits = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

const made = new Map<string, Numbers>();

/** `locale`: BCP 47. The formatters are made once for each language, because making them costs more than using them. */
export function numbersIn(locale: string): Numbers {
  const known = made.get(locale);
  if (known !== undefined) return known;
  const numbers = create(locale);
  made.set(locale, numbers);
  return numbers;
}

/** For text that is English everywhere: the command line, traces, the designer's prompts. */
export const englishNumbers: Numbers = numbersIn('en-US');

/** `3–9`, or one amount when both are said alike. */
export function rangeText(least: number, most: number, say: (value: number) => string): string {
  const [low, high] = [say(least), say(most)];
  return low === high ? high : `${low}–${high}`;
}

/** English: `1 call`, `3 calls`. */
export const counted = (value: number, noun: string): string => `${value} ${noun}${value === 1 ? '' : 's'}`;

function create(locale: string): Numbers {
  const format = (options: Intl.NumberFormatOptions): ((value: number) => string) => {
    let formatter: Intl.NumberFormat | undefined;
    return (value) => {
      formatter ??= new Intl.NumberFormat(locale, options);
      return formatter.format(value);
    };
  };
  const unit = (name: string, digits = 0): ((value: number) => string) =>
    format({ style: 'unit', unit: name, unitDisplay: 'short', maximumFractionDigits: digits });
  const dollars = (digits: number, least = digits): ((value: number) => string) =>
    format({ style: 'currency', currency: 'USD', minimumFractionDigits: least, maximumFractionDigits: digits });

  const whole = format({ maximumFractionDigits: 0 });
  const compact = format({ notation: 'compact', maximumFractionDigits: 1 });
  const [noMoney, cents, smallMoney] = [dollars(0), dollars(2), dollars(4, 2)];
  const [milliseconds, tenths, seconds, minutes, hours] = [
    unit('millisecond'),
    unit('second', 1),
    unit('second'),
    unit('minute'),
    unit('hour'),
  ];
  const bytes = byteUnits.map((name) => [unit(name), unit(name, 1)] as const);

  return {
    count: (value) => (Number.isFinite(value) ? (Math.abs(value) < 1000 ? whole(value) : compact(value)) : '∞'),
    whole,
    money: (usd) => {
      if (usd === 0) return noMoney(0);
      if (usd < 0.0001) return `<${smallMoney(0.0001)}`;
      return usd < 0.1 ? smallMoney(usd) : cents(usd);
    },
    span: (ms) => {
      if (ms < 999.5) return milliseconds(ms);
      if (ms < 9950) return tenths(ms / 1000);
      const all = Math.round(ms / 1000);
      if (all < 60) return seconds(all);
      const [large, small, rest] =
        all < 3600
          ? [minutes(Math.floor(all / 60)), seconds, all % 60]
          : [hours(Math.floor(Math.round(all / 60) / 60)), minutes, Math.round(all / 60) % 60];
      return rest === 0 ? large : `${large} ${small(rest)}`;
    },
    bytes: (count) => {
      let value = count;
      let at = 0;
      while (value >= 999.5 && at < bytes.length - 1) {
        value /= 1000;
        at += 1;
      }
      const [rounded, exact] = bytes[at] as (typeof bytes)[number];
      return at === 0 || value >= 99.5 ? rounded(value) : exact(value);
    },
    percent: format({ style: 'percent', maximumFractionDigits: 0 }),
    score: format({ maximumFractionDigits: 2, signDisplay: 'negative' }),
  };
}
