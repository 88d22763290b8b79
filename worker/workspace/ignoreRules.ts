/** What a change of an ignore file brings to light, judged by names that secrets usually have. Pure. */

const secretNames = `
  .env .env.local .env.production config/.env id_rsa id_ed25519 .ssh/id_rsa key.pem certs/key.pem server.key release.keystore app.jks cert.p12 cert.pfx
  secrets.json secrets.yml secrets.yaml secret.txt secrets/token credentials credentials.json .aws/credentials config/credentials.yml service-account.json
  .npmrc .netrc .pypirc .git-credentials .htpasswd kubeconfig .kube/config terraform.tfstate terraform.tfvars local.settings.json master.key
  config/master.key token.json auth.json passwords.txt .vault_pass private/key wp-config.php local.properties`
  .trim()
  .split(/\s+/u);

interface Rule {
  readonly fits: RegExp;
  readonly ignores: boolean;
}

function ruleOf(line: string): Rule | null {
  const text = line.replace(/(?<!\\)\s+$/u, '');
  if (text === '' || text.startsWith('#')) return null;
  const ignores = !text.startsWith('!');
  const pattern = (ignores ? text : text.slice(1)).replace(/\/$/u, '');
  const anchored = pattern.includes('/');
  const body = pattern
    .replace(/^\//u, '')
    .replaceAll(/[.+^$()|{}]/gu, String.raw`\$&`)
    .replaceAll(/\*\*\/|\*\*|\*|\?/gu, (wild) => ({ '**/': '(?:.*/)?', '**': '.*', '*': '[^/]*' })[wild] ?? '[^/]');
  try {
    return { fits: new RegExp(`${anchored ? '^' : '(?:^|/)'}${body}(?:/|$)`, 'u'), ignores };
  } catch {
    // A class of characters that git would not take either.
    return null;
  }
}

/** The names that are ignored once a file's rules were read; `first`: whether they were before. */
function ignored(rules: string, first: boolean): Set<string> {
  const all = rules.split('\n').flatMap((line) => ruleOf(line) ?? []);
  return new Set(secretNames.filter((name) => all.findLast((rule) => rule.fits.test(name))?.ignores ?? first));
}

/** Why an ignore file's change may bring a secret to light, or null. Rules above it may have ignored everything, or nothing. */
export function uncovers(before: string, after: string): string | null {
  for (const first of [false, true]) {
    const now = ignored(after, first);
    const shown = [...ignored(before, first)].find((name) => !now.has(name));
    if (shown !== undefined) return `no longer leaves out files like ${shown}`;
  }
  return null;
}
