/** A change of the tree that forgets something. */
export type Edit =
  /** `find` stands once in the file. */
  { readonly file: string; readonly find: string; readonly replace: string } | { readonly file: string; readonly write: string };

export interface Omission {
  /** What was forgotten. */
  readonly name: string;
  readonly edits: readonly Edit[];
  /** Found by the compiler alone, which takes longest. */
  readonly by?: 'types';
  /** The file that is to be edited, as the message has to name it. */
  readonly says: string;
}
