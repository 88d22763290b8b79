/** Finds secrets in texts: values this machine knows, and shapes that are tokens and hardly anything else. Pure. */
import { secretForms, secretMark } from '../base/redact.ts';

/** What was found and where; never the value. */
export interface FoundSecret {
  readonly what: string;
  readonly line: number;
}

/** Each shape ends where its token ends; those with context have the token in group 1. */
const shapes: readonly (readonly [string, RegExp])[] = [
  ['an AWS access key', /(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Za-z0-9])/g],
  ['an AWS secret key', /aws_?(?:secret_?)?(?:access_?)?key["']?\s{0,3}[=:]\s{0,3}["']?([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])/gi],
  [
    'a GitHub token',
    /(?<![A-Za-z0-9])gh[pousr]_[A-Za-z0-9]{36,251}(?![A-Za-z0-9])|(?<![A-Za-z0-9])github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}(?![A-Za-z0-9])/g,
  ],
  ['a GitLab token', /(?<![A-Za-z0-9])glpat-[A-Za-z0-9_-]{20,100}(?![A-Za-z0-9])/g],
  ['an npm token', /(?<![A-Za-z0-9])npm_[A-Za-z0-9]{36}(?![A-Za-z0-9])/g],
  ['a PyPI token', /(?<![A-Za-z0-9])pypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,300}/g],
  [
    'a Slack token',
    /(?<![A-Za-z0-9])xox[abeoprs]-(?:[0-9]{6,}-){1,3}[A-Za-z0-9-]{16,100}(?![A-Za-z0-9])|(?<![A-Za-z0-9])xapp-\d-[A-Z0-9]{8,}-\d{6,}-[a-f0-9]{32,}(?![A-Za-z0-9])/g,
  ],
  ['a Slack webhook', /hooks\.slack\.com\/(?:services|workflows)\/(T[A-Z0-9]{6,}\/B[A-Z0-9]{6,}\/[A-Za-z0-9]{20,})/g],
  ['a Stripe key', /(?<![A-Za-z0-9])[sr]k_live_[A-Za-z0-9]{20,250}(?![A-Za-z0-9])/g],
  ['a Google API key', /(?<![A-Za-z0-9])AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])/g],
  ['a Google client secret', /(?<![A-Za-z0-9])GOCSPX-[A-Za-z0-9_-]{28}(?![A-Za-z0-9_-])/g],
  ['an Anthropic key', /(?<![A-Za-z0-9])sk-ant-[a-z]{3,6}\d\d-[A-Za-z0-9_-]{80,120}(?![A-Za-z0-9_-])/g],
  ['an OpenAI key', /(?<![A-Za-z0-9])sk-(?:[a-z]{4,10}-)?[A-Za-z0-9_-]{20,80}T3BlbkFJ[A-Za-z0-9_-]{20,80}(?![A-Za-z0-9_-])/g],
  ['a Hugging Face token', /(?<![A-Za-z0-9])hf_[A-Za-z]{34}(?![A-Za-z0-9])/g],
  ['a SendGrid key', /(?<![A-Za-z0-9])SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])/g],
  ['a DigitalOcean token', /(?<![A-Za-z0-9])do[opr]_v1_[a-f0-9]{64}(?![A-Za-z0-9])/g],
  ['an Azure storage key', /AccountKey=([A-Za-z0-9+/]{86}==)/g],
  [
    'a private key',
    /-----BEGIN (?:[A-Z]{2,10} )?PRIVATE KEY(?: BLOCK)?-----(?:\\r|\\n|\s|["'+,]){1,40}((?:[A-Za-z0-9+/=]|\\r|\\n|[\r\n]){64,200})/g,
  ],
  [
    'a signed token (JWT)',
    /(?<![A-Za-z0-9])eyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{27,1000}(?![A-Za-z0-9_-])/g,
  ],
];

/** A word in it that no generator makes, or too few different characters, tells a placeholder. */
function isPlaceholder(token: string): boolean {
  return /example|placeholder|x{6}|0{8}|1234567890|abcdefgh|your[-_]/i.test(token) || new Set(token).size < 10;
}

/** A JWT that anybody can read as one; the sample of its own web site is in half of all test suites. */
function isJwt(token: string): boolean {
  try {
    const [header, payload] = token.split('.').map((part) => Buffer.from(part, 'base64url').toString('utf8'));
    const alg = (JSON.parse(header ?? '') as { alg?: unknown }).alg;
    const { sub } = JSON.parse(payload ?? '') as { sub?: unknown };
    return typeof alg === 'string' && alg !== 'none' && sub !== '1234567890';
  } catch {
    return false;
  }
}

interface Hit {
  readonly what: string;
  readonly at: number;
  readonly token: string;
}

function* shapedTokens(text: string): Generator<Hit> {
  for (const [what, shape] of shapes)
    for (const match of text.matchAll(shape)) {
      const token = match[1] ?? match[0];
      if (isPlaceholder(token) || (what.endsWith('(JWT)') && !isJwt(token))) continue;
      yield { what, at: match.index, token };
    }
}

/** Shorter values are ordinary words too often. */
const shortestKnown = 8;

export class SecretFinder {
  readonly #known: readonly string[];

  /** `known` are values that must not leave this machine. */
  constructor(known: readonly string[]) {
    this.#known = secretForms(known.filter((value) => value.length >= shortestKnown));
  }

  /** The text with every secret in it taken out. */
  conceal(text: string): string {
    const found = [...this.#known.filter((form) => text.includes(form)), ...[...shapedTokens(text)].map(({ token }) => token)];
    return found.reduce((left, token) => left.replaceAll(token, secretMark), text);
  }

  /** The first secret in `text` that is not in `before` already. */
  find(text: string, before = ''): FoundSecret | null {
    const hit = this.#known
      .map((form) => ({ what: 'a secret that is bound on this machine', at: text.indexOf(form), token: form }))
      .find(({ at }) => at >= 0);
    const found = hit ?? [...shapedTokens(text)].find(({ token }) => !before.includes(token));
    return found ? { what: found.what, line: lineOf(text, found.at) } : null;
  }
}

function lineOf(text: string, at: number): number {
  let line = 1;
  for (let next = text.indexOf('\n'); next >= 0 && next < at; next = text.indexOf('\n', next + 1)) line += 1;
  return line;
}
