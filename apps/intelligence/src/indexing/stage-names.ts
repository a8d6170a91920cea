/** The stages of a document's way, in the order in which they are told; for the pipeline, and for the page that shows it. */
export const stageNames = [
  'workflow',
  'chunk',
  'embed',
  'entities',
  'semantic',
  'freshness',
  'deliver',
] as const
export type StageName = (typeof stageNames)[number]
