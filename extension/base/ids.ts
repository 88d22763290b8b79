/** Names that the manifest declares too. */
export const workViewId = 'belay.work';
export const taskType = 'belay';
