import { manifest, none, textOf } from './support.ts';

const docs = 'docs/editor.md';

describe('every command of the editor', () => {
  const commands = manifest().contributes.commands;
  const names = commands.map(({ command }) => command.replace('belay.', ''));
  /** The names in `const commands = { … }`. */
  const handled = [
    ...(/const commands: [^=]*= \{\n(.*?)\n\};/su.exec(textOf('extension/commands.ts'))?.[1] ?? '').matchAll(/^ {2}(\w+):/gmu),
  ].map(([, name = '']) => name);

  it('has something behind it, and is in the manifest', () => {
    none([
      ...names.filter((name) => !handled.includes(name)).map((name) => `extension/commands.ts: nothing behind belay.${name}`),
      ...handled.filter((name) => !names.includes(name)).map((name) => `package.json: no contributes.commands entry for belay.${name}`),
    ]);
  });

  it('has its title in the language file', () => {
    none(
      commands
        .filter(({ command, title }) => title !== `%${command.replace('belay.', 'command.')}%`)
        .map(
          ({ command }) =>
            `package.json: the title of ${command} is not %${command.replace('belay.', 'command.')}%, a text of package.nls.json`,
        ),
    );
  });

  it('has a line in the docs', () => {
    none(
      commands.filter(({ command }) => !textOf(docs).includes(`| \`${command}\` `)).map(({ command }) => `${docs}: no line for ${command}`),
    );
    const lines = [...textOf(docs).matchAll(/^\| `(belay\.\w+)` \p{L}/gmu)].map(([, command = '']) => command);
    none(lines.filter((line) => !commands.some(({ command }) => command === line)).map((line) => `${docs}: there is no command ${line}`));
  });
});

describe('every setting', () => {
  const settings = Object.entries(manifest().contributes.configuration.properties);

  it('is read in one place, with its default', () => {
    const reader = textOf('extension/base/settings.ts');
    none(
      settings
        .filter(([name]) => !reader.includes(`read('${name.replace('belay.', '')}',`))
        .map(([name]) => `extension/base/settings.ts: nobody reads ${name}`),
    );
    const read = [...reader.matchAll(/read\('([\w.]+)'/gu)].map(([, name = '']) => `belay.${name}`);
    none(
      read
        .filter((name) => !settings.some(([known]) => known === name))
        .map((name) => `package.json: no contributes.configuration entry for ${name}`),
    );
    none(settings.filter(([, { default: value }]) => value === undefined).map(([name]) => `package.json: ${name} has no default`));
  });

  it("is no workspace's to choose", () => {
    none(
      settings
        .filter(([, { scope }]) => !/^(?:application|machine)$/u.test(scope ?? ''))
        .map(([name]) => `package.json: the scope of ${name} is neither application nor machine`),
    );
  });

  it('is described in the language file', () => {
    none(
      settings
        .filter(([name, { markdownDescription }]) => markdownDescription !== `%${name.replace('belay.', 'config.')}%`)
        .map(([name]) => `package.json: ${name} is not described by %${name.replace('belay.', 'config.')}%, a text of package.nls.json`),
    );
  });

  it('has a line in the docs, with its default', () => {
    const text = textOf(docs);
    const line = (name: string): RegExpExecArray | null =>
      new RegExp(`^\\| \`${name.replaceAll('.', '\\.')}\` +\\| \`(.*?)\` +\\|`, 'mu').exec(text);
    none(
      settings.flatMap(([name, { default: value }]) => {
        const said = line(name)?.[1];
        if (said === undefined) return [`${docs}: no line for ${name}`];
        return said === JSON.stringify(value) ? [] : [`${docs}: the default of ${name} is ${JSON.stringify(value)}`];
      }),
    );
    const lines = [...text.matchAll(/^\| `(belay\.[\w.]+)` +\| `/gmu)].map(([, name = '']) => name);
    none(lines.filter((name) => !settings.some(([known]) => known === name)).map((name) => `${docs}: there is no setting ${name}`));
  });
});
