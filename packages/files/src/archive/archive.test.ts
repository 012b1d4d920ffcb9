import { execFileSync, spawnSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FilesError } from '../errors.js'
import { InputFile } from '../read/read.js'
import { OutputFile } from '../write/write.js'
import { extractZip } from './extract-zip.js'
import { extractTgz } from './tar.js'
import { ZipArchive } from './zip-archive.js'
import { StoredZip } from './zip-write.js'

const room = mkdtempSync(join(tmpdir(), 'archive-'))
afterAll(() => rmSync(room, { recursive: true }))
const out = join(room, 'out')
const refused = expect.objectContaining({ code: 'FILES_ARCHIVE' })

const deflated = Buffer.from('aaaaaaaaaabbbbbbbbbb'.repeat(20))
const stored = Buffer.from('stored as it is')
/** Written by Python's zipfile: pack/a.onnx deflated, pack/b.onnx stored. */
const zipped = Buffer.from(
  'UEsDBBQAAAAIAAAAIVyz0/4mDQAAAJABAAALAAAAcGFjay9hLm9ubnhLTISBJDhIHBUbMDEAUEsDBBQAAAAAAAAAIVxleNFaDwAAAA8AAAALAAAAcGFjay9iLm9ubnhzdG9yZWQgYXMgaXQgaXNQSwECFAMUAAAACAAAACFcs9P+Jg0AAACQAQAACwAAAAAAAAAAAAAApIEAAAAAcGFjay9hLm9ubnhQSwECFAMUAAAAAAAAACFcZXjRWg8AAAAPAAAACwAAAAAAAAAAAAAApIE2AAAAcGFjay9iLm9ubnhQSwUGAAAAAAIAAgByAAAAbgAAAAAA',
  'base64',
)
/** By the tar of this system: other files, a folder, links and a name too long for ustar before and behind what is wanted. */
let tarred: Buffer
const zip = join(room, 'some.zip')
const tgz = join(room, 'some.tgz')

beforeAll(() => {
  const package_ = join(room, 'package')
  mkdirSync(join(package_, 'folder'), { recursive: true })
  writeFileSync(join(package_, 'a.onnx'), deflated)
  writeFileSync(join(package_, 'b.onnx'), stored)
  const long = 'n'.repeat(200)
  writeFileSync(join(package_, 'folder', long), 'x')
  symlinkSync('/etc/passwd', join(package_, 'link'))
  const names = [`folder/${long}`, 'a.onnx', 'link', 'folder', 'b.onnx'].map((n) => `package/${n}`)
  tarred = execFileSync('tar', ['-czf', '-', '-C', room, ...names])
})

const wanted = (folder: string, size: number | null = null) => [
  { member: 'a.onnx', path: join(folder, 'first'), size },
  { member: 'b.onnx', path: join(folder, 'second'), size: null },
]
const inPackage = (folder: string) =>
  wanted(folder).map((one) => ({ ...one, member: `package/${one.member}` }))
const fresh = () => {
  rmSync(out, { recursive: true, force: true })
  mkdirSync(out)
  return out
}

describe.each([
  ['zip', () => zipped, zip, extractZip, wanted],
  ['tgz', () => tarred, tgz, extractTgz, inPackage],
] as const)('a %s of another program', (_, archive, path, extract, of) => {
  it('gives what is wanted, and nothing else', async () => {
    writeFileSync(path, archive())
    await extract(path, of(fresh()))
    expect(readdirSync(out).sort()).toEqual(['first', 'second'])
    expect(readFileSync(join(out, 'first')).equals(deflated)).toBe(true)
    expect(readFileSync(join(out, 'second')).equals(stored)).toBe(true)
  })

  it('that is cut, or has other bytes, gives whole files or a coded error, and leaves no half one', async () => {
    const whole = archive()
    const edits = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(edits, fc.option(fc.nat(whole.length)), async (changes, cut) => {
        const bytes = Buffer.from(whole)
        for (const [at, value] of changes) bytes[at] = value
        writeFileSync(path, cut === null ? bytes : bytes.subarray(0, cut))
        await extract(path, of(fresh())).catch((error) => {
          if (!(error instanceof FilesError)) throw error
        })
        for (const name of readdirSync(out)) {
          expect(['first', 'second']).toContain(name)
          const { length } = name === 'first' ? deflated : stored
          expect(readFileSync(join(out, name))).toHaveLength(length)
        }
      }),
      { numRuns: 200 },
    )
  })
})

