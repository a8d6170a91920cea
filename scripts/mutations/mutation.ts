/** A fault to put into the pool's core: a mistake that somebody could make. */
export interface Mutation {
  readonly name: string
  /** What would be wrong with the pool. */
  readonly says: string
  /** In packages/keepwarm/src/pool; core.ts unless named. */
  readonly file?: string
  /** Stands in the file exactly once. */
  readonly find: string
  readonly put: string
}
