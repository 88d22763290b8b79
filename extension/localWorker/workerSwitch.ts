/** What the person chose by the worker's switch, and what the setting said then. */
export interface SwitchChoice {
  readonly on: boolean;
  readonly setting: boolean;
}

/** Whether the worker takes queued work: as the switch says, until the setting is changed after it. */
export const workerTakesWork = (setting: boolean, choice: SwitchChoice | undefined): boolean =>
  choice?.setting === setting ? choice.on : setting;
