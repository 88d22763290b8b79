import path from 'node:path';
import { commands } from '../../cli/program/commands.ts';
import { filesOf, manifest, none, textOf } from './support.ts';

describe('the tests', () => {
  it('are all run by npm test', () => {
    const runner = textOf('scripts/test.ts');
    const globs = [...runner.matchAll(/'(test\/[^']*\*[^']*)'/gu)].map(([, glob = '']) => glob);
    const run = new Set(filesOf(...globs));
    none(
      filesOf('test/**/*.test.ts')
        .filter((file) => !file.includes('/node_modules/') && !run.has(file))
        .map((file) => `scripts/test.ts: no part runs ${file}`),
    );
  });

  it('use every command of the terminal', () => {
    const text = filesOf('test/cli/*.ts', 'test/postgres/*.ts', 'test/unit/client/*.ts', 'test/integration/**/*.ts').map(textOf).join('\n');
    none(
      Object.keys(commands)
        .filter((name) => !new RegExp(`['"\`](?:belay )?${name}(?=['"\` ])`, 'u').test(text))
        .map((name) => `test/cli: no test runs "belay ${name}" (cli/commands/${name}.ts)`),
    );
  });

  it('that a patch names are there', () => {
    const files = new Set(filesOf('test/**/*.test.ts'));
    none(
      filesOf('test/enforcement/patches/*.patch').flatMap((patch) => {
        const named = /^Test: (.+)$/mu.exec(textOf(patch))?.[1];
        return named !== undefined && files.has(named) ? [] : [`${patch}: its "Test:" names no file: ${named ?? ''}`];
      }),
    );
  });
});

describe('what the project needs', () => {
  it('is named by its exact version', () => {
    const folders = ['.', ...filesOf('test/*/package.json').map((file) => path.posix.dirname(file))];
    none(
      folders.flatMap((folder) => {
        const file = path.posix.join(folder, 'package.json');
        const { dependencies = {}, devDependencies = {} } = JSON.parse(textOf(file)) as Partial<ReturnType<typeof manifest>>;
        return Object.entries({ ...dependencies, ...devDependencies })
          .filter(([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/u.test(version))
          .map(([name, version]) => `${file}: ${name} is "${version}", no exact version`);
      }),
    );
  });

  it('is started by scripts that are there', () => {
    const files = new Set(filesOf('scripts/*', 'test/**/*.ts', '*.mjs'));
    none(
      Object.entries(manifest().scripts).flatMap(([name, script]) =>
        [...script.matchAll(/(?:^|\s)((?:scripts|test)\/[\w/]+\.(?:ts|mjs))/gu)]
          .filter(([, file = '']) => !files.has(file))
          .map(([, file = '']) => `package.json: "${name}" starts ${file}, which is not there`),
      ),
    );
  });
});
