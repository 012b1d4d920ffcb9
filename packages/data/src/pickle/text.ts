import { Malformed } from './value.js'

// The arguments of protocol 0's opcodes: a line of text each.

/** A decimal number beyond this many digits is a trap: converting takes quadratic time. */
const MOST_DIGITS = 1000

const escapes: Record<string, string> = {
  n: '\n',
  r: '\r',
  t: '\t',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
}

/** A whole number, with or without Python 2's L behind it. */
export function parseInteger(line: string): number | bigint {
  const [, digits] = /^\s*([+-]?\d+)L?\s*$/.exec(line) ?? []
  if (digits === undefined || digits.length > MOST_DIGITS)
    throw new Malformed(`"${line.slice(0, 20)}" is no whole number`)
  return narrow(BigInt(digits))
}

export function parseFloatLine(line: string): number {
  const [, sign, special] = /^([+-]?)(inf|nan)$/.exec(line) ?? []
  if (special === 'nan') return Number.NaN
  if (special === 'inf') return sign === '-' ? -Infinity : Infinity
  const value = Number(line)
  if (line.trim() === '' || Number.isNaN(value))
    throw new Malformed(`"${line.slice(0, 20)}" is no number`)
  return value
}

/** Python's repr of bytes: quoted, with escapes. */
export function parseQuoted(line: string): Buffer {
  const [, , body] = /^(['"])(.*)\1$/s.exec(line.trim()) ?? []
  if (body === undefined) throw new Malformed('a text has no quotes')
  const plain = body.replace(
    /\\(?:x([0-9a-fA-F]{2})|([0-7]{1,3})|(.))/gs,
    (_, hex?: string, octal?: string, other = '') =>
      hex !== undefined
        ? String.fromCharCode(Number.parseInt(hex, 16))
        : octal !== undefined
          ? String.fromCharCode(Number.parseInt(octal, 8) & 255)
          : (escapes[other] ?? other),
  )
  return Buffer.from(plain, 'latin1')
}

/** Python's raw-unicode-escape: Latin-1 with \uXXXX and \UXXXXXXXX. */
export function parseUnicode(line: string): string {
  return line.replace(/\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/g, (_, four, eight) => {
    const code = Number.parseInt(four ?? eight, 16)
    if (code > 0x10ffff) throw new Malformed('a text has a character beyond Unicode')
    return String.fromCodePoint(code)
  })
}

/** Little-endian two's complement. */
export function parseLong(bytes: Buffer): number | bigint {
  if (bytes.length === 0) return 0
  if (bytes.length > MOST_DIGITS) throw new Malformed(`a number has ${bytes.length} bytes`)
  const hex = Buffer.from(bytes).reverse().toString('hex')
  return narrow(BigInt.asIntN(8 * bytes.length, BigInt(`0x${hex}`)))
}

const narrow = (value: bigint): number | bigint =>
  Number.isSafeInteger(Number(value)) ? Number(value) : value
