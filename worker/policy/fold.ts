/** Names as a file system that folds case and Unicode sees them. Pure. */

/** Characters that some file systems ignore in names (HFS+), and bidirectional controls that hide what a name is. */
export const invisible = /\p{Default_Ignorable_Code_Point}|\p{Bidi_Control}/u;
const everyInvisible = new RegExp(invisible, 'gu');

/** Also without trailing dots and spaces, as Windows drops them. */
export function foldName(name: string): string {
  return name
    .normalize('NFKC')
    .replace(everyInvisible, '')
    .toLowerCase()
    .normalize('NFC')
    .replace(/[. ]+$/u, '');
}

export function foldPath(path: string): string {
  return path.split('/').map(foldName).join('/');
}
