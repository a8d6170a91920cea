/** `npm start`: the reference service as a program. */
import { ConfigError } from 'keepwarm'
import { Command, CommanderError } from 'commander'
import { SettingsError } from './config/problems.ts'
import { FolderError } from './indexing/read-folder.ts'
import { StoreError } from './store/errors.ts'
import { exitCodes, JobError } from './terminal/exit-codes.ts'
import { runJob, type JobOptions } from './terminal/job.ts'
import { openScreen } from './terminal/screen.ts'
import { watchStopSignals } from './terminal/stop-signals.ts'
import { runWorker } from './terminal/worker-process.ts'

const examples = `Examples:
  npm start                                the project's own documentation, then serve until Ctrl-C
  npm start -- ~/notes                     a folder of your own
  npm start -- ~/notes --once --json       index, report as JSON, end
  OLLAMA_BASE_URL=http://localhost:11434 npm start        with a real Ollama
  DATABASE_URL=postgres://localhost/intelligence npm start      three processes on a PostgreSQL server
`

const facts = `
Environment (what has no URL is stood in for, inside this process):
  OLLAMA_BASE_URL, LANGEXTRACT_URL, BRIDGE_SERVICE_URL, WORKFLOW_COORDINATOR_URL
  SEARCH_SERVICE_URL         where finished documents are delivered   (this service)
  SEARCH_SERVICE_TOKEN       what such a service asks for
  EMBEDDING_MODEL            (nomic-embed-text)
  GENERATION_MODEL           (llama3.2)
  EMBEDDING_API              ollama, or openai for /v1/embeddings of any server (ollama)
  PORT, HOST                 (8053, or the next free one; 127.0.0.1)
  DATA_DIR                   (a temporary folder, removed at the end)
  DATABASE_URL               a PostgreSQL server, shared by several processes (a file in DATA_DIR)
  WORKER_PROCESSES           processes beside this one, on that server (2 with DATABASE_URL)
  PROCESS_NAME               how this one is called among them (api)
  API_TOKEN                  what requests have to show; needed when HOST is not this machine alone
  RATE_LIMIT                 requests a second from one address; 0 for any number
  INDEX_ROOT                 the folder below which POST /folders may read
  INDEX_CONCURRENCY          documents at once (4)
  LOG_LEVEL                  (silent)
  HTTP_CLIENT_…, SEARCH_SERVICE_HTTP_CLIENT_…    the shared client; see docs/configuration.md

Exit codes: 0 done · 1 documents were lost (--once) · 2 usage · 69 no given upstream answers · 78 configuration · 130 interrupted`

const screen = openScreen()
const stop = watchStopSignals(() => {
  screen.err('Ended at once')
  process.exit(exitCodes.interrupted)
})

try {
  const { worker, ...options } = readArguments(process.argv)
  process.exitCode = worker
    ? await runWorker(process.env, screen, stop.signal)
    : await runJob(options, process.env, screen, stop.signal)
} catch (error) {
  process.exitCode = explain(error)
} finally {
  stop[Symbol.dispose]()
}

function readArguments(argv: readonly string[]): JobOptions & { readonly worker: boolean } {
  const program = new Command('npm start --')
    .description(
      'Indexes a folder of Markdown through pooled clients, answers searches over HTTP, and shows what the pools did.',
    )
    .argument('[folder]', 'what to index: .md .mdx .markdown .txt .rst')
    .option('--once', 'end after the summary', false)
    .option('--json', 'the summary as JSON', false)
    .option('--worker', 'only index what others bring to the same DATABASE_URL', false)
    .option('-q, --query <text>', 'what the example search asks')
    .addHelpText('before', examples)
    .addHelpText('after', facts)
    .exitOverride()
    .parse(argv)
  const { query, ...rest } = program.opts<{
    once: boolean
    json: boolean
    worker: boolean
    query?: string
  }>()
  return { folder: program.args[0], query, ...rest }
}

/** Says what is wrong, and without a stack where the user can put it right. */
function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
  const code = codeFor(error)
  const text = error instanceof Error ? error.message : String(error)
  if (code !== undefined) {
    screen.err(`${screen.paintErr('red', '✗')} ${text}`)
    return code
  }
  screen.err(error instanceof Error ? (error.stack ?? text) : text)
  return exitCodes.lost
}

function codeFor(error: unknown): number | undefined {
  if (error instanceof JobError) return error.exitCode
  if (error instanceof FolderError) return exitCodes.usage
  const config = error instanceof SettingsError || error instanceof ConfigError || error instanceof StoreError
  return config ? exitCodes.config : undefined
}
