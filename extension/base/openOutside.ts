import * as vscode from 'vscode';

/** Opens an address outside of the editor, exactly as it is written. False when the editor or the person did not open it. */
export async function openOutside(url: string): Promise<boolean> {
  // A parsed Uri takes escapes apart and writes its own: the string must arrive as it is.
  return await vscode.env.openExternal(url as unknown as vscode.Uri);
}
