/** What a file of ours is known by, and its columns. */
import type { ColumnTypes } from '../migrations/migration.ts';

/** "Bely": tells our files from everybody else's. */
export const applicationId = 0x42656c79;

/** Every transaction is alone here: a number need not be unique by itself. */
export const sqliteTypes: ColumnTypes = { text: 'TEXT', blob: 'BLOB', counted: 'INTEGER', unique: '0' };
