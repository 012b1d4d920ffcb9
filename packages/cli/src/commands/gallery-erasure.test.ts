import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openGallery } from '@arcface/gallery'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'

const bin = fileURLToPath(new URL('../../bin/arcface.js', import.meta.url))
const room = mkdtempSync(join(tmpdir(), 'erasure-cli-'))
afterAll(() => rmSync(room, { recursive: true }))

const gallery = (...args: string[]) => {
  const run = spawnSync(process.execPath, [bin, 'gallery', ...args], { encoding: 'utf8' })
  return { status: run.status, stdout: run.stdout, stderr: run.stderr }
}

function json(...args: string[]) {
  const { status, stdout, stderr } = gallery(...args, '--json')
  expect([status, stderr]).toEqual([0, ''])
  return JSON.parse(stdout)
}

let path: string
let here: string
beforeEach(async () => {
  here = mkdtempSync(join(room, 'x-'))
  path = join(here, 'people')
  const model = { sha256: 'a'.repeat(64), name: 'm', dim: 4, preprocessing: null }
  const one = await openGallery(path, { model })
  await one.enroll([
    { person: 'Ada', embedding: Float32Array.of(1, 0, 0, 0) },
    { person: 'Grace', embedding: Float32Array.of(0, 1, 0, 0) },
  ])
  await one.close()
})

it('somebody is described with consent and retention, which are shown and taken away', () => {
  json(
    ...['describe', path, 'Ada', '--consent-basis', 'consent', '--consent-at', '2026-01-02'],
    ...['--consent-evidence', 'form 12', '--consent-expires', '2999-01-01'],
    ...['--retain-until', '2998-12-31T12:00+01:00'],
  )
  expect(json('show', path, 'Ada')).toMatchObject({
    consent: {
      basis: 'consent',
      at: '2026-01-02T00:00:00.000Z',
      evidence: 'form 12',
      expires: '2999-01-01T00:00:00.000Z',
    },
    retainUntil: '2998-12-31T11:00:00.000Z',
  })
  expect(gallery('show', path, 'Ada').stdout).toMatch(
    /^consent +consent, 2026-01-02.*, form 12, until 2999.*\nkept until +2998-/m,
  )
  json('describe', path, 'Ada', '--no-retain-until', '--group', 'staff')
  expect(json('show', path, 'Ada')).toMatchObject({ groups: ['staff'], consent: {} })
  expect(json('show', path, 'Ada')).not.toHaveProperty('retainUntil')
  json('describe', path, 'Ada', '--no-consent')
  expect(json('show', path, 'Ada')).not.toHaveProperty('consent')
  for (const [wrong, status] of [
    [['--consent-expires', '2999-01-01'], 2],
    [['--consent-basis', 'law', '--no-consent'], 2],
    [['--retain-until', 'soon'], 2],
    [['--retain-until', '2999-02-30'], 2],
    [['--consent-basis', 'law', '--consent-expires', '2001-01-01'], 1],
  ] as const)
    expect(gallery('describe', path, 'Ada', ...wrong).status, wrong.join(' ')).toBe(status)
})

describe('arcface gallery sweep', () => {
  it('says who is due now or then, and erases with a receipt that is checked', () => {
    json('describe', path, 'Ada', '--retain-until', '2020-01-01')
    json('describe', path, 'Grace', '--retain-until', '2100-01-01')
    const due = [{ name: 'Ada', faces: 1, at: '2020-01-01T00:00:00.000Z', by: 'retention' }]
    expect(json('sweep', path, '--dry-run')).toMatchObject({ due, erased: false })
    expect(json('sweep', path, '--dry-run', '--at', '2101-01-01').due).toHaveLength(2)
    expect(gallery('sweep', path, '--at', '2101-01-01').status).toBe(2)
    const file = join(here, 'swept.json')
    const { stdout } = gallery('sweep', path, '--receipt', file)
    expect(stdout).toMatch(/^Ada +1 face +retention +2020-01-01T.*\n1 person erased\n$/m)
    expect(json('list', path).people).toMatchObject([{ name: 'Grace' }])
    for (const secret of [file, join(path, 'receipts.pem')])
      expect(statSync(secret).mode & 0o777).toBe(0o600)
    const told = json(
      'receipt',
      file,
      '--receipt-key',
      join(path, 'receipts.pem'),
      '--person',
      'Ada',
    )
    expect(told).toMatchObject({
      ...{ signed: true, own: true, about: true },
      receipt: { gallery: 'people', why: 'swept', found: { people: 0, faces: 0, secrets: 0 } },
    })
    expect(json('sweep', path, '--receipt', join(here, 'none.json'))).toMatchObject({ due: [] })
    expect(existsSync(join(here, 'none.json'))).toBe(false)
  })

  it('by a clock that is behind erases nobody', async () => {
    const one = await openGallery(path)
    await one.addPeople([{ name: 'Bob', added: new Date('2999-01-01'), retainUntil: new Date(0) }])
    await one.close()
    const { status, stderr } = gallery('sweep', path)
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^error GALLERY_CLOCK: .*2999-/)])
    expect(json('sweep', path, '--trust-clock').due).toMatchObject([{ name: 'Bob' }])
  })
})

