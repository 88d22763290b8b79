/** Values of a row. What is null in the database is null here. */
import type { Row } from './values.ts';

const isNull = (row: Row, name: string): boolean => row[name] === null || row[name] === undefined;

export const text = (row: Row, name: string): string => row[name] as string;
export const textOrNull = (row: Row, name: string): string | null => (row[name] ?? null) as string | null;
export const integer = (row: Row, name: string): number => Number(row[name]);
export const integerOrNull = (row: Row, name: string): number | null => (isNull(row, name) ? null : Number(row[name]));
export const parsed = <T>(row: Row, name: string): T => JSON.parse(text(row, name)) as T;
export const parsedOrNull = <T>(row: Row, name: string): T | null => (isNull(row, name) ? null : parsed<T>(row, name));

/** What a statement counted, as `n`. */
export const count = (row: Row | undefined): number => (row ? integer(row, 'n') : 0);
/** As a column keeps it. */
export const jsonOrNull = (value: unknown): string | null => (value === null || value === undefined ? null : JSON.stringify(value));
