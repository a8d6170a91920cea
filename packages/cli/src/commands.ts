/** Every command, in the order of the help. A new one is one line here. */
import { benchCommand } from './bench/command.ts'
import type { CliCommand } from './command.ts'
import { configCommand } from './config/command.ts'
import { diagnoseCommand } from './diagnose/command.ts'
import { probeCommand } from './probe/command.ts'
import { simulateCommand } from './simulate/command.ts'
import { topCommand } from './top/command.ts'

export const commands: readonly CliCommand[] = [
  benchCommand,
  probeCommand,
  topCommand,
  diagnoseCommand,
  simulateCommand,
  configCommand,
]