it('a tar is not read beyond a link, an empty member or a number that is none', async () => {
  const plain = gunzipSync(tarred)
  const header = plain.indexOf('package/a.onnx\0')
  const changed = (at: number, text: string) => {
    const bytes = Buffer.from(plain)
    bytes.write(text, header + at)
    bytes.fill(' ', header + 148, header + 156)
    const sum = bytes.subarray(header, header + 512).reduce((all, byte) => all + byte, 0)
    bytes.write(`${sum.toString(8).padStart(6, '0')}\0`, header + 148)
    writeFileSync(tgz, gzipSync(bytes))
  }
  changed(0, 'package/a.onnx')
  await extractTgz(tgz, inPackage(fresh()))
  const hostile: [number, string][] = [
    [156, '2'],
    [156, '1'],
    [124, '00000000000'],
    [124, '0000000009x'],
    [124, '77777777777'],
  ]
  for (const [at, text] of hostile) {
    changed(at, text)
    await expect(extractTgz(tgz, inPackage(fresh()))).rejects.toThrow(refused)
    expect(readdirSync(out)).toEqual([])
  }
})

describe('a zip', () => {
  const broken = (why: string) => new FilesError('FILES_ARCHIVE', why)
  const membersOf = (bytes: Buffer) => {
    writeFileSync(zip, bytes)
    using file = new InputFile(zip)
    return new ZipArchive(file, broken).names
  }

  it('is read as it was written', () => {
    {
      using file = new OutputFile(zip)
      const archive = new StoredZip(file, 'root')
      archive.add('one', stored)
      archive.add('none', new Uint8Array())
      archive.end()
      file.commit()
    }
    using file = new InputFile(zip)
    const archive = new ZipArchive(file, broken)
    expect(archive.names).toEqual(['root/one', 'root/none'])
    expect(archive.readStored('root/one').equals(stored)).toBe(true)
    expect(archive.readStored('root/none')).toHaveLength(0)
    expect(() => archive.readStored('one')).toThrow(refused)
  })

  it('is refused where members share their bytes, or a name', () => {
    expect(membersOf(zipped)).toEqual(['pack/a.onnx', 'pack/b.onnx'])
    expect(() =>
      membersOf(Buffer.from(zipped.toString('latin1').replaceAll('b.onnx', 'a.onnx'), 'latin1')),
    ).toThrow(refused)
    const list = zipped.indexOf(Buffer.from('PK\x01\x02'))
    const large = Buffer.from(zipped)
    for (const size of [20, 24]) large.writeUInt32LE(zipped.length + 1, list + size)
    expect(() => membersOf(large)).toThrow(refused)
  })

  it('gives no compressed member as a stored one', () => {
    writeFileSync(zip, zipped)
    using file = new InputFile(zip)
    const archive = new ZipArchive(file, broken)
    expect(() => archive.readStored('pack/a.onnx')).toThrow(/is compressed/)
    expect(archive.readStored('pack/b.onnx').equals(stored)).toBe(true)
  })
})

const disk = join(room, 'disk')
mkdirSync(disk)
const mounted = () =>
  spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4k', 'tmpfs', disk]).status === 0
const mayMount = mounted()
if (mayMount) spawnSync('umount', [disk])

it.skipIf(!mayMount)(
  'a full disk is a coded error of which nothing stays (needs the right to mount)',
  async () => {
    const large = join(room, 'large')
    writeFileSync(large, Buffer.alloc(100_000, 7))
    writeFileSync(tgz, execFileSync('tar', ['-czf', '-', '-C', room, 'large']))
    mounted()
    try {
      const one = { member: 'large', path: join(disk, 'large'), size: null }
      await expect(extractTgz(tgz, [one])).rejects.toMatchObject({ code: 'FILES_DISK_FULL' })
      expect(readdirSync(disk)).toEqual([])
    } finally {
      spawnSync('umount', [disk])
    }
  },
)
