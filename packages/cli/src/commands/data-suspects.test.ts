import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { tinyModel } from '@arcface/testing'
import { expect, it } from 'vitest'

const bin = fileURLToPath(new URL('../../bin/arcface.js', import.meta.url))
const room = mkdtempSync(join(tmpdir(), 'suspects-'))
const arcface = (...args: string[]) =>
  spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8', cwd: room })

it('data suspects writes what to look at, and its decisions make a list that has no suspects left', () => {
  expect(arcface('synthesize', 'faces', '--people', '4', '--images', '4').status).toBe(0)
  expect(arcface('synthesize', 'other', '--people', '4', '--images', '2').status).toBe(0)
  const [ada, bob, cyd] = readdirSync(join(room, 'faces')).sort()
  const [first] = readdirSync(join(room, 'faces', ada!)).sort()
  copyFileSync(join(room, 'faces', ada!, first!), join(room, 'faces', bob!, `of-${first}`))
  renameSync(join(room, 'faces', cyd!), join(room, 'faces', '-=cyd "x" \u0639\u0644\u064a'))
  writeFileSync(join(room, 'faces', ada!, 'broken.jpg'), 'x')
  writeFileSync(join(room, 'tiny.onnx'), tinyModel({ dim: 8, normalize: true }))

  const options = ['--model', 'tiny.onnx', '--against', 'other', '--out', 'out']
  const done = arcface('data', 'suspects', 'faces', ...options, '--json')
  expect(done).toMatchObject({ status: 0, stderr: expect.not.stringContaining('error') })
  const summary = JSON.parse(done.stdout)
  expect(summary).toMatchObject({
    people: 4,
    images: 18,
    against: 'other',
    file: 'out/suspects.json',
  })
  expect(summary.findings).toMatchObject({ 'copy-of-two': 1, unreadable: 1 })
  const { findings } = JSON.parse(readFileSync(join(room, 'out/suspects.json'), 'utf8'))
  // The same people, drawn with the same seed.
  const shared = findings.filter(({ kind }: { kind: string }) => kind === 'shared-picture')
  expect(shared.length).toBeGreaterThanOrEqual(8)

  const dropped = new Set<string>()
  for (const { kind, images } of findings)
    if (kind === 'unreadable') dropped.add(images[0].path)
    else if (kind === 'copy-of-two') for (const { path } of images.slice(1)) dropped.add(path)
  const decisions = [...dropped].map((image) => ({ image, decision: 'drop' }))
  writeFileSync(join(room, 'decisions.json'), JSON.stringify({ roots: ['faces'], decisions }))
  expect(arcface('data', 'curate', 'decisions.json', 'list.txt').status).toBe(0)
  const again = arcface('data', 'suspects', 'faces', '--list', 'list.txt', ...options)
  expect(again.status).toBe(0)
  expect(again.stdout).toMatch(/^16 images of 4 people\n/)
  expect(again.stdout).toMatch(/pictures under several names: 0\n/)
  expect(again.stdout).toMatch(/images that cannot be decoded: 0\n/)
}, 60_000)
