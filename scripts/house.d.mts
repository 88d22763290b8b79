export const rooms: Readonly<Record<string, readonly string[]>>;
export const workerFloors: readonly (readonly string[])[];
