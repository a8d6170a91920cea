/**
 * A small judged set: passages, and questions with what a reader wants to find. Three is the very answer, two helps, one
 * is about the same matter; what is not named is of no use. Some passages share the words of a question and not its
 * matter, as they do in life.
 */
export interface Passage {
  readonly id: string
  readonly title: string
  readonly content: string
}

export interface Judged {
  readonly query: string
  readonly wanted: Readonly<Record<string, 1 | 2 | 3>>
}

const passage = (id: string, title: string, content: string): Passage => ({ id, title, content })

export const passages: readonly Passage[] = [
  passage(
    'pool-size',
    'Sizing a connection pool',
    'The pool should have as many connections as requests are in flight at the same time. Little’s law gives the number: requests a second times the seconds that each takes. A pool that is too large only moves the waiting into the server.',
  ),
  passage(
    'pool-idle',
    'Idle connections',
    'An idle connection is kept for fifteen seconds and then closed. Keep fewer idle than busy, and each burst opens what the last one closed: connections churn.',
  ),
  passage(
    'keep-alive-race',
    'The keep-alive race',
    'A server may close an idle connection in the very moment in which a client sends on it. The request fails with a reset although nothing was wrong. Closing on the client a second earlier than the server avoids it.',
  ),
  passage(
    'queue',
    'Waiting in line',
    'When all connections are busy, a request waits in a queue. The queue is bounded: beyond it requests fail at once, because whoever waits longest has the least hope to be served in time.',
  ),
  passage(
    'retry-backoff',
    'Backing off',
    'After a failure the client waits before it tries again, twice as long each time, and by chance a little less. Without chance all clients come back together and knock the server over once more.',
  ),
  passage(
    'retry-budget',
    'Retry budgets',
    'Retries are paid for by successes: a tenth of a retry for each request that went well. When a dependency is down, the budget is used up soon, and retries cannot multiply the load.',
  ),
  passage(
    'idempotency',
    'Idempotency keys',
    'A payment must not be made twice. The client sends a key with the request; the server remembers it and answers the repeated request as it answered the first.',
  ),
  passage(
    'breaker',
    'Circuit breakers',
    'A breaker opens when most calls of the last seconds failed. While it is open nothing is sent. After a pause a few probes find out whether the service is back, and then it closes.',
  ),
  passage(
    'deadline',
    'Deadlines',
    'A deadline says until when an answer is of use. It covers waiting, dialing, all attempts and the body. What is left of it is told to the server in a header, so that it does not work for nobody.',
  ),
  passage(
    'timeouts-tcp',
    'Connect timeouts',
    'Opening a TCP connection to a host that is gone takes as long as the kernel repeats its packets, which is minutes. A connect timeout of a few seconds ends it sooner.',
  ),
  passage(
    'hedging',
    'Hedged requests',
    'When an answer takes longer than usual, a second request is sent to another replica, and the quicker answer counts. It cuts the slowest percent at the price of a few more requests.',
  ),
  passage(
    'dns',
    'Names that move',
    'The addresses of a name change when a service is deployed. Connections that stay open for hours never see the new address: look the name up again, and retire connections to addresses that are gone.',
  ),
  passage(
    'tls',
    'Session resumption',
    'A full TLS handshake costs a round trip and a signature. A ticket from the last session makes the next handshake cheaper, and early data may even go out with the first packet.',
  ),
  passage(
    'http2',
    'Multiplexing',
    'HTTP/2 carries many requests on one connection as streams. A lost packet holds all of them up, because TCP gives its bytes in order.',
  ),
  passage(
    'load-balancing',
    'Two choices',
    'Picking two replicas at random and taking the less busy one spreads load almost as well as knowing all of them. Round robin sends as much to a slow replica as to a quick one.',
  ),
  passage(
    'health',
    'Health checks',
    'A health check asks whether a service can work, not only whether its process runs. A check that asks every dependency takes the service down with the first of them.',
  ),
  passage(
    'full-text',
    'Full text search',
    'An inverted index lists for each word the documents that hold it. The ranking prefers rare words, words that come often in a short document, and matches in the title.',
  ),
  passage(
    'vectors',
    'Search by meaning',
    'An embedding turns a text into a vector, so that texts about the same matter lie close together. Near neighbours are found without a word in common, and sometimes without a matter in common.',
  ),
  passage(
    'fusion',
    'Rank fusion',
    'Scores of two engines cannot be compared, but their ranks can. Reciprocal rank fusion adds one over sixty plus the rank in each list, and what both lists hold comes first.',
  ),
  passage(
    'sqlite-wal',
    'Write-ahead logging',
    'SQLite in WAL mode appends changes to a log, so that readers do not wait for the writer. A checkpoint moves them into the database file.',
  ),
  passage(
    'postgres-vacuum',
    'Vacuum',
    'PostgreSQL keeps old versions of rows until nobody can see them. Vacuum takes them away; a transaction that stays open for hours keeps it from doing so, and tables swell.',
  ),
  passage(
    'queue-lease',
    'Leases on jobs',
    'A worker takes a job for a limited time and renews the lease while it works. When it dies, the lease runs out and another worker takes the job. Results are stored only if the lease still holds.',
  ),
  passage(
    'dead-letter',
    'Dead letters',
    'A job that fails whatever is done goes to a dead letter queue with its reason, where a person can look at it and give it another chance, instead of being tried for ever.',
  ),
  passage(
    'backpressure',
    'Back-pressure',
    'A producer that is quicker than its consumer has to slow down, or memory fills up. Streams tell the writer to pause, and workers take new jobs only when the next stage has room.',
  ),
  passage(
    'tomatoes',
    'Growing tomatoes',
    'Tomatoes want sun and warm feet. Water them at the roots and keep the leaves dry, take out side shoots, and tie them to a pole before they fall over.',
  ),
  passage(
    'compost',
    'Compost',
    'Layers of green and brown matter, air and some water: in half a year the heap turns to dark soil. Turn the heap when it is cold, and keep meat out of it.',
  ),
  passage(
    'garden-pool',
    'A pond in the garden',
    'A small pool with shallow and deep zones keeps frogs and dragonflies. In winter a tree trunk in the water keeps a hole in the ice open.',
  ),
  passage(
    'bread',
    'Sourdough bread',
    'Feed the starter the evening before. Mix, fold every half hour, let it rest overnight in the cold, and bake it hot in a closed pot so that the crust stays soft until the end.',
  ),
  passage(
    'soup',
    'Lentil soup',
    'Fry onions and carrots, add lentils, stock and a bay leaf, and let it simmer. A spoon of vinegar at the end makes it bright.',
  ),
  passage(
    'bicycle-chain',
    'Keeping a chain alive',
    'A bicycle chain lives longer when it is wiped and oiled after rain. When it has grown by half a percent, change it before it eats the cogs.',
  ),
  passage(
    'train-connection',
    'Missed connections',
    'When a train is late and the connection is missed, the next train may be taken with the same ticket. The waiting time counts for the refund.',
  ),
  passage(
    'bank-account',
    'Closing an account',
    'An account that is idle for a year costs a fee. Close it in writing and name another account for what is left.',
  ),
]

