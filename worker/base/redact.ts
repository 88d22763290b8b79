/** Takes known secret values out of what is about to be written or sent. */

export const secretMark = '[secret]';
/** Shorter values would also hit ordinary words. */
const shortest = 6;

/** The forms secrets travel in, longest first: plain, URL-encoded and base64. */
export function secretForms(secrets: readonly string[]): string[] {
  const forms = secrets
    .filter((secret) => secret.length >= shortest)
    .flatMap((secret) => [secret, encodeURIComponent(secret), Buffer.from(secret, 'utf8').toString('base64').replace(/=+$/, '')]);
  return [...new Set(forms)].sort((a, b) => b.length - a.length);
}

/** A function that replaces every known secret in all texts of a JSON value, in every form. */
export function redactor(secrets: readonly string[]): <T>(value: T) => T {
  const longestFirst = secretForms(secrets);
  const clean = (value: unknown): unknown => {
    if (typeof value === 'string') return longestFirst.reduce((text, secret) => text.replaceAll(secret, secretMark), value);
    if (Array.isArray(value)) return value.map(clean);
    if (value !== null && typeof value === 'object')
      return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, clean(entry)]));
    return value;
  };
  return longestFirst.length === 0 ? (value) => value : (value) => clean(value) as typeof value;
}
