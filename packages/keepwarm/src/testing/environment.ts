/** What an environment variable says a simulation should do. */
export function wholeNumber(name: string, otherwise: number): number {
  const value = Number(process.env[name] ?? otherwise)
  if (Number.isSafeInteger(value) && value > 0) return value
  throw new Error(`${name} is "${process.env[name]}"; it must be a whole number above 0, as in ${name}=500`)
}
