/** Under which name and version spans and metrics are made; a test holds the version to package.json. */
export const SCOPE = 'keepwarm'
export const VERSION = '0.1.0'
