/** An address as messages show it: without a password, and without what a query may hold of keys. */
export function shown(address: string): string {
  const { protocol, origin, pathname } = new URL(address)
  return /^https?:$/.test(protocol) ? origin + pathname : `${protocol}...`
}

/** The last part of an address. */
export function fileName(address: string): string {
  const last = new URL(address).pathname.split('/').at(-1)!
  try {
    return decodeURIComponent(last)
  } catch {
    return last
  }
}
