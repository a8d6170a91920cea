/** What a package that is published must hold, and what it must not. */

export interface PackageRules {
  readonly name: string
  /** Bytes that the tarball may have. */
  readonly most: number
  /** Files that it must hold, besides those that each package must. */
  readonly needed: readonly string[]
}

const neededByAll = ['LICENSE', 'README.md', 'package.json']

/** Whatever is nobody's business, or of no use, outside of the repository. */
const unwanted =
  /\.(test|spec)\.|(^|\/)(test|node_modules|coverage|\.data)\/|(^|\/)\.|\.(tgz|log|pem|key|p12|sqlite)$|tsbuildinfo$/

/** Texts that would be a secret, or the path of one machine. */
const secrets: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['a private key', /-----BEGIN [A-Z ]*PRIVATE KEY-----\s*[A-Za-z0-9+/]/],
  ['a token of npm', /\bnpm_[A-Za-z0-9]{36}\b|_authToken\s*=\s*\S/],
  ['a token of GitHub', /\bgh[pousr]_[A-Za-z0-9]{36}\b/],
  ['a key of a cloud', /\bAKIA[0-9A-Z]{16}\b/],
  ['a path of one machine', /["'](file:\/\/)?\/(home|Users|work|root)\/[\w.-]+\//],
]

/** By the list of the files and the manifest alone. */
export function listComplaints(
  { name, most, needed }: PackageRules,
  manifest: object,
  { size, files }: { readonly size: number; readonly files: readonly string[] },
): string[] {
  const held = new Set(files)
  const {
    exports = {},
    bin = {},
    private: isPrivate,
  } = manifest as {
    exports?: object
    bin?: object
    private?: boolean
  }
  const targets = [...targetsOf(exports), ...targetsOf(bin)].filter((path) => !path.includes('*'))
  const missing = [...neededByAll, ...needed, ...targets].filter((path) => !held.has(path))
  return [
    ...(isPrivate === true ? [`${name} is private: npm refuses to publish it`] : []),
    ...(size > most
      ? [`${name} has ${size} bytes, more than the ${most} it may have: leave files out, or raise the budget`]
      : []),
    ...[...new Set(missing)].map((path) => `${name} lacks ${path}`),
    ...files.filter((path) => unwanted.test(path)).map((path) => `${name} holds ${path}, which nobody needs`),
  ]
}

/** @param place the file's name, as the complaint begins */
export function contentComplaints(place: string, text: string): string[] {
  return secrets.filter(([, pattern]) => pattern.test(text)).map(([what]) => `${place} holds ${what}`)
}

/** The files that `exports` or `bin` lead to, but for the sources, which only this repository asks for. */
function targetsOf(entry: unknown): string[] {
  if (typeof entry === 'string') return [entry.replace(/^\.\//, '')]
  if (typeof entry !== 'object' || entry === null) return []
  return Object.entries(entry).flatMap(([key, value]) => (key === 'keepwarm-source' ? [] : targetsOf(value)))
}
