#!/usr/bin/env node
/** The `keepwarm` command. From its sources: `node packages/cli/src/main.ts`. */
import module from 'node:module'

/** The oldest Node that it runs on; package.json says the same, and npm only warns. */
const OLDEST = 24

if (Number.parseInt(process.versions.node, 10) < OLDEST) {
  console.error(`✗ keepwarm needs Node ${OLDEST} or later, and this is ${process.version}`)
  process.exit(1)
}

// From the sources, `keepwarm` is the library's sources too: nothing has to be built.
if (import.meta.filename.endsWith('.ts')) {
  module.registerHooks({
    resolve: (specifier, context, next) =>
      next(specifier, { ...context, conditions: [...context.conditions, 'keepwarm-source'] }),
  })
}

const { processSurroundings } = await import('./terminal/process.ts')
const { runCommandLine } = await import('./program.ts')

using surroundings = processSurroundings()
process.exitCode = await runCommandLine(process.argv.slice(2), surroundings)
