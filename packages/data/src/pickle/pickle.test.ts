import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inflateSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DataError } from '../errors.js'
import { plainGlobals } from './numpy.js'
import { unpickle } from './unpickle.js'

const goldens = fileURLToPath(new URL('../../goldens/generated', import.meta.url))
const facts = JSON.parse(readFileSync(join(goldens, 'formats.json'), 'utf8')) as {
  values: unknown[]
}
const pickles = [0, 1, 2, 3, 4, 5].map((protocol) =>
  inflateSync(readFileSync(join(goldens, `values-${protocol}.pkl.z`))),
)
const read = (bytes: Buffer) => unpickle(bytes, { name: 'test', globals: plainGlobals }).value
const refuses = (bytes: string, message: RegExp, code = 'DATA_PICKLE') =>
  expect(() => read(Buffer.from(bytes, 'latin1'))).toThrow(
    expect.objectContaining({ code, message: expect.stringMatching(message) }),
  )

/** Maps as objects. */
const plain = (value: unknown): unknown =>
  value instanceof Map
    ? Object.fromEntries([...value].map(([k, v]) => [k, plain(v)]))
    : Array.isArray(value)
      ? value.map(plain)
      : value

describe('unpickle', () => {
  it.each([0, 1, 2, 3, 4, 5])('reads what Python wrote in protocol %i', (protocol) => {
    expect(plain(read(pickles[protocol]!))).toEqual(facts.values)
  })

  it('reads numbers beyond 2^53, odd floats and Python 2 text', () => {
    expect(read(Buffer.from('L123456789012345678901L\n.'))).toBe(123456789012345678901n)
    expect(read(Buffer.from('8a0affffffffffffffffff7f2e', 'hex'))).toBe(2n ** 79n - 1n)
    expect(read(Buffer.from('8a01ff2e', 'hex'))).toBe(-1)
    expect(read(Buffer.from('F-inf\n.'))).toBe(-Infinity)
    expect(read(Buffer.from("S'a\\x00\\'\\n\\\\'\n."))).toEqual(Buffer.from("a\0'\n\\"))
    expect(read(Buffer.from("(dS'key'\nI1\ns."))).toEqual(new Map([['key', 1]]))
  })

  it('runs nothing, and says what it was asked to run', () => {
    for (const name of ['os system', 'builtins eval', 'numpy load', 'torch load', 'x __proto__'])
      refuses(
        `c${name.replace(' ', '\n')}\n(S'x'\ntR.`,
        new RegExp(name.replace(' ', '\\.')),
        'DATA_PICKLE_CODE',
      )
    refuses('\x80\x04\x8c\x05posix\x8c\x06system\x93.', /posix\.system/, 'DATA_PICKLE_CODE')
    refuses('(S"x"\nios\nsystem\n.', /INST/)
    refuses('N)\x81.', /NEWOBJ/)
    refuses('K\x01)R.', /no function/)
  })

  it('names what is broken', () => {
    refuses('', /only 0 follow/)
    refuses(']', /only 0 follow/)
    refuses('a.', /stack is empty/)
    refuses('e.', /mark is missing/)
    refuses('(0.', /stack is empty/)
    refuses('K\x01(K\x02\x86.', /stack is empty/)
    refuses('Na.', /stack is empty/)
    refuses('NNa.', /no list/)
    refuses('}]Ns.', /key of a dict/)
    refuses('h\x05.', /unknown object 5/)
    refuses('X\xff\xff\xff\x7fabc.', /2147483647 bytes are announced/)
    refuses('\x8e\xff\xff\xff\xff\xff\xff\xff\xffabc.', /are announced/)
    refuses('T\xff\xff\xff\xffabc.', /-1 bytes/)
    refuses('\x8b\xff\xff\xff\xffabc.', /-1 bytes/)
    refuses('\x95\xff\xff\xff\xff\xff\xff\xff\x7f.', /frame/)
    refuses('\x80\x06.', /newer than 5/)
    refuses(`I${'9'.repeat(5000)}\n.`, /no whole number/)
    refuses(`S'${'x'.repeat(40)}`, /no end/)
    refuses('Pid\n.', /outside/)
    refuses('\xf0.', /0xf0 is no opcode/)
    refuses('Nb.', /stack is empty/)
    refuses('NNb.', /no known kind/)
  })

  it('checks what numpy arrays say of themselves', () => {
    const dtype = (text: string) => `cnumpy\ndtype\n(S'${text}'\nI0\nI1\ntR`
    refuses(`${dtype('O8')}.`, /dtype O8/)
    refuses(`${dtype('f1')}.`, /dtype f1/)
    const array = (shape: string, data: string) =>
      `cnumpy.core.multiarray\n_reconstruct\n(tR(I1\n${shape}${dtype('i4')}I00\n${data}tb.`
    refuses(array('(I3\nt', "S'abcd'\n"), /\[3\] of 12 bytes has 4/)
    refuses(array('(I-3\nt', "S'abcd'\n"), /whole numbers/)
    refuses(array('(I1\nt', '(lN0'), /array of objects/)
    refuses(`cnumpy.core.multiarray\nscalar\n(${dtype('f8')}S'abc'\ntR.`, /scalar/)
  })

  it('makes no more than a million objects, whatever the input says', () => {
    refuses(`(${'}'.repeat(1_100_000)}t.`, /more than 1000000 objects/)
    refuses(`N${'\x94'.repeat(1_100_000)}.`, /remembers more/)
    refuses('('.repeat(2_100_000), /stack grows/)
    refuses('N2'.repeat(2_100_000), /stack grows/)
    // Lists in lists, each twice the last: nothing is copied, and a list may hold itself.
    const doubling = `]${'q\x00(h\x00h\x00lq\x01'.repeat(64)}.`
    expect(Array.isArray(read(Buffer.from(doubling, 'latin1')))).toBe(true)
    const own = read(Buffer.from(']q\x00h\x00a.', 'latin1')) as unknown[]
    expect(own[0]).toBe(own)
    const deep = read(Buffer.from(`${']'.repeat(100_000)}${'a'.repeat(99_999)}.`)) as unknown[]
    expect(deep).toHaveLength(1)
  })

  it('survives any change and any bytes: a value or a coded error', () => {
    const attempt = (bytes: Buffer) => {
      try {
        read(bytes)
      } catch (error) {
        if (!(error instanceof DataError)) throw error
      }
    }
    const edit = fc.tuple(fc.nat(), fc.nat(255))
    fc.assert(
      fc.property(fc.nat(5), fc.array(edit, { maxLength: 9 }), fc.nat(), (p, edits, cut) => {
        const bytes = Buffer.from(pickles[p]!.subarray(0, 1 + (cut % pickles[p]!.length)))
        for (const [at, value] of edits) bytes[at % Math.min(bytes.length, 900)] = value
        attempt(bytes)
      }),
      { numRuns: 1500 },
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => attempt(Buffer.from(bytes))),
      { numRuns: 3000 },
    )
  })
})
