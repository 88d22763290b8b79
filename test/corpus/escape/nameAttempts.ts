/** Files that something runs or obeys once they lie in the person's checkout; an Accept without further yes must not bring them. */
import type { Attempt } from './attempts.ts';

const files: Readonly<Record<string, string>> = {
  pyc: 'pkg/__pycache__/mod.cpython-311.pyc',
  'python-start': 'sitecustomize.py',
  jar: 'lib/helper.jar',
  wheel: 'dist/tool-1.0-py3-none-any.whl',
  class: 'build/Main.class',
  'r-profile': '.Rprofile',
  irbrc: '.irbrc',
  gdbinit: '.gdbinit',
  inputrc: '.inputrc',
  bashrc: '.bashrc',
  'idea-run': '.run/Start.run.xml',
  'fleet-run': '.fleet/run.json',
  'zed-debug': '.zed/debug.json',
  jenkins: 'Jenkinsfile',
  'gitlab-ci': '.gitlab-ci.yml',
  tekton: '.tekton/pipeline.yaml',
  taskfile: 'Taskfile.yml',
  powershell: 'scripts/setup.ps1',
  batch: 'scripts/setup.bat',
  'mac-command': 'Open me.command',
  desktop: 'Open me.desktop',
  shortcut: 'docs.url',
  bazelrc: '.bazelrc',
  'yarn-plugin': '.yarn/plugins/p.cjs',
  pnpmfile: '.pnpmfile.cjs',
  'agents-folder': '.someassistant/settings.json',
  'option-name': '-rf',
  'new-dot-file': '.newtool',
  'token-name': `ghp_${'Ab1Cd2Ef3Gh4Ij5Kl6Mn7Op8Qr9St0Uv1Wx2'}`,
  'hidden-direction': 'invoice\u202efdp.exe',
};

export const nameAttempts: readonly Attempt[] = Object.entries(files).map(([name, file]) => ({
  name: `name-${name}`,
  kind: 'host_executed',
  script: () => `mkdir -p "$(dirname -- '${file}')" && echo 'x' > './${file}'`,
}));

/** Where each would stand in the checkout. */
export const plantedNames: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  Object.entries(files).map(([name, file]) => [`name-${name}`, [file]]),
);
