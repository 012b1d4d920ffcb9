import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const bin = fileURLToPath(new URL('../../bin/arcface.js', import.meta.url))
const shared = fileURLToPath(new URL('../../../../../shared', import.meta.url))
const photos = join(shared, 'faces/photos')
const detector = ['--detector', join(shared, 'models/yunet_s_640_640.onnx')]
const model = [
  ...['--model', join(shared, 'models/MobileFaceNet.onnx'), '--range', '1'],
  ...['--mean', '0.485,0.456,0.406', '--std', '0.229,0.224,0.225', ...detector],
]
const room = mkdtempSync(join(tmpdir(), 'poor-faces-'))

afterAll(() => rmSync(room, { recursive: true }))

function arcface(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}
const json = (...args: string[]) => JSON.parse(arcface(...args, '--json').stdout)

describe.skipIf(!existsSync(photos))('poor faces on the command line', () => {
  const [good, blurred, tiny] = ['good.png', 'blurred.png', 'tiny.png'].map((name) =>
    join(room, 'poor/Ada', name),
  ) as [string, string, string]
  const any = ['--threshold', '-1', ...model]

  beforeAll(async () => {
    mkdirSync(join(room, 'poor/Ada'), { recursive: true })
    const [person] = readdirSync(photos).sort().slice(1)
    const [name] = readdirSync(join(photos, person!)).sort()
    const photo = sharp(join(photos, person!, name!)).resize(400, 400, { fit: 'inside' })
    await photo.clone().png().toFile(good)
    await photo.clone().blur(6).png().toFile(blurred)
    await sharp(good).resize(64, 64, { fit: 'inside' }).png().toFile(tiny)
  })

  it('verify says which photograph, what it lacks, and which options change it', () => {
    const { status, stdout } = arcface('verify', good, blurred, ...any)
    expect(status).toBe(0)
    expect(stdout).toMatch(/cannot be told, \S*blurred\.png: blurred \(sharpness \d+\)/)
    expect(stdout).toMatch(/--min-eyes, --min-sharpness, --min-grade, --any-quality/)
    expect(stdout).not.toMatch(/same person|different people|good\.png/)
    expect(json('verify', good, blurred, ...any)).toMatchObject({
      same: null,
      rejected: ['blurred'],
      a: { rejected: [] },
      b: { rejected: ['blurred'] },
    })
    const verify = (...options: string[]) => json('verify', good, tiny, ...any, ...options)
    expect(verify().rejected).toContain('small')
    expect(verify('--min-eyes', '0', '--min-sharpness', '0').rejected).not.toContain('small')
    expect(verify('--any-quality')).toMatchObject({ same: true, rejected: [] })
    expect(json('verify', good, good, ...any, '--min-eyes', '300')).toMatchObject({
      same: null,
      rejected: ['small'],
    })
    for (const wrong of ['-1', 'NaN', 'many', ''])
      expect(arcface('verify', good, good, '--min-sharpness', wrong).status).toBe(2)
  })

  it('enroll takes the good one alone, identify and cluster name and join nobody', () => {
    const gallery = join(room, 'gallery')
    const { enrolled, skipped } = json('enroll', gallery, join(room, 'poor'), ...model)
    expect(enrolled).toBe(1)
    expect(skipped).toMatchObject([
      { photo: 'Ada/blurred.png', reason: expect.stringMatching(/blurred \(sharpness/) },
      { photo: 'Ada/tiny.png', reason: expect.stringMatching(/small \(\d+ pixels/) },
    ])
    const one = arcface('enroll', gallery, blurred, '--person', 'Grace', ...model)
    expect(one.status).toBe(1)
    expect(one.stderr).toMatch(/error VISION_POOR_FACE: \S*blurred\.png: the face is blurred/)
    const { stdout } = arcface('identify', gallery, blurred, ...any)
    expect(stdout).toMatch(/blurred\.png at \d+,\d+: not recognised: blurred \(sharpness/)
    expect(stdout).not.toContain('Ada (')
    expect(json('identify', gallery, blurred, ...any, '--any-quality').photos).toMatchObject([
      { faces: [{ matches: [{ name: 'Ada' }] }] },
    ])
    const cluster = json('gallery', 'cluster', gallery, join(room, 'poor/Ada'), ...any)
    expect(cluster).toMatchObject({ known: 1, clusters: [] })
    expect(cluster.skipped.map(({ photo }: { photo: string }) => photo)).toEqual([
      'blurred.png',
      'tiny.png',
    ])
  }, 60_000)

  it('evaluate threshold measures no pairs of poor faces, which are alike', () => {
    const people = join(room, 'people')
    for (const [name, from] of [
      ['Ada', 'poor/Ada'],
      ['Grace', 'poor/Ada'],
    ] as const)
      cpSync(join(room, from), join(people, name), { recursive: true })
    // A good, a blurred and a tiny face each: 9 pairs across, of which one is of two good faces.
    const { stderr } = arcface('evaluate', 'threshold', '--images', people, ...model)
    expect(stderr).toMatch(/EVALUATE_PAIRS: 1 impostor pairs? of 2 people/)
  }, 60_000)

  it('prepare keeps poor faces, from which training gains', () => {
    const aligned = join(room, 'aligned')
    expect(json('prepare', join(room, 'poor'), aligned, ...detector).faces).toBe(3)
    expect(readdirSync(join(aligned, 'Ada'))).toHaveLength(3)
  })
})
