/** The IP addresses that origins lead to, and who waits for room at one. Only used where connections to one are limited. */
import { Address, type Origin, type Slot } from './entities.ts'

/** Addresses that are remembered while nothing is open to them. */
const REMEMBERED = 1_024

export class AddressBook {
  private readonly known = new Map<string, Address>()

  /** The origin leads to these. */
  assign(origin: Origin, ips: readonly string[]): void {
    origin.addresses = ips.map((ip) => this.find(ip))
  }

  /** The slot leads here, whatever the limits say. */
  locate(slot: Slot, ip: string): void {
    slot.address = this.find(ip)
    slot.address.open++
  }

  private find(ip: string): Address {
    let address = this.known.get(ip)
    if (address === undefined) {
      if (this.known.size >= REMEMBERED) this.forget()
      this.known.set(ip, (address = new Address(ip)))
    }
    return address
  }

  private forget(): void {
    for (const [ip, { open, blocked }] of this.known) if (open + blocked.size === 0) this.known.delete(ip)
  }
}

/** Whether the origin may have one more connection, as far as its addresses go; also while it is not known where it leads. */
export function hasAddress({ addresses }: Origin, limit: number): boolean {
  return limit === Infinity || addresses === null || addresses.some(({ open }) => open < limit)
}

/** Decides where the slot leads: of the addresses with room the one that failed least, of those the one that has least. */
export function takeAddress(slot: Slot, limit: number): Address | null {
  if (limit === Infinity) return null
  let best: Address | null = null
  for (const address of slot.origin.addresses ?? []) {
    if (address.open < limit && (best === null || isBetter(address, best))) best = address
  }
  if (best !== null) best.open++
  slot.address = best
  return best
}

function isBetter(one: Address, other: Address): boolean {
  return one.failures === other.failures ? one.open < other.open : one.failures < other.failures
}

/** The origin is to be told when there is room at one of its addresses. */
export function block(origin: Origin): void {
  for (const { blocked } of origin.addresses ?? []) blocked.add(origin)
}

export function unblock(origin: Origin): void {
  for (const { blocked } of origin.addresses ?? []) blocked.delete(origin)
}
