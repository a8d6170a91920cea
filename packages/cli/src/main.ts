#!/usr/bin/env node
/** The `keepwarm` command. From its sources: `node packages/cli/src/main.ts`. */
import { registerHooks } from 'node:module'

// From the sources, `keepwarm` is the library's sources too: nothing has to be built.
if (import.meta.filename.endsWith('.ts')) {
  registerHooks({
    resolve: (specifier, context, next) =>
      next(specifier, { ...context, conditions: [...context.conditions, 'keepwarm-source'] }),
  })
}

const { processSurroundings } = await import('./terminal/process.ts')
const { runCommandLine } = await import('./program.ts')

using surroundings = processSurroundings()
process.exitCode = await runCommandLine(process.argv.slice(2), surroundings)
