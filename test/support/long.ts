/** `npm run -s long` plays chance more often than the suite has time for. */
export const often = (times: { readonly suite: number; readonly long: number }): number =>
  process.env['BELAY_LONG'] === undefined ? times.suite : times.long;