export const judged: readonly Judged[] = [
  { query: 'how many connections should my pool have', wanted: { 'pool-size': 3, 'pool-idle': 1, queue: 1 } },
  {
    query: 'connection reset on an idle keep-alive socket',
    wanted: { 'keep-alive-race': 3, 'pool-idle': 1 },
  },
  {
    query: 'connections are opened and closed all the time',
    wanted: { 'pool-idle': 3, 'keep-alive-race': 1, 'pool-size': 1 },
  },
  {
    query: 'what happens when all connections are busy',
    wanted: { queue: 3, 'pool-size': 1, backpressure: 1 },
  },
  { query: 'retries make an outage worse', wanted: { 'retry-budget': 3, 'retry-backoff': 2, breaker: 1 } },
  { query: 'random waits between attempts', wanted: { 'retry-backoff': 3 } },
  { query: 'avoid paying twice when a request is repeated', wanted: { idempotency: 3 } },
  { query: 'stop calling a service that is down', wanted: { breaker: 3, 'retry-budget': 1, health: 1 } },
  { query: 'tell the server how much time is left', wanted: { deadline: 3, 'timeouts-tcp': 1 } },
  { query: 'host does not answer and connecting takes minutes', wanted: { 'timeouts-tcp': 3, deadline: 1 } },
  { query: 'slow answers of one replica', wanted: { hedging: 3, 'load-balancing': 2 } },
  { query: 'address of a service changed after a deployment', wanted: { dns: 3 } },
  { query: 'cheaper TLS handshakes', wanted: { tls: 3 } },
  { query: 'many requests over one connection', wanted: { http2: 3, 'pool-size': 1 } },
  { query: 'is the process running or can it work', wanted: { health: 3 } },
  { query: 'ranking documents by rare words', wanted: { 'full-text': 3, fusion: 1, vectors: 1 } },
  { query: 'combining the results of two search engines', wanted: { fusion: 3, 'full-text': 1, vectors: 1 } },
  { query: 'texts about the same matter without common words', wanted: { vectors: 3, 'full-text': 1 } },
  { query: 'readers wait for the writer in SQLite', wanted: { 'sqlite-wal': 3 } },
  { query: 'old row versions make tables grow', wanted: { 'postgres-vacuum': 3 } },
  { query: 'worker dies in the middle of a job', wanted: { 'queue-lease': 3, 'dead-letter': 1 } },
  { query: 'job fails again and again', wanted: { 'dead-letter': 3, 'retry-backoff': 1, 'queue-lease': 1 } },
  { query: 'producer is faster than the consumer', wanted: { backpressure: 3, queue: 1 } },
  { query: 'when to water tomatoes', wanted: { tomatoes: 3 } },
  { query: 'keep the pool from freezing over in winter', wanted: { 'garden-pool': 3 } },
  { query: 'how do I keep my chain alive', wanted: { 'bicycle-chain': 3 } },
  { query: 'I missed my connection, who pays', wanted: { 'train-connection': 3 } },
  { query: 'fee for an idle account', wanted: { 'bank-account': 3 } },
]
