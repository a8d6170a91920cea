/** How many chunks an engine looks at, and how many documents it puts forward. Fixed, so that pages fit together. */
export const MOST_CHUNKS = 1_000
export const MOST_DOCUMENTS = 200
