/** The service as a process of its own, which may be asked to stop, or killed. */
import { startService } from '../../src/app.ts'
import { readSettings } from '../../src/config/settings.ts'

/** Repairs come soon, so that a run sees them; all else is as it is for everybody. */
const service = await startService({
  settings: readSettings({ ...process.env, PORT: '0' }),
  pipeline: { repairs: { base: 1_000, cap: 5_000 } },
})
process.once('SIGTERM', () => void service.close({ timeout: 3_000 }).then(() => process.exit(0)))
// It does not outlive whoever started it, however that one ended.
process.stdin.resume().once('end', () => process.exit(1))
process.stdout.write(`${service.url}\n`)
