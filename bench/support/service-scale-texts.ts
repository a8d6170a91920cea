/**
 * Documents that come out the same for the same seed and number, with words as a language has them: few that are
 * everywhere, many that are rare, and some that belong together.
 */
import { Chance } from '@keepwarm/cli/measuring'

export interface GeneratedDocument {
  readonly source: string
  readonly title: string
  readonly content: string
}

/** How documents are long: characters, and how many of a hundred. */
const sizes = [
  { name: 'short', characters: 600, share: 0.7 },
  { name: 'medium', characters: 2_000, share: 0.25 },
  { name: 'long', characters: 8_000, share: 0.05 },
] as const

const TOPICS = 400
const TOPIC_WORDS = 24
const VOCABULARY = 20_000
/** Of ten words that are not everywhere, so many belong to the document's topic. */
const TOPICAL = 0.3

const everywhere = (
  'the of and to a in is that for it as was with be by on not he this are or his from at which but have an they you ' +
  'were their one all we can her has there been if more when will would who so no said what up its about into than ' +
  'them only some could time these two may then do first any my now such like our over man me even most made after'
).split(' ')
const onsets = 'b c d f g h j k l m n p r s t v w z br ch cl cr dr fl gr pl pr sh sl sp st str th tr'.split(
  ' ',
)
const middles = 'a e i o u ai ea ee ie oa oo ou'.split(' ')
const endings = ' n r l s t m d ck nd nt st ng ll'.split(' ')

/** Made once: the words by rank, so that the first are frequent. */
const vocabulary = makeWords(new Chance(7), VOCABULARY)
const topics = makeTopics(new Chance(11))

/** The document of this number. Every third shares its topic's words with others; titles name the topic. */
export function documentOf(seed: number, number: number): GeneratedDocument {
  const chance = new Chance((Math.imul(seed, 0x9e37_79b9) ^ Math.imul(number + 1, 0x85eb_ca6b)) >>> 0)
  const topic = topics[number % TOPICS]!
  const title = `${capital(chance.pick(topic))} ${chance.pick(topic)} ${number}`
  const parts = [`# ${title}\n`]
  const length = lengthFor(chance)
  for (let written = 0; written < length;) {
    if (written > 0 && chance.happens(0.25))
      parts.push(`## ${capital(chance.pick(topic))} ${wordOf(chance)}\n`)
    const paragraph = paragraphOf(chance, topic, Math.min(700, length - written))
    parts.push(`${paragraph}\n`)
    written += paragraph.length
  }
  return { source: `generated/${number % 100}/${number}.md`, title, content: parts.join('\n') }
}

/** What somebody looks for: two words of a topic, sometimes with one that is found in many documents. */
export function queryOf(seed: number, number: number): string {
  const chance = new Chance((Math.imul(seed, 0xc2b2_ae35) ^ Math.imul(number + 1, 0x27d4_eb2f)) >>> 0)
  const topic = chance.pick(topics)
  const words = [chance.pick(topic), chance.pick(topic)]
  return (chance.happens(0.3) ? [...words, wordOf(chance)] : words).join(' ')
}

function lengthFor(chance: Chance): number {
  let left = chance.next()
  const size = sizes.find(({ share }) => (left -= share) < 0) ?? sizes[0]
  return size.characters * chance.between(0.7, 1.3)
}

function paragraphOf(chance: Chance, topic: readonly string[], length: number): string {
  const sentences: string[] = []
  for (let written = 0; written < length;) {
    const words = Array.from({ length: 6 + Math.floor(chance.next() * 12) }, () =>
      chance.happens(0.45)
        ? chance.pick(everywhere)
        : chance.happens(TOPICAL)
          ? chance.pick(topic)
          : wordOf(chance),
    )
    const sentence = `${capital(words.join(' '))}.`
    sentences.push(sentence)
    written += sentence.length + 1
  }
  return sentences.join(' ')
}

/** Zipf's law, near enough: a word's frequency falls with its rank. */
function wordOf(chance: Chance): string {
  return vocabulary[Math.floor(VOCABULARY ** chance.next()) - 1]!
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function makeWords(chance: Chance, count: number): readonly string[] {
  const words = new Set<string>()
  while (words.size < count) {
    const syllables = Array.from(
      { length: 2 + Math.floor(chance.next() * 3) },
      () => chance.pick(onsets) + chance.pick(middles),
    )
    words.add(syllables.join('') + chance.pick(endings))
  }
  return [...words]
}

/** From the rarer half, so that topics are told apart by them. */
function makeTopics(chance: Chance): readonly (readonly string[])[] {
  const rare = vocabulary.slice(VOCABULARY / 2)
  return Array.from({ length: TOPICS }, () => Array.from({ length: TOPIC_WORDS }, () => chance.pick(rare)))
}
