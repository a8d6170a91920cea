/** Every route of the service. */
import type { FastifyInstance } from 'fastify'
import { batchRoutes } from './batches.ts'
import type { ServiceContext } from './context.ts'
import { deadLetterRoutes } from './dead-letters.ts'
import { describeRoutes } from './describe.ts'
import { documentRoutes } from './documents.ts'
import { eventRoutes } from './events.ts'
import { folderRoutes } from './folders.ts'
import { probeRoutes } from './probes.ts'
import { searchRoutes } from './search.ts'
import { statusRoutes } from './status.ts'
import { vectorizeRoutes } from './vectorize.ts'

export const allRoutes: readonly ((app: FastifyInstance, context: ServiceContext) => void)[] = [
  documentRoutes,
  batchRoutes,
  folderRoutes,
  deadLetterRoutes,
  eventRoutes,
  searchRoutes,
  vectorizeRoutes,
  probeRoutes,
  statusRoutes,
  describeRoutes,
]
