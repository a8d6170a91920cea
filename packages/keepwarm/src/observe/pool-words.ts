/** Why a pool dials, closes and refuses: words that whoever shows a pool shares with it. */

/** Why the core closes a connection. */
export type CloseOrder =
  | 'idle'
  | 'idle_limit'
  | 'keep_alive_hint'
  | 'age'
  | 'requests'
  | 'evicted'
  | 'shared'
  | 'shrunk'
  | 'stale'
  | 'suspect'
  | 'unneeded'
  | 'moved'
  | 'surplus'
  | 'shutdown'

/** Why a connection ended: the pool's own decision, or what happened to it. */
export type CloseReason =
  | CloseOrder
  | 'server_closed'
  | 'connection_close'
  | 'reset'
  | 'aborted'
  | 'upgrade'
  | 'goaway'
  | 'resets'
  | 'silent'
  | 'dial_failed'
  | 'destroyed'

/**
 * Why a connection was dialed: the origin had none, all were busy, one was closed under a request, to warm up, in place
 * of one that is about to reach its age, to keep the minimum, or ahead of a need that is to be expected.
 */
export type DialReason = 'first' | 'all_busy' | 'lost_race' | 'warm_up' | 'renewal' | 'minimum' | 'ahead'

/** Why a waiting request got no connection. */
export type Refusal = 'queue_full' | 'acquire_timeout' | 'dial_failed' | 'closed'
