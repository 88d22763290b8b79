/** Every step, in order. A database's version is the number of those it has taken. */
import { tables } from './m0001Tables.ts';
import { outbox } from './m0002Outbox.ts';
import { history } from './m0003History.ts';
import { places } from './m0004Places.ts';
import { unusedTables } from './m0005Unused.ts';
import type { Migration } from './migration.ts';

export const migrations: readonly Migration[] = [tables, outbox, history, places, unusedTables];
export const schemaVersion = migrations.length;
