import { render } from 'preact'
import { applyTheme } from '@keepwarm/dashboard/page/ui/theme.ts'
import { listen } from './feed.ts'
import { arrive } from './find.ts'
import { lookAgain, readHealth } from './look.ts'
import { nowhere } from './state/place.ts'
import { needsToken, place } from './store.ts'
import './style/all.css'
import { App } from './ui/app.tsx'
import { takeDrops } from './ui/drops.ts'

/** How often the upstreams are asked after while somebody looks, in ms. */
const HEALTH_EVERY = 20_000

/** Also once the token was shown: everything is asked for anew then. */
function begin(): void {
  place.value = nowhere
  void lookAgain()
  arrive()
  listen()
}

applyTheme()
render(<App begin={begin} />, document.getElementById('app')!)
takeDrops()
begin()
addEventListener('hashchange', arrive)
setInterval(() => {
  if (!document.hidden && !needsToken.value) void readHealth().catch(() => undefined)
}, HEALTH_EVERY)
// A machine that woke up finds its stream dead and does not know it yet.
addEventListener('online', listen)
