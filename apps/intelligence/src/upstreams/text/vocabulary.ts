/** Words that the rules know by name. Lists, not knowledge: what is missing here is not recognised. */

const technologyNames = `
  Ansible Apache AWS Axios Azure Babel Bash Cassandra Chromium ClickHouse CSS Cypress Debian Deno Django
  Docker Elasticsearch Electron Elixir Erlang Express FastAPI Fastify Firefox Flask Git GitHub GitLab Go Golang
  Grafana GraphQL gRPC Haskell Helm HTML HTTP HTTPS httpx IPv4 IPv6 Java JavaScript Jenkins Jest JSON Jupyter JWT
  Kafka Keycloak Kotlin Kubernetes LangChain LangExtract Linux Lua MariaDB Markdown Memgraph Mistral MongoDB MySQL
  Neo4j Next.js Nginx Node.js npm NumPy OAuth Ollama OpenAI OpenAPI OpenTelemetry Oracle pandas Perl PHP Playwright
  Podman PostgreSQL PostgREST Postman Preact Prisma Prometheus Puppeteer Pydantic pytest Python PyTorch Qdrant
  RabbitMQ Rails React Redis Redpanda REST Ruby Rust Scala scikit-learn Sentry Solr Spring SQLAlchemy SQLite
  Supabase Svelte Swift TensorFlow Terraform TLS TypeScript Ubuntu undici Valkey Vault Vite vLLM Vue WebAssembly
  webpack WebSocket XML YAML Zod`

/** Names of languages, programs, protocols and libraries, longest first so that a pattern prefers them. */
export const technologies: readonly string[] = technologyNames
  .trim()
  .split(/\s+/)
  .sort((a, b) => b.length - a.length)

/** Capitals that are ordinary words, units or roles, not names of a technology. */
export const notAcronyms: ReadonlySet<string> = new Set(
  `A AM AN AND ANY ARE AS AT BE BUT BY CEO CFO CTO DO DR EG ETC EU FAQ FIXME FOR FROM GB GET HAS HEAD HZ ID IE IF IN
  IS IT ITS KB MAY MB MR MS MUST NO NOT NOTE NY OF OFF OK ON ONLY OR PATCH PM POST PUT SHOULD TB THE THIS TO TODO UK
  UN US USA VS WE WILL YES YOU DELETE OPTIONS SELECT INSERT UPDATE WHERE FRESH STALE CRITICAL WARNING ERROR INFO
  DEBUG TRUE FALSE NULL`.split(/\s+/),
)

export interface DomainVocabulary {
  readonly domain: string
  /** Narrower field → its words, in lower case as a reader would write them. */
  readonly subdomains: Readonly<Record<string, string>>
}

export const domainVocabularies: readonly DomainVocabulary[] = [
  {
    domain: 'software_engineering',
    subdomains: {
      networking:
        'http connection pool socket keepalive tcp tls latency proxy dns request response client server retry timeout',
      programming:
        'function class method module variable interface code compiler type library refactor typescript',
      testing: 'test assertion mock fixture coverage regression benchmark suite unit integration',
      operations: 'deploy container docker kubernetes monitoring metric log alert rollback release pipeline',
      api_design: 'api endpoint rest schema payload contract status route json webhook',
    },
  },
  {
    domain: 'data_management',
    subdomains: {
      databases: 'database sql table query index transaction postgresql sqlite schema row column migration',
      search: 'search index ranking relevance query semantic embedding vector similarity retrieval',
      pipelines: 'ingest batch stream etl queue event document indexing freshness stale cache',
    },
  },
  {
    domain: 'machine_learning',
    subdomains: {
      language: 'embedding token prompt model llm transformer entity extraction semantic language text',
      training: 'train dataset epoch gradient loss neural network layer weight inference accuracy',
    },
  },
  {
    domain: 'security',
    subdomains: {
      access: 'authentication authorization password credential token permission role oauth login',
      threats: 'attack vulnerability injection exploit malware encryption certificate breach audit',
    },
  },
  {
    domain: 'business',
    subdomains: {
      finance: 'revenue profit invoice budget cost price market investor bank tax payment',
      management: 'customer strategy stakeholder team hiring roadmap project meeting quarter sales',
    },
  },
  {
    domain: 'health',
    subdomains: {
      medicine: 'patient doctor hospital treatment disease diagnosis symptom drug therapy clinical surgery',
      nutrition: 'diet vitamin protein calorie meal food nutrient sugar fat fibre',
    },
  },
  {
    domain: 'science',
    subdomains: {
      physics: 'particle energy quantum force mass gravity light wave electron field',
      biology: 'cell gene protein species organism evolution dna bacteria plant animal',
    },
  },
  {
    domain: 'law',
    subdomains: {
      general: 'contract court law legal clause liability regulation compliance judge plaintiff statute',
    },
  },
  {
    domain: 'home_and_leisure',
    subdomains: {
      cooking: 'recipe oven bake flour butter onion garlic pan simmer dish kitchen cook',
      travel: 'travel flight hotel beach tourist museum train ticket journey city',
    },
  },
]
