import { words } from './language.ts';

const whole = new Intl.NumberFormat(words.code, { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat(words.code, { notation: 'compact', maximumFractionDigits: 1 });
const oneDigit = new Intl.NumberFormat(words.code, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const percent = new Intl.NumberFormat(words.code, { style: 'percent' });
const moment = new Intl.DateTimeFormat(words.code, { dateStyle: 'medium', timeStyle: 'short' });

export const toCount = (count: number): string => whole.format(count);

/** "128K", "1M". */
export const toShortCount = (count: number): string => short.format(count);

/** "310 ms", "2.1 s", "4 min". */
export function toDuration(ms: number): string {
  if (ms < 1000) return `${whole.format(ms)} ms`;
  return ms < 100_000 ? `${oneDigit.format(ms / 1000)} s` : `${whole.format(ms / 60_000)} min`;
}

/** "$2.50"; for parts of a cent as many digits as distinguish two amounts: "$0.00101". */
export function toPrice(amount: number, currency = 'USD'): string {
  const digits = amount === 0 || amount >= 0.01 ? 2 : 2 - Math.floor(Math.log10(amount));
  return new Intl.NumberFormat(words.code, {
    style: 'currency',
    currency,
    currencyDisplay: 'narrowSymbol',
    minimumFractionDigits: Math.min(digits, 2),
    maximumFractionDigits: Math.min(Math.max(digits, 3), 20),
  }).format(amount);
}

/** "45 %". */
export const toPercent = (share: number): string => percent.format(share);

export const toMoment = (iso: string): string => moment.format(new Date(iso));
