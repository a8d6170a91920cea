import { render } from 'preact'
import { listen } from './feed.ts'
import { moveOn } from './store.ts'
import './style/all.css'
import { App } from './ui/app.tsx'
import { applyTheme } from './ui/theme.ts'

/** How often ages on the screen move on. */
const AGES_EVERY = 500

applyTheme()
render(<App />, document.getElementById('app')!)
listen()
setInterval(moveOn, AGES_EVERY)
