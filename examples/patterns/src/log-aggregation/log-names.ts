/** What the files of a log are called: `web.log` is being written; `web.1.log` was rotated first, `web.2.log` after it. */
export const liveFile = (log: string): string => `${log}.log`;
export const rotatedFile = (log: string, generation: number): string => `${log}.${generation}.log`;