describe('arcface gallery receipt', () => {
  const receipt = () => join(here, 'ada.json')
  const erase = (...more: string[]) => json('delete', path, 'Ada', '--receipt', receipt(), ...more)

  it('tells what a receipt says, whose it is, and whom it is about', () => {
    const key = join(here, 'own/key.pem')
    const { deleted, receipt: told } = erase('--receipt-key', key)
    expect([deleted, JSON.parse(readFileSync(receipt(), 'utf8'))]).toEqual([['Ada'], told])
    const { status, stdout } = gallery(
      'receipt',
      receipt(),
      '--receipt-key',
      key,
      '--person',
      'Ada',
    )
    expect(status).toBe(0)
    expect(stdout).toMatch(/destroyed +1 people, 1 face, 0 pictures: files rewritten\n/)
    expect(stdout).toMatch(/it is of this key\nit is about Ada\n$/)
    expect(gallery('receipt', receipt()).status).toBe(0)
    const other = gallery('receipt', receipt(), '--receipt-key', key, '--person', 'Grace')
    expect([other.status, other.stdout]).toEqual([1, expect.stringMatching(/NOT about Grace\n$/)])
    gallery('delete', path, 'Grace', '--receipt', join(here, 'grace.json'))
    const foreign = gallery('receipt', receipt(), '--receipt-key', join(path, 'receipts.pem'))
    expect([foreign.status, foreign.stdout]).toEqual([1, expect.stringMatching(/ANOTHER key\n$/)])
  })

  it('refuses what was changed, is none, or lacks its key', () => {
    erase()
    const text = readFileSync(receipt(), 'utf8')
    for (const wrong of [text.replace('"faces": 1', '"faces": 2'), text.slice(0, -9), '{}', '']) {
      writeFileSync(receipt(), wrong)
      const { status, stderr } = gallery('receipt', receipt())
      expect([status, stderr]).toEqual([1, expect.stringMatching(/^error GALLERY_RECEIPT: /)])
    }
    expect(gallery('receipt', receipt(), '--person', 'Ada').status).toBe(2)
    const missing = gallery('receipt', receipt(), '--receipt-key', join(here, 'none.pem'))
    expect([missing.status, existsSync(join(here, 'none.pem'))]).toEqual([1, false])
    expect(gallery('receipt', join(here, 'none.json')).stderr).not.toMatch(/\bat .*\.js:/)
  })

  it('nobody is erased where there can be no receipt', () => {
    const before = join(here, 'before')
    cpSync(path, before, { recursive: true })
    writeFileSync(join(path, 'receipts.pem'), 'no key')
    const refused = gallery('delete', path, 'Ada', '--receipt', receipt())
    expect([refused.status, refused.stderr]).toEqual([1, expect.stringMatching(/GALLERY_RECEIPT/)])
    const nowhere = gallery('delete', before, 'Ada', '--receipt', join(here, 'no/such/folder.json'))
    expect(nowhere.status).toBe(1)
    expect(gallery('delete', before, '--face', 'x', '--receipt', receipt()).status).toBe(2)
    for (const one of [path, before]) expect(json('list', one).people).toHaveLength(2)
    expect(existsSync(receipt())).toBe(false)
  })
})
