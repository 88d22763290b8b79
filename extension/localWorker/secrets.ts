/** Values that a person binds for agents on this machine, in the editor's secret storage: only names are ever shown. */
import * as vscode from 'vscode';

const namesKey = 'belay.secretNames';
const slot = (name: string) => `belay.secret.${name}`;

export class Secrets {
  private readonly storage: vscode.SecretStorage;
  private readonly state: vscode.Memento;

  constructor(storage: vscode.SecretStorage, state: vscode.Memento) {
    this.storage = storage;
    this.state = state;
  }

  /** Every bound value by its variable name. */
  async all(): Promise<Record<string, string>> {
    const values = await Promise.all(this.names().map(async (name) => [name, await this.storage.get(slot(name))] as const));
    return Object.fromEntries(values.filter((entry): entry is [string, string] => entry[1] !== undefined));
  }

  /** Asks for a name and a value. An empty value takes the binding away. */
  async ask(): Promise<void> {
    const name = await vscode.window.showInputBox({
      title: vscode.l10n.t('Which variable do agents get?'),
      prompt: vscode.l10n.t('Agents of this machine can read it. Known: {0}', this.names().join(', ') || '–'),
      placeHolder: 'OPENAI_API_KEY',
      validateInput: (value) =>
        /^[A-Z][A-Z0-9_]{1,60}$/u.test(value) ? undefined : vscode.l10n.t('Capital letters, digits and underscores'),
    });
    if (name === undefined) return;
    const value = await vscode.window.showInputBox({
      title: vscode.l10n.t('Value of {0} (empty: take it away)', name),
      password: true,
      ignoreFocusOut: true,
    });
    if (value === undefined) return;
    const others = this.names().filter((known) => known !== name);
    if (value === '') await this.storage.delete(slot(name));
    else await this.storage.store(slot(name), value);
    await this.state.update(namesKey, value === '' ? others : [...others, name]);
  }

  private names(): string[] {
    return this.state.get<string[]>(namesKey, []);
  }
}
