/** What of the disk, outside homes and temp folders, programs need to run and to build. Nothing else of it is open. */
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import path from 'node:path';

/** Folders of `/` that hold programs, libraries and what the kernel shows. */
const programFolders: ReadonlySet<string> = new Set([
  ...['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32', 'usr', 'nix', 'gnu'],
  ...['dev', 'proc', 'sys', 'etc'],
]);
/** Parts of other folders: fonts, formats and libraries that distributions keep there. */
const otherParts = [
  '/var/cache/fontconfig',
  '/var/lib/ca-certificates',
  '/var/lib/gems',
  '/var/lib/ghc',
  '/var/lib/texmf',
  '/var/lib/dictionaries-common',
  '/run/current-system',
  '/opt/homebrew',
  '/opt/hostedtoolcache',
] as const;
/** Settings of programs that programs below are started with: no keys, no accounts, no services. */
const settings: ReadonlySet<string> = new Set([
  ...['alternatives', 'bash.bashrc', 'bash_completion.d', 'ca-certificates', 'ca-certificates.conf', 'chromium', 'chromium.d'],
  ...['crypto-policies', 'debian_version', 'dconf', 'default', 'environment', 'ethertypes', 'fonts', 'gai.conf', 'gitattributes'],
  ...['glvnd', 'groff', 'group', 'gtk-2.0', 'gtk-3.0', 'host.conf', 'hostname', 'hosts', 'inputrc', 'issue', 'java', 'ld.so.cache'],
  ...['ld.so.conf', 'ld.so.conf.d', 'libaudit.conf', 'locale.alias', 'locale.conf', 'locale.gen', 'localtime', 'lsb-release', 'magic'],
  ...['magic.mime', 'manpath.config', 'mime.types', 'netconfig', 'networks', 'nsswitch.conf', 'nix', 'OpenCL', 'openal', 'os-release'],
  ...['passwd', 'perl', 'pki', 'profile', 'profile.d', 'protocols', 'pulse', 'R', 'redhat-release', 'resolv.conf', 'rpc', 'rpm'],
  ...['sgml', 'services', 'shells', 'skel', 'ssl', 'static', 'terminfo', 'texmf', 'timezone', 'vim', 'vulkan', 'X11', 'xdg', 'xml'],
]);
/** Names that carry a version or a vendor: `python3.11`, `java-17-openjdk`. */
const versioned = /^(?:python|java|ruby|php|lua|ghc|emacs|maven|gradle|ImageMagick|erlang|elixir|mono|dotnet|scala|octave|julia)[-.\w]*$/u;
/** Keys among them. */
export const closedParts = [
  '/etc/ssl/private',
  '/etc/pki/tls/private',
  '/etc/pki/consumer',
  '/etc/pki/entitlement',
  '/etc/pki/rpm-gpg/private',
  '/usr/etc/npmrc',
  '/usr/local/etc',
] as const;

/** Folders and files of `/` that are closed as a whole. */
export function closedPlacesOfSystem(): string[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/', { withFileTypes: true })
    .filter((entry) => (entry.isDirectory() || entry.isFile()) && !programFolders.has(entry.name))
    .map((entry) => `/${entry.name}`);
}

/** What is open again inside them: known parts, and where the programs of `searchPath` lie. */
export function openPartsOfSystem(searchPath: string): string[] {
  if (process.platform !== 'linux') return [];
  return [...otherParts.filter((folder) => existsSync(folder)), ...programsOn(searchPath)];
}

/** Entries of `/etc` that are open, by name. */
export function settingsOfSystem(): string[] {
  return readdirSync('/etc')
    .filter((name) => settings.has(name) || versioned.test(name))
    .map((name) => `/etc/${name}`);
}

/** A folder of programs lies beside its libraries, as in `/opt/tool/bin`; links lead from it to others. */
function programsOn(searchPath: string): string[] {
  const found = new Set<string>();
  for (const folder of searchPath.split(path.delimiter).filter((entry) => path.isAbsolute(entry) && existsSync(entry))) {
    found.add(prefixOf(realpathSync(folder)));
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (!entry.isSymbolicLink()) continue;
      const target = resolved(path.join(folder, entry.name));
      if (target !== null) found.add(prefixOf(path.dirname(target)));
    }
  }
  return [...found].filter(openable);
}

const prefixOf = (folder: string): string =>
  /^s?bin$/u.test(path.basename(folder)) && path.dirname(path.dirname(folder)) !== '/' ? path.dirname(folder) : folder;

function resolved(file: string): string | null {
  try {
    return realpathSync(file);
  } catch {
    return null;
  }
}

/** Homes and temp folders are opened by other rules, and a whole top folder by none. */
const neverWhole = /^\/(?:root|home|Users|tmp|run\/user|var\/tmp)(?:\/|$)|^\/[^/]*$/u;
function openable(folder: string): boolean {
  const [, top = ''] = folder.split('/');
  return !programFolders.has(top) && !neverWhole.test(folder);
}
