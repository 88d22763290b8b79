/** How configuration is named by habit, so that a tool's next spelling is not ordinary; holds unless a name is listed as inert. */
import type { NameRule } from './pattern.ts';

const settings = '*.{toml,ini,cfg,conf,cnf,properties,yml,yaml,json,json5,jsonc,hcl,edn,neon,plist,xml,dist,dhall}';

export const families: readonly NameRule[] = [
  ['configuration that its tool runs as a program', '{.*rc,*.config,*.conf}.<code>'],
  ['commands of a task runner', '/*file.<code>'],
  ['settings that its tool obeys', '{.*rc,*.config,*.conf}.<data> .*rc'],
  ['environment of the next run', '.env.* *.env'],
  ['a hidden file or folder of a tool', '.*/'],
  // Tools look at the top, and at the top of each project in a repository of several.
  [
    'in the place and form of the settings of a tool',
    `/${settings} /{packages,apps,crates,services,libs,modules,projects,workspaces}/*/${settings}`,
  ],
];

/** For names without an ending: where commands and what tools look for are kept. */
export const bareNames: readonly NameRule[] = [
  ['in the place and form of a command or of the settings of a tool', '/* {bin,sbin,libexec,scripts,script,tools,hooks,exe}/*'],
];
