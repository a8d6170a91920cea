import type { JSX } from 'preact'
import { placesText, stripOf, type Place, type Strip } from '../state/glyphs.ts'
import type { Places } from '../state/places.ts'

const STEP = 7
const HEIGHT = 14
/** So many signs stand in one line. */
const IN_LINE = 32

/** Full: in use. Half: being dialed. Low: idle. A dot: free. */
const paths: Readonly<Record<Place, (x: number, y: number) => string>> = {
  used: (x, y) => `M${x} ${y + 1}h5v12h-5z`,
  dialing: (x, y) => `M${x} ${y + 13}l5-12v12z`,
  idle: (x, y) => `M${x} ${y + 8}h5v5h-5z`,
  free: (x, y) => `M${x + 1.5} ${y + 11}h2v2h-2z`,
}

/** One client's connections, each a sign; with HTTP/2 its requests. */
export function Slots({ places }: { places: Places }): JSX.Element {
  const strip = stripOf(places)
  const text = placesText(places)
  return (
    <div class="slots">
      {strip.kind === 'glyphs' ? <Signs strip={strip} /> : <Bar strip={strip} />}
      <span class="slots-text">{text}</span>
    </div>
  )
}

function Signs({ strip: { places } }: { strip: Extract<Strip, { kind: 'glyphs' }> }): JSX.Element {
  const lines = Math.max(1, Math.ceil(places.length / IN_LINE))
  const width = Math.max(1, Math.min(places.length, IN_LINE)) * STEP
  const height = lines * HEIGHT
  const kinds: readonly Place[] = ['used', 'dialing', 'idle', 'free']
  const drawn = kinds.map((kind) => {
    const own = places.map((place, index) =>
      place === kind ? paths[kind]((index % IN_LINE) * STEP, Math.floor(index / IN_LINE) * HEIGHT) : '',
    )
    return <path key={kind} class={`place ${kind}`} d={own.join('')} />
  })
  return (
    <svg viewBox={`0 0 ${width} ${height}`} width={width} height={height} aria-hidden="true">
      {drawn}
    </svg>
  )
}

function Bar({ strip: { shares } }: { strip: Extract<Strip, { kind: 'bar' }> }): JSX.Element {
  const width = IN_LINE * STEP
  let x = 0
  return (
    <svg viewBox={`0 0 ${width} ${HEIGHT}`} width={width} height={HEIGHT} aria-hidden="true">
      <path class="place frame" d={`M.5 .5h${width - 1}v${HEIGHT - 1}h${1 - width}z`} />
      {shares.map(({ place, share }) => {
        const from = x
        x += share * width
        const tall = { used: 12, dialing: 9, idle: 5, free: 0 }[place]
        return <path key={place} class={`place ${place}`} d={`M${from} ${13 - tall}H${x}V13H${from}z`} />
      })}
    </svg>
  )
}
