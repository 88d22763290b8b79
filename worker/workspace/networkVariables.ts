/** The person's way to the network, as their environment names it: proxies, and the authorities they trust beside the usual ones. */

const eitherCase = (names: readonly string[]): string[] => names.flatMap((name) => [name, name.toLowerCase()]);

export const proxyVariables: readonly string[] = eitherCase(['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY']);

/** Each names a file of certificates. */
export const certificateFiles = [
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'CURL_CA_BUNDLE',
  'REQUESTS_CA_BUNDLE',
  'PIP_CERT',
  'GIT_SSL_CAINFO',
  'AWS_CA_BUNDLE',
  'CARGO_HTTP_CAINFO',
  'CODEX_CA_CERTIFICATE',
  'DENO_CERT',
  'NIX_SSL_CERT_FILE',
  'NPM_CONFIG_CAFILE',
  'npm_config_cafile',
  'YARN_HTTPS_CA_FILE_PATH',
  'BUNDLE_SSL_CA_CERT',
  'COMPOSER_CAFILE',
  'CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE',
] as const;
/** Each names folders of them, as a list like PATH. */
export const certificateFolders = ['SSL_CERT_DIR', 'GIT_SSL_CAPATH'] as const;

export const certificateVariables: readonly string[] = [...certificateFiles, ...certificateFolders];

/** Those of these variables that are set. */
export function setVariables(names: readonly string[], env: NodeJS.ProcessEnv = process.env): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
}

/**
 * The person's proxies in the form every program here reads: one for all kinds stands for those that have none of their own,
 * where it is one that speaks HTTP.
 */
export function proxiesOf(env: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const either = (name: string): string | undefined => env[name] || env[name.toLowerCase()] || undefined;
  const all = either('ALL_PROXY');
  const forAll = all !== undefined && /^(?:https?:\/\/|(?![a-z][a-z\d+.-]*:\/\/))/iu.test(all) ? all : undefined;
  const filled = { HTTP_PROXY: either('HTTP_PROXY') ?? forAll, HTTPS_PROXY: either('HTTPS_PROXY') ?? forAll };
  return { ...setVariables(proxyVariables, env), ...setVariables(Object.keys(filled), filled) };
}
