/** Words that the hall shares with the rooms without importing them. */
export type BreakerState = 'closed' | 'open' | 'half-open'
