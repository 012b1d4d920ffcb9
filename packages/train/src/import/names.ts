/**
 * A name in state dicts for each weight of a file: that of the file, with what is no letter, digit, `_`, `-` or `.`
 * replaced by `_`. A number alone gets `weight_` before it. Each name once.
 */
export function stateNames(names: Iterable<string>): Map<string, string> {
  const taken = new Set<string>()
  return new Map(
    Array.from(names, (name) => {
      const plain = name.replace(/[^\w.-]/g, '_').replace(/^[._]+|\.+$/g, '')
      const wanted = /^\d*$/.test(plain) ? `weight_${plain}` : plain
      let free = wanted
      for (let i = 1; taken.has(free); i++) free = `${wanted}_${i}`
      taken.add(free)
      return [name, free]
    }),
  )
}
