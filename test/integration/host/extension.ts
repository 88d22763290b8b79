import assert from 'node:assert/strict';
import * as vscode from 'vscode';

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string }[];
    readonly configuration: { readonly properties: Readonly<Record<string, { readonly default?: unknown; readonly scope?: string }>> };
  };
}

describe('the extension in a real editor', () => {
  const extension = vscode.extensions.getExtension<unknown>('belay.belay');
  const manifest = extension?.packageJSON as Manifest;

  it('works from the first use on', async () => {
    assert.ok(extension);
    await vscode.commands.executeCommand('belay.openPanel');
    assert.equal(extension.isActive, true);
  });

  it('has every command that its manifest promises', async () => {
    const known = new Set(await vscode.commands.getCommands(true));
    assert.deepEqual(
      manifest.contributes.commands.map(({ command }) => command).filter((command) => !known.has(command)),
      [],
    );
  });

  it('has a default for every setting', () => {
    const settings = vscode.workspace.getConfiguration();
    const without = Object.keys(manifest.contributes.configuration.properties).filter(
      (name) => settings.inspect(name)?.defaultValue === undefined,
    );
    assert.deepEqual(without, []);
  });

  it('lets no workspace choose what is launched or how far it is confined', () => {
    const { properties } = manifest.contributes.configuration;
    for (const name of ['belay.targets', 'belay.worker.agents', 'belay.sandbox.minimum', 'belay.sandbox.allowHosts'])
      assert.match(properties[name]?.scope ?? '', /^(application|machine)$/, name);
  });

  it('offers a task from tasks.json and starts nothing by looking at it', async () => {
    const tasks = await vscode.tasks.fetchTasks({ type: 'belay' });
    assert.deepEqual(
      tasks.map((task) => [task.name, task.definition['item']]),
      [['Fix the first bug', 'BUG-1']],
    );
    assert.deepEqual(vscode.tasks.taskExecutions, []);
  });

  it('refreshes and shows the queue without an error', async () => {
    await vscode.commands.executeCommand('belay.refresh');
    await vscode.commands.executeCommand('belay.showQueue');
  });
});
