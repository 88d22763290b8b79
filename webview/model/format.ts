/** Times, lengths and amounts in few characters. `now` is always a parameter. All times are milliseconds. */

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** `6:12`, `1:04:09`: a running length. */
export function runningTimeText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (n: number): string => String(n).padStart(2, '0');
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** `0.3 s`, `7 min`, `2 h 5 min`, `3 d`: a finished length. It does not break between number and unit. */
export function durationText(ms: number): string {
  if (ms < 1000) return `${(ms / 1000).toFixed(1)}\u00a0s`;
  if (ms < minute) return `${Math.round(ms / 1000)}\u00a0s`;
  if (ms < hour) return `${Math.round(ms / minute)}\u00a0min`;
  if (ms >= 2 * day) return `${Math.round(ms / day)}\u00a0d`;
  const minutes = Math.round((ms % hour) / minute);
  const hours = `${Math.floor(ms / hour)}\u00a0h`;
  return minutes === 0 ? hours : `${hours} ${minutes}\u00a0min`;
}

/** `980`, `38k`, `1.2M`. */
export function countText(n: number): string {
  if (n < 1000) return String(n);
  if (n < 100_000) return `${(n / 1000).toFixed(n < 10_000 ? 1 : 0).replace(/\.0$/, '')}k`;
  if (n < 1_000_000) return `${Math.round(n / 1000)}k`;
  return `${(n / 1_000_000).toFixed(1).replace(/\.0$/, '')}M`;
}

/** `1.4 MB` for a number of characters or bytes. */
export function sizeText(n: number): string {
  if (n < 1024) return `${n} B`;
  if (n < 1024 * 1024) return `${Math.round(n / 1024)} KB`;
  return `${(n / 1024 / 1024).toFixed(1)} MB`;
}

export function isSameDay(a: number, b: number): boolean {
  return new Date(a).toDateString() === new Date(b).toDateString();
}

/** Formats points in time for one language; the formatters are slow to make, so they are made once. */
export class TimeFormat {
  readonly #time: Intl.DateTimeFormat;
  readonly #date: Intl.DateTimeFormat;
  readonly #full: Intl.DateTimeFormat;
  readonly #relative: Intl.RelativeTimeFormat;

  constructor(locale: string) {
    const known = Intl.DateTimeFormat.supportedLocalesOf([locale.replaceAll('_', '-')]);
    const use = known.length > 0 ? known : undefined;
    this.#time = new Intl.DateTimeFormat(use, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
    this.#date = new Intl.DateTimeFormat(use, { day: 'numeric', month: 'short' });
    this.#full = new Intl.DateTimeFormat(use, { dateStyle: 'medium', timeStyle: 'medium' });
    this.#relative = new Intl.RelativeTimeFormat(use, { numeric: 'auto' });
  }

  /** `14:28`. */
  time(at: number): string {
    return this.#time.format(at);
  }

  /** `14:28` today, `yesterday`, `3 days ago` within a week, else `12 Mar`. */
  when(at: number, now: number): string {
    if (isSameDay(at, now)) return this.time(at);
    const start = (t: number): number => new Date(t).setHours(0, 0, 0, 0);
    const days = Math.round((start(at) - start(now)) / day);
    return days < 0 && days > -7 ? this.#relative.format(days, 'day') : this.#date.format(at);
  }

  /** The whole date and time, for tool tips. */
  full(at: number): string {
    return this.#full.format(at);
  }
}
