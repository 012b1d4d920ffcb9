import { spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DataError } from '../errors.js'
import { torchGlobals } from '../weights/storage.js'
import { unpickle } from './unpickle.js'

const room = mkdtempSync(join(tmpdir(), 'pickle-bombs-'))
const dist = fileURLToPath(new URL('../../dist', import.meta.url))

// Opcodes: CPython, Lib/pickletools.py.
const latin1 = (text: string) => Buffer.from(text, 'latin1')
const u32 = (value: number) =>
  latin1(String.fromCharCode(...[0, 8, 16, 24].map((s) => (value >> s) & 255)))
const text = (value: string) => Buffer.concat([latin1('X'), u32(value.length), latin1(value)])
const put = (index: number) => Buffer.concat([latin1('r'), u32(index)])
const get = (index: number) => Buffer.concat([latin1('j'), u32(index)])
const pickle = (...parts: (Buffer | string)[]) =>
  Buffer.concat([
    latin1('\x80\x02'),
    ...parts.map((part) => (typeof part === 'string' ? latin1(part) : part)),
  ])

/** Lists of lists, each twice the last: 40 of them are 2^40 when they are written out. */
const laughs = [
  ']',
  text('haha'),
  'a',
  put(0),
  ...Array.from({ length: 40 }, (_, i) =>
    Buffer.concat([latin1(']('), get(i), get(i), latin1('e'), put(i + 1)]),
  ),
]

/** A name of a function, with `argument` in memo 1, called `times` times. */
const calls = (name: string, argument: (Buffer | string)[], times: number, after = '') =>
  pickle(
    `c${name}\n`,
    put(0),
    ...argument,
    put(1),
    '0](',
    'h\x00h\x01R'.repeat(times),
    `e${after}.`,
  )

const bombs: Record<string, Buffer> = {
  'a name of lists': pickle(...laughs, get(40), text('x'), '\x93.'),
  'a name of deep lists': pickle(']', '\x85'.repeat(100_000), text('x'), '\x93.'),
  'a device of lists': pickle(...laughs, '0ctorch\ndevice\n', get(40), '\x85R.'),
  'a storage named by lists': pickle(
    ...laughs,
    '0(',
    text('storage'),
    'ctorch\nFloatStorage\n',
    get(40),
    'N',
    'K\x01tQ.',
  ),
  'one text as bytes, often': calls(
    '_codecs\nencode',
    [text('a'.repeat(500_000)), text('latin1'), '\x86'],
    20_000,
  ),
  'one dict of many items, often': calls(
    'collections\nOrderedDict',
    [
      '](',
      ...Array.from({ length: 50_000 }, (_, i) => `M${String.fromCharCode(i & 255, i >> 8)}N\x86`),
      'e\x85',
    ],
    3000,
  ),
  'one long size, often': calls('torch\nSize', ['](', 'K\x01'.repeat(400_000), 'e\x85'], 100_000),
  'arrays of many sides': calls(
    'numpy.core.numeric\n_frombuffer',
    ['(B\0\0\0\0cnumpy\ndtype\n', text('u1'), '\x85R(', 'K\x00'.repeat(64), 'tt'],
    250_000,
  ),
  'a long dtype, often': calls('numpy\ndtype', [text('f'.repeat(500_000)), '\x85'], 100_000),
  'bytes as a key, often': pickle(
    latin1('B'),
    u32(500_000),
    'a'.repeat(500_000),
    put(0),
    '0}',
    'h\x00Ns'.repeat(300_000),
    '.',
  ),
  'keys that are alike but for their upper bits': pickle(
    '}(',
    Buffer.concat(
      Array.from({ length: 300_000 }, (_, i) =>
        Buffer.concat([latin1('\x8a\x0c\x01\0\0\0\0\0\0\0'), u32(i + 1), latin1('N')]),
      ),
    ),
    'u.',
  ),
}

describe('a pickle that would grow', () => {
  it.each(Object.entries(bombs))('is refused with little memory: %s', (what, bytes) => {
    const path = join(room, `${what}.pkl`)
    writeFileSync(path, bytes)
    const script = `
      import { readFileSync } from 'node:fs'
      const { unpickle } = await import(${JSON.stringify(join(dist, 'pickle/unpickle.js'))})
      const { torchGlobals } = await import(${JSON.stringify(join(dist, 'weights/storage.js'))})
      const { Storages } = await import(${JSON.stringify(join(dist, 'weights/storage.js'))})
      const bytes = readFileSync(process.argv[1])
      let code = 'read'
      try {
        unpickle(bytes, { name: 'x', globals: torchGlobals, persistent: new Storages(1e6).find })
      } catch (error) { code = error.code }
      console.log(code, process.resourceUsage().maxRSS >> 10)`
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ['--max-old-space-size=200', '--input-type=module', '-e', script, path],
      { encoding: 'utf8', timeout: 60_000 },
    )
    const [code, megabytes] = stdout.split(' ')
    expect({ code, stderr }).toEqual({ code: 'DATA_PICKLE', stderr: '' })
    expect(Number(megabytes)).toBeLessThan(400)
  })

  it('keeps an array as it was checked, whatever becomes of the list and of the type', () => {
    const list = ['](', 'K\x01', 'e', put(0)]
    const dtype = ['cnumpy\ndtype\n(', text('u2'), 'K\x00K\x01tR', put(1)]
    const state = ['(K\x01', get(0), get(1), '\x89U\x02\x01\x00tb']
    const array = pickle(
      ...list,
      '0',
      ...dtype,
      '0cnumpy.core.multiarray\n_reconstruct\n(tR',
      ...state,
      put(2),
      '0',
      get(0),
      'K\x07a0',
      get(1),
      '(K\x03',
      text('>'),
      'NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb0',
      get(2),
      '.',
    )
    const { value } = unpickle(array, { name: 'x', globals: torchGlobals })
    expect(value).toMatchObject({ shape: [1] })
    expect([...(value as Iterable<number>)]).toEqual([1])
  })

  it('is a value or a coded error for any run of opcodes', () => {
    const names = [...torchGlobals.keys()].map((name) => `c${name.replace(/\.(?=[^.]*$)/, '\n')}\n`)
    const piece = fc.oneof(
      fc.constantFrom(...'N]})}(tadlesu20R0bQ\x85\x86\x87\x88\x89\x93\x94'),
      fc.constantFrom(...names),
      fc.nat(7).map((n) => `q${String.fromCharCode(n)}`),
      fc.nat(7).map((n) => `h${String.fromCharCode(n)}`),
      fc.nat(255).map((n) => `K${String.fromCharCode(n)}`),
      fc
        .constantFrom('u1', 'f4', '>', 'storage', 'latin1', 'x')
        .map((word) => text(word).toString('latin1')),
      fc.constant('U\x04abcd'),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        try {
          unpickle(pickle(...pieces, '.'), { name: 'x', globals: torchGlobals })
        } catch (error) {
          if (!(error instanceof DataError)) throw error
        }
      }),
      { numRuns: 4000 },
    )
  })
})
