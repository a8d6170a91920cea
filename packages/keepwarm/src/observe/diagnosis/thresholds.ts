/**
 * From which numbers on something is said. All in one place, because they are what one argues about. Durations in ms,
 * shares from 0 to 1. Numbers of samples make that a short window says nothing of which it has seen too little.
 */

/**
 * Without an earlier snapshot figures count since they began; when that is longer ago, they say nothing of now, and only
 * what can be seen at the moment is judged.
 */
export const LONGEST_WINDOW = 300_000
/** Below this two snapshots are too close together for rates. */
export const SHORTEST_WINDOW = 50
/**
 * Of several earlier snapshots the youngest is taken that is so old, and since which so many calls came. Who has fewer
 * calls is seen over a longer time.
 */
export const PREFERRED_WINDOW = 10_000
export const ENOUGH = 50

/** A wait below this share of what a call may wait for is no cause for concern, and neither is one below this time. */
export const WAIT_SHARE = 0.1
export const WAIT_FLOOR = 100
/** From this share on calls are about to be turned away. */
export const WAIT_CRITICAL_SHARE = 0.5

/** Calls that gave up waiting, though nobody waits any more. */
export const GAVE_UP = 3

/** So many times what is usual, and by so much: slower than chance and a mix of operations make it. */
export const SLOW_FACTOR = 2
export const SLOW_STEP = 100
/** Calls that must have ended in the window, and before it, for their times to be compared. */
export const SLOW_SAMPLES = 10
export const USUAL_SAMPLES = 20
/** Not one answer in so many times what is usual: the service hangs. */
export const UNANSWERED_FACTOR = 10
/** Where fewer are under way: so many, each of which has waited for so long. */
export const FEW_UNANSWERED = 3
export const FEW_UNANSWERED_AFTER = 5_000
/** Without anything to compare with, a server that takes so long on average is called slow. */
export const SLOW_AT_ALL = 1_000
/** Calls that run into time limits: this share of them, and so many, make it critical. */
export const TIMEOUT_SHARE = 0.1
export const TIMEOUT_SAMPLES = 5

/** So many times as many calls as usual are a load that grew. */
export const LOAD_FACTOR = 1.5
/** What is suggested leaves so much room above what is needed now, and is never more than so many times what there is. */
export const HEADROOM = 1.3
export const LARGEST_STEP = 4

/** Responses that nobody reads hold at least this share of the connections in use: the leak is why calls wait. */
export const LEAK_SHARE = 0.5

/** Attempts for each call; above the second one it is a storm where calls fail all the same. */
export const STORM_FACTOR = 1.2
export const STORM_CRITICAL_FACTOR = 1.5
export const STORM_SAMPLES = 10
/** Below this share of calls that succeed retries do not mend it. */
export const EFFECTIVE_FLOOR = 0.9
/** One operation causes this share of the retries, and is at most that share of the calls. */
export const FLAKY_SHARE = 0.8
export const FLAKY_CALLS = 0.5

/** Calls that fail: the share, the share that is critical, and how many must have ended. */
export const FAILING_SHARE = 0.2
export const FAILING_CRITICAL_SHARE = 0.5
export const FAILING_SAMPLES = 20

/** A breaker that has opened and closed so often in the window does not know what it wants. */
export const FLAPS = 2

/** Dials that failed, and the share of them among all dials. */
export const DIAL_FAILURES = 3
export const DIAL_FAILURE_SHARE = 0.2
/** A dial that takes so long is slow, whatever is usual; otherwise one that is so many times what is usual. */
export const DIAL_SLOW = 1_000
export const DIAL_FACTOR = 3
export const DIAL_STEP = 200
export const DIAL_SAMPLES = 3

/** Requests that met a connection which the server had closed. */
export const RACES = 1
export const RACES_WARN = 3
/** So many connections that the server ended at one moment were ended together. */
export const RESTART_CLOSES = 3

/** Connections opened and closed in the window, and requests that each served. */
export const CHURN_SAMPLES = 10
export const CHURN_REQUESTS = 2
/** So many times as many were opened as there are: a burst that came and went is none. */
export const CHURN_TURNS = 3

/** Delays of the event loop: shorter ones come of garbage collection and a busy machine. */
export const LOOP_WARN = 200
export const LOOP_CRITICAL = 500
/** When half of the samples are as late as this, the loop has no pause at all, and no time that it measures is true. */
export const LOOP_ALWAYS_LATE = 50
/** A time that is longer than so many delays is not explained by them. */
export const LOOP_EXPLAINS = 3

/** Calls turned away: this share of those that came is critical. */
export const REFUSED_CRITICAL_SHARE = 0.05
/** Answers that ask for less (429, 503): the share of attempts, and how many. */
export const THROTTLED_SHARE = 0.1
export const THROTTLED_SAMPLES = 10
